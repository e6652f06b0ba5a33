"""The engine's OpenAPI document, made from the contract."""

import json
from importlib.metadata import version
from typing import Any, Final, get_args

from pydantic import BaseModel, TypeAdapter

from engine.api import analyses, contract, params
from engine.api.effect_spec import EffectSpec
from engine.api.errors import EngineError

_JSON: Final = "application/json"
_REFS: Final = "#/components/schemas/{model}"
_IMAGE: Final = {"type": "string", "format": "binary"}


def document(status: dict[type[EngineError], int]) -> dict[str, Any]:
    """Make the document.

    Args:
        status: HTTP status by error.
    """
    slug = {"name": "slug", "in": "path", "required": True, "schema": {"type": "string"}}
    post_stylize = _route(_STYLIZE, {"200": _pictures()}, status, body=_IMAGE)
    post_stylize["parameters"] = _in_query(
        params.model_of(contract.StylizeOptions, contract.StylizeRequest)
    )
    post_refine = _route(_REFINE, {"200": _LINES}, status, body=_IMAGE)
    post_refine["parameters"] = _in_query(params.model_of(contract.RefineParams))
    rendered = _pictures()
    rendered["description"] = f"A picture file. {_PICTURE_LINES}"
    rendered["content"][contract.NDJSON] = {"schema": _TEXT}
    post_render = _route(_RENDER, {"200": rendered}, status, body=_IMAGE)
    post_render["parameters"] = _in_query(
        params.model_of(contract.RenderRequest, contract.ProgressParams)
    )
    post_story = _route(_STORY, {"200": _FILM}, status)
    post_story["requestBody"] = _STORY_FORM
    post_story["parameters"] = _in_query(
        params.model_of(contract.StoryOptions, contract.StoryRequest, contract.ProgressParams)
    )
    post_normalise = _route(_NORMALISE, {"200": _pictures("jpeg", "png")}, status, body=_IMAGE)
    post_normalise["parameters"] = _in_query(params.model_of(contract.NormaliseParams))
    post_analyse = _route(_ANALYSE, {"200": _json(_ANALYSIS)}, status, body=_IMAGE)
    post_analyse["parameters"] = _in_query(params.model_of(contract.AnalyseParams))
    get_preview = _route("A sample photo in a style.", {"200": _pictures("jpeg")}, status)
    get_preview["parameters"] = [slug]
    return {
        "openapi": "3.1.0",
        "info": {"title": "stylebot engine", "version": version("stylebot")},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "BarePart": _BARE_PART,
                "Face": _FACE,
                "Failure": _FAILURE,
                "Style": _STYLE,
            }
            | _EFFECT_PARTS
            | _BLEND_PARTS,
        },
        "security": [{"token": []}, {}],
        "paths": {
            contract.EFFECTS_PATH: {
                "get": _route("What can be done to a picture.", {"200": _json(_EFFECTS)}, status)
            },
            contract.RENDER_PATH: {"post": post_render},
            contract.STORIES_PATH: {"post": post_story},
            contract.NORMALISE_PATH: {"post": post_normalise},
            contract.ANALYSE_PATH: {"post": post_analyse},
            contract.STYLIZE_PATH: {"post": post_stylize},
            contract.EXTRACT_PATH: {
                "post": _route(
                    "Read the style of a picture.",
                    {"200": _json(_CODE)},
                    status,
                    body=_IMAGE,
                )
            },
            contract.BLEND_PATH: {
                "post": _route(
                    "Mix painted styles by weight.", {"200": _json(_CODE)}, status, takes=_BLEND
                )
            },
            contract.REFINE_PATH: {"post": post_refine},
            contract.STYLES_PATH: {
                "get": _route("Every style by name.", {"200": _json(_STYLES)}, status)
            },
            contract.PREVIEW_PATH: {"get": get_preview},
            contract.CAPABILITIES_PATH: {
                "get": _route("What the engine can do.", {"200": _json(_CAPABILITIES)}, status)
            },
            contract.QUEUE_PATH: {
                "get": _route("How long the queue is.", {"200": _json(_QUEUE)}, status)
            },
            contract.HEALTH_PATH: {
                "get": _route("Whether the process lives.", {"200": _json(_STATUS)}, status)
            },
            contract.READY_PATH: {
                "get": _route("Whether it takes pictures.", {"200": _json(_STATUS)}, status)
            },
            contract.METRICS_PATH: {
                "get": _route("Prometheus's text format.", {"200": _text()}, status)
            },
            contract.OPENAPI_PATH: {
                "get": _route("This document.", {"200": _json({"type": "object"})}, status)
            },
        },
    }


def _answer(kind: type) -> dict[str, Any]:
    """The schema of an answer that is a dataclass of the contract."""
    properties = TypeAdapter(kind).json_schema(mode="serialization")["properties"]
    return _record(**properties)


def _result(kind: type[analyses.Analysis]) -> dict[str, Any]:
    """The schema of an analysis."""
    schema = TypeAdapter(kind).json_schema(mode="serialization", ref_template=_REFS)
    return _record(what={"const": kind.what}, **schema["properties"])


def _with_parts(name: str, kind: type) -> dict[str, Any]:
    """The schemas of a dataclass and of those that it has, by name."""
    schema = TypeAdapter(kind).json_schema(mode="serialization", ref_template=_REFS)
    parts = schema.pop("$defs", {}) | {name: schema}
    return {part: _record(**found["properties"]) for part, found in parts.items()}


def _record(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


_TEXT: Final = {"type": "string"}
_FAILURE: Final = _record(code=_TEXT, message=_TEXT)
_STATUS: Final = _record(status=_TEXT)
_CODE: Final = _record(code=_TEXT)
_BLEND: Final = contract.BlendBody.model_json_schema(ref_template=_REFS)
_BLEND_PARTS: Final = _BLEND.pop("$defs")
_FACE: Final = _answer(analyses.Face)
_BARE_PART: Final = _answer(analyses.BarePart)
_STYLE: Final = _answer(contract.StyleInfo)
_STYLES: Final = _record(styles={"type": "array", "items": {"$ref": "#/components/schemas/Style"}})
_ANALYSIS: Final = {"oneOf": [_result(kind) for kind in get_args(analyses.Analysis)]}
_CAPABILITIES: Final = _answer(contract.Capabilities)
_EFFECT_PARTS: Final = _with_parts("Effect", EffectSpec)
_EFFECTS: Final = _record(
    effects={"type": "array", "items": {"$ref": "#/components/schemas/Effect"}}
)
_STYLIZE: Final = "Paint a picture, as before there were effects; for one release more."
_RENDER: Final = (
    "Do steps to a picture. Pictures and masks that params name are parts of the form with a file "
    "name, and each is named by one. With progress=true the answer is JSON, one object a line."
)
_STORY: Final = "Make a film of photos that turn into their paintings; previews do nothing here."
_SCENE_PARTS: Final = {
    f"{part}-{number}": _IMAGE
    for number in range(contract.SCENES_MAX)
    for part in ("photo", "painting")
}
_STORY_FORM: Final = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": _SCENE_PARTS,
                "required": ["photo-0", "painting-0"],
            }
        }
    },
}
_NORMALISE: Final = "The picture upright, in sRGB, without metadata."
_ANALYSE: Final = "What is in a picture: faces, people or bare bodies. Nothing is stored."
_REFINE: Final = "Look for a code that resembles the pictures it was read from more."
_LINES: Final = {
    "description": (
        'JSON objects, one a line: {"progress": 0.25} about once a second or more often; the last '
        'is {"refinement": {"code": ..., "gram_before": ..., "gram_after": ...}} or '
        '{"error": {"code": ..., "message": ...}}. Hanging up ends the search.'
    ),
    "content": {contract.NDJSON: {"schema": _TEXT}},
}
_PICTURE_LINES: Final = (
    'With progress=true {"progress": 0.25} now and then, {} as a sign of life, and last '
    '{"picture": base64, "content_type": ..., "partial": false, "absent": []} or '
    '{"error": {"code": ..., "message": ...}}. With previews=true, too, a line of a slow effect '
    'that has come a good deal further has "preview": the picture by then, a small JPEG in base64.'
)
_FILM: Final = {
    "description": f"A film. {_PICTURE_LINES}",
    "content": {"video/mp4": {"schema": _IMAGE}, contract.NDJSON: {"schema": _TEXT}},
}
_QUEUE: Final = _answer(contract.QueueState)


def _in_query(model: type[BaseModel]) -> list[dict[str, Any]]:
    """A model's fields as query parameters."""
    schema = model.model_json_schema()
    parameters = []
    for name, each in schema["properties"].items():
        if each.get("contentMediaType") == _JSON:
            each["default"] = json.dumps(each["default"])
        required = name in schema.get("required", ())
        parameters.append({"name": name, "in": "query", "required": required, "schema": each})
    return parameters


def _route(
    summary: str,
    answers: dict[str, dict[str, Any]],
    status: dict[type[EngineError], int],
    body: dict[str, Any] | None = None,
    takes: dict[str, Any] | None = None,
) -> dict[str, Any]:
    failure = _json({"$ref": "#/components/schemas/Failure"})
    codes: dict[int, list[str]] = {405: ["method_not_allowed"], 500: ["internal"]}
    for kind, number in status.items():
        codes.setdefault(number, []).append(kind.code)
    failures = {
        str(number): failure | {"description": ", ".join(sorted(names))}
        for number, names in sorted(codes.items())
    }
    route: dict[str, Any] = {"summary": summary, "responses": answers | failures}
    if body:
        form = _record(image=_IMAGE)
        route["requestBody"] = {
            "required": True,
            "content": {
                "application/octet-stream": {"schema": body},
                "multipart/form-data": {"schema": form},
            },
        }
    if takes:
        route["requestBody"] = {"required": True, "content": {_JSON: {"schema": takes}}}
    return route


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": "As the schema says.", "content": {_JSON: {"schema": schema}}}


def _text() -> dict[str, Any]:
    return {"description": "Text.", "content": {"text/plain": {"schema": _TEXT}}}


def _pictures(*formats: str) -> dict[str, Any]:
    kinds = formats or get_args(contract.OutputFormat)
    content = {f"image/{kind}": {"schema": _IMAGE} for kind in kinds}
    return {"description": "A picture file.", "content": content}
