"""An HTTP API that documents itself: `/openapi.json` is its OpenAPI document, `/docs` a page that shows it.

On this machine: `lambdarouter openapi examples/bookshop/app.py`.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from lambdarouter import Allow, App, Deny, Form, Header, HttpError, OpenApi, Query, Response, Router, UploadFile

DESCRIPTION = """
Books, and orders of them. Everybody may look around; orders need a token.

- `Bearer demo` is a customer's token.
- Prices are in cents.
"""

app = App(
    openapi=OpenApi(
        "Bookshop",
        "1.0.0",
        description=DESCRIPTION,
        tags={"books": "What the shop has.", "orders": "What its customers want."},
        path="/openapi.json",
        docs="/docs",
    )
)


class Genre(StrEnum):
    NOVEL = "novel"
    ESSAY = "essay"
    POETRY = "poetry"


class Book(BaseModel):
    """A book that the shop sells."""

    isbn: str = Field(examples=["9780141439600"], description="ISBN-13, digits only.")
    title: str = Field(examples=["A Tale of Two Cities"])
    genre: Genre = Genre.NOVEL
    cents: int = Field(ge=0, examples=[1299])
    published: date | None = None


class Card(BaseModel):
    """Payment by card."""

    kind: Literal["card"]
    last_four: str = Field(pattern=r"^[0-9]{4}$", examples=["4242"])


class Invoice(BaseModel):
    """Payment within thirty days."""

    kind: Literal["invoice"]
    company: str = Field(min_length=1, examples=["Example Ltd"])


class Order(BaseModel):
    isbn: str = Field(examples=["9780141439600"])
    copies: int = Field(1, ge=1, le=20)
    payment: Annotated[Card | Invoice, Field(discriminator="kind")]


class Placed(Order):
    number: int = Field(description="The order's number, counted from 1.")
    customer: str


class Review(BaseModel):
    name: str = Field(min_length=1, max_length=40, examples=["Ada"])
    stars: int = Field(ge=1, le=5)
    text: str = ""


class SoldOut(BaseModel):
    isbn: str
    left: int


BOOKS = {
    book.isbn: book
    for book in (
        Book(isbn="9780141439600", title="A Tale of Two Cities", cents=1299, published=date(1859, 4, 30)),
        Book(isbn="9780140449136", title="Crime and Punishment", cents=1199),
        Book(isbn="9780141182803", title="Leaves of Grass", genre=Genre.POETRY, cents=999),
    )
}
ORDERS: dict[int, Placed] = {}

books = Router(prefix="/books")
orders = Router(prefix="/orders")


@app.authorizer()
def customer(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    kind, _, value = token.partition(" ")
    return Allow("ada") if kind.lower() == "bearer" and value.strip() == "demo" else Deny()


@books.get("", tags=["books"])
def search(
    genre: Annotated[Genre | None, Query()] = None,
    below: Annotated[int | None, Query(), Field(ge=0, description="The highest price, in cents.")] = None,
    isbn: Annotated[tuple[str, ...], Query()] = (),
) -> list[Book]:
    """Look for books.

    Without a filter: all of them. Several `isbn` give several books.
    """
    return [
        book
        for book in BOOKS.values()
        if genre in (None, book.genre) and (below is None or book.cents <= below) and (not isbn or book.isbn in isbn)
    ]


@books.get("/{isbn}", tags=["books"], responses={404: "No such book"})
def read(isbn: str) -> Book:
    """One book."""
    if isbn not in BOOKS:
        raise HttpError(404, "no such book")
    return BOOKS[isbn]


@books.get("/{isbn}/cover", tags=["books"], deprecated=True, responses={200: "A picture", 404: "No such book"})
def cover(isbn: str) -> Response:
    """The cover, as SVG."""
    if isbn not in BOOKS:
        raise HttpError(404, "no such book")
    text = '<svg xmlns="http://www.w3.org/2000/svg" width="60" height="90"><rect width="60" height="90"/></svg>'
    return Response(text, headers={"content-type": "image/svg+xml"})


@books.post("/{isbn}/reviews", tags=["books"], status=201, responses={404: "No such book"})
def review(isbn: str, written: Annotated[Review, Form()]) -> Review:
    """Review a book.

    As a form, the way a page without scripts sends it.
    """
    if isbn not in BOOKS:
        raise HttpError(404, "no such book")
    return written


@books.post("/{isbn}/photos", tags=["books"], status=201, auth=customer, responses={404: "No such book"})
def upload(isbn: str, photo: UploadFile, caption: Annotated[str, Form()] = "") -> dict[str, int | str]:
    """Upload a photo of a copy."""
    if isbn not in BOOKS:
        raise HttpError(404, "no such book")
    return {"bytes": photo.size, "caption": caption}


@orders.post("", tags=["orders"], status=201, auth=customer, responses={404: "No such book", 409: SoldOut})
def place(order: Order, who: Allow) -> Placed:
    """Order a book."""
    if order.isbn not in BOOKS:
        raise HttpError(404, "no such book")
    number = len(ORDERS) + 1
    ORDERS[number] = Placed(**order.model_dump(), number=number, customer=who.principal)
    return ORDERS[number]


@orders.get("/{number}", tags=["orders"], auth=customer, responses={404: "No such order"})
def look_up(number: int) -> Placed:
    """An order of one's own."""
    if number not in ORDERS:
        raise HttpError(404, "no such order")
    return ORDERS[number]


@orders.delete("/{number}", tags=["orders"], auth=customer, responses={404: "No such order"})
def cancel(number: int) -> None:
    """Cancel an order."""
    if ORDERS.pop(number, None) is None:
        raise HttpError(404, "no such order")


app.include(books)
app.include(orders)

handler = app
