from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest
from openapi_spec_validator import validate

from lambdarouter.testing import TestClient

HERE = Path(__file__).parent
TOKEN = {"authorization": "Bearer demo"}


@pytest.fixture
def bookshop() -> Iterator[ModuleType]:
    """The app's module, new for each test: it keeps orders in memory."""
    spec = spec_from_file_location("bookshop", HERE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["bookshop"] = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules["bookshop"]


def test_an_order_is_placed_looked_up_and_cancelled(bookshop: ModuleType) -> None:
    client = TestClient(bookshop.app)
    order = {"isbn": "9780141439600", "payment": {"kind": "card", "last_four": "4242"}}

    placed = client.post("/orders", json=order, headers=TOKEN).reply
    assert placed["statusCode"] == 201
    assert json.loads(placed["body"])["customer"] == "ada"
    assert client.get("/orders/1", headers=TOKEN).reply["statusCode"] == 200
    assert client.delete("/orders/1", headers=TOKEN).reply["statusCode"] == 204
    assert client.delete("/orders/1", headers=TOKEN).reply["statusCode"] == 404
    assert client.get("/orders/1").reply["statusCode"] == 401


def test_books_are_found_by_genre_price_and_isbn(bookshop: ModuleType) -> None:
    client = TestClient(bookshop.app)

    def titles(**query: str | list[str]) -> list[str]:
        return [book["title"] for book in json.loads(client.get("/books", params=query).reply["body"])]

    assert titles(genre="poetry") == ["Leaves of Grass"]
    assert titles(below="1200") == ["Crime and Punishment", "Leaves of Grass"]
    assert titles(isbn=["9780141182803", "9780141439600"]) == ["A Tale of Two Cities", "Leaves of Grass"]


def test_the_document_is_valid_and_tells_each_operation(bookshop: ModuleType) -> None:
    document = bookshop.app.openapi()

    validate(document)
    assert [(path, method) for path, item in document["paths"].items() for method in item] == [
        ("/books", "get"),
        ("/books/{isbn}", "get"),
        ("/books/{isbn}/cover", "get"),
        ("/books/{isbn}/reviews", "post"),
        ("/books/{isbn}/photos", "post"),
        ("/orders", "post"),
        ("/orders/{number}", "get"),
        ("/orders/{number}", "delete"),
    ]
