"""Parameters of requests, each a field of a dataclass in `contract`.

Validation, text in a query and schema are derived from the field's type, bounds and default.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Final, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from engine.api.errors import InvalidOptionError

_CONFIG: Final = ConfigDict(allow_inf_nan=False)
# Fields that are a request's body, or have parameters of their own.
_NO_PARAMS: Final = frozenset({"image", "inputs", "options", "scenes"})
# Prefix of pydantic's messages.
_SHOULD: Final = re.compile(r"^(Input|List|String|Tuple) should")


@cache
def model_of(*kinds: type) -> type[BaseModel]:
    """The parameters of some dataclasses in one model."""
    params: dict[str, Any] = {}
    for kind in kinds:
        hints = get_type_hints(kind, include_extras=True)
        for each in fields(kind):
            if each.name not in _NO_PARAMS:
                default = ... if each.default is MISSING else each.default
                default = default if each.default_factory is MISSING else each.default_factory()
                params[each.name] = (hints[each.name], default)
    return create_model(kinds[-1].__name__, __config__=_CONFIG, **params)


def read(model: type[BaseModel], values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters with defaults, from values or from their texts in a query.

    Raises:
        InvalidOptionError: a value is invalid.
    """
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = ".".join(map(str, first["loc"]))
        said = _SHOULD.sub(f"{name} must", first["msg"])
        sentence = said if said != first["msg"] else f"{name}: {said}"
        raise InvalidOptionError(f"{sentence}.") from None
    return {name: getattr(found, name) for name in type(found).model_fields}


def check(request: object) -> None:
    """Validate the parameters of a dataclass.

    Raises:
        InvalidOptionError: a value is invalid.
    """
    read(_model(request), _values(request))


def as_query(request: object) -> dict[str, str]:
    """The parameters of a dataclass as texts."""
    record = _model(request).model_construct(**_values(request)).model_dump(mode="json")
    return {name: _text(value) for name, value in record.items()}


def _values(request: object) -> dict[str, Any]:
    return {name: getattr(request, name) for name in _model(request).model_fields}


def _model(request: object) -> type[BaseModel]:
    kind: type = type(request)
    return model_of(kind)


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
