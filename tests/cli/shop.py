"""The app that the command line's tests send events to."""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from pydantic import BaseModel

from lambdarouter import Allow, App, Context, Deny, Disposition, Header, Router, SesMail, SnsRecord, Tick, Unauthorized


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    sys.stdout.write("opened\n")
    yield
    sys.stdout.write("closed\n")


app = App(lifespan=lifespan)
router = Router()


class Order(BaseModel):
    id: int
    isbn: str
    quantity: int
    email: str


@app.authorizer()
def staff(token: Annotated[str | None, Header("authorization")]) -> Allow | Deny:
    if token is None:
        raise Unauthorized
    return Allow("ada", role="staff") if token == "Bearer staff-token" else Deny()


@app.get("/health")
def health() -> dict[str, bool]:
    return {"ok": True}


@app.get("/orders/{order_id}", auth=staff)
async def read(order_id: int) -> dict[str, int]:
    return {"id": order_id}


@app.post("/orders", status=201, auth=staff)
def create(order: Order) -> Order:
    return order


@app.get("/admin/crash")
@app.get("/crash")
def crash() -> None:
    raise RuntimeError("boom")


@app.cron(every="3h")
def sweep(tick: Tick) -> None: ...


@app.cron("30 6 * * MON-FRI", timezone="Europe/Madrid")
async def report(tick: Tick) -> None: ...


@app.sns("orders")
async def announce(order: Order) -> None: ...


@app.sns("orders")
def audit(record: SnsRecord) -> None:
    sys.stdout.write(f"audited {record.message}\n")


@app.sns("both-fail")
def first(text: str) -> None:
    raise ValueError(text)


@app.sns("both-fail")
def second(text: str) -> None:
    raise KeyError(text)


@app.sns("hangs")
def hang(record: SnsRecord) -> None:
    threading.Event().wait(60)


@app.sns("exits")
def leave(record: SnsRecord) -> None:
    sys.exit(3)


@app.sns("time-left")
def time_left(context: Context) -> None:
    raise TimeoutError(round(context.remaining()))


@app.ses(recipient="*@support.harbour.example.com")
def ticket(mail: SesMail) -> Disposition:
    return Disposition.CONTINUE
