"""What a column of JSON has."""

from typing import Any

Json = dict[str, Any]
