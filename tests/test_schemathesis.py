"""Requests that nobody thought of, drawn from the OpenAPI document of an example, and what comes back."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import hypothesis
import schemathesis

from lambdarouter.asgi import asgi

EXAMPLES = Path(__file__).parents[1] / "examples"


def load() -> Any:
    spec = spec_from_file_location("bookshop_under_fire", EXAMPLES / "bookshop" / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


schema = schemathesis.openapi.from_asgi("/openapi.json", asgi(load()))


@schema.auth()
class Token:
    """The credential of the example's customers, which the requests carry but for those that test the guard."""

    def get(self, case: Any, context: Any) -> str:
        return "demo"

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["authorization"] = f"Bearer {data}"


@schema.parametrize()
@hypothesis.settings(max_examples=80, derandomize=True, database=None, deadline=None)
def test_no_request_gets_a_server_error_or_a_reply_that_is_not_in_the_document(case: Any) -> None:
    case.call_and_validate()
