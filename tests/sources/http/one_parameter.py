"""Apps whose one handler has one parameter, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from lambdarouter import App, Response

if TYPE_CHECKING:
    from tests.sources.http.conftest import Answer

__all__ = ["Line", "Order", "app_with", "got", "reasons"]


class Order(BaseModel):
    id: int
    sku: str = "none"


@dataclass
class Line:
    sku: str
    count: int = 1


def app_with(annotation: Any, *default: Any, path: str = "/x", method: str = "GET", name: str = "p") -> App:
    """An app with one route, whose one parameter is annotated so and replied as its repr."""

    def handler(p: Any) -> Response:
        return Response(repr(p))

    handler.__annotations__["p"] = annotation
    handler.__defaults__ = default
    if name != "p":
        handler.__code__ = handler.__code__.replace(co_varnames=(name,))
        handler.__annotations__[name] = handler.__annotations__.pop("p")
    app = App()
    app.route(path, methods=[method])(handler)
    return app


def got(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return answer.body.decode()


def reasons(answer: Answer, status: int = 422) -> list[list[Any]]:
    assert answer.status == status, answer.body
    return [error["loc"] for error in answer.problem["errors"]]
