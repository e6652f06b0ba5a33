"""Values in JSON columns."""

from typing import Any

Json = dict[str, Any]
