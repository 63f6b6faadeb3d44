"""What a route says of itself for the OpenAPI document."""

from __future__ import annotations

from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, Router


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tags": "orders"}, "tags is 'orders'"),
        ({"tags": [1]}, "list of names"),
        ({"summary": ""}, "summary is ''"),
        ({"operation_id": 7}, "operation_id is 7"),
        ({"deprecated": "no"}, "deprecated is 'no'"),
        ({"documented": None}, "documented is None"),
        ({"responses": {"404": "no such order"}}, "key '404'"),
        ({"responses": {99: "?"}}, "key 99"),
    ],
)
def test_what_is_no_description_is_refused_at_import(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        App().get("/", **options)(lambda: None)


def test_a_router_keeps_what_a_route_says_of_itself() -> None:
    router, app = Router(prefix="/v1"), App()
    router.get("/orders", tags=["orders"], summary="Every order.", deprecated=True)(lambda: None)
    app.include(router)

    (route,) = app.routes
    described: Any = route.trigger.described  # type: ignore[attr-defined]
    assert (described.tags, described.summary, described.deprecated) == (("orders",), "Every order.", True)
    assert described.under(["v1", "orders"]).tags == ("v1", "orders")
