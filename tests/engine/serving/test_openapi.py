"""The engine against its own OpenAPI document: whatever that allows, and much that it does not."""

import io
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image
from schemathesis.checks import CHECKS, load_all_checks

from engine.serving.openapi import document
from engine.serving.server import STATUS


def _file(form: str, width: int, height: int) -> bytes:
    body = io.BytesIO()
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(body, form)
    return body.getvalue()


PICTURES = [_file("PNG", 48, 40), _file("JPEG", 64, 33), _file("WEBP", 40, 40)]
load_all_checks()
# A schema cannot say which bytes are a picture, nor which text is a style.
UNSAID = CHECKS.get_one("positive_data_acceptance")
# A millisecond is an allowed time to give, and too short.
SERVER_ERROR = CHECKS.get_one("not_a_server_error")

schemathesis.openapi.format("binary", st.sampled_from(PICTURES) | st.binary(max_size=200))
schemathesis.openapi.media_type("application/octet-stream", st.sampled_from(PICTURES))
schemathesis.openapi.format("style", st.sampled_from(["storm", "calm:2,storm", "sepia", "strom"]))
schema = schemathesis.openapi.from_dict(document(STATUS))


@schema.parametrize()
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_route_answers_as_it_says(case: Any, address: str, token: str) -> None:
    response = case.call(base_url=address, headers={"Authorization": f"Bearer {token}"})
    excluded = [UNSAID] if case.method == "POST" else []
    excluded += [SERVER_ERROR] if response.status_code == 504 else []
    case.validate_response(response, excluded_checks=excluded)
