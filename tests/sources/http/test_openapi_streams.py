"""What the OpenAPI document says of routes that stream."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

from collections.abc import AsyncIterator, Iterator
from typing import Any

from pydantic import BaseModel

from lambdarouter import App, ServerSentEvent


class Piece(BaseModel):
    id: int


def test_a_route_that_streams_tells_its_media_type() -> None:
    app = App()

    @app.get("/text")
    def text() -> Iterator[str]:
        yield ""

    @app.get("/lines")
    def lines() -> Iterator[Piece]:
        yield Piece(id=1)

    @app.get("/events")
    async def events() -> AsyncIterator[Piece | ServerSentEvent]:
        yield ServerSentEvent()

    @app.get("/anything", status=203)
    def anything():  # type: ignore[no-untyped-def] # noqa: ANN202 - a handler need not say
        yield 1

    document: Any = app.openapi()
    replies = {path: methods["get"]["responses"] for path, methods in document["paths"].items()}
    assert replies["/text"]["200"]["content"] == {"text/plain": {"schema": {"type": "string"}}}
    assert replies["/lines"]["200"]["content"] == {
        "application/jsonl": {"x-itemSchema": {"$ref": "#/components/schemas/Piece"}}
    }
    assert list(replies["/events"]["200"]["content"]) == ["text/event-stream"]
    assert "content" not in replies["/anything"]["203"]
