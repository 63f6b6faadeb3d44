"""Harbour Books: the back office of a small bookshop in one file, for one AWS Lambda function.

It answers an HTTP API and authorizes its callers, runs five jobs on one hourly tick, listens to topics, queues, a
bucket, a bus, a table and alarms, sorts the mail, fits out shelves for its stack, and restocks when told to. `make
demo` sends it the events of all these sources and shows what becomes of each.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from hmac import compare_digest
from os import environ
from time import perf_counter
from typing import Annotated, Literal

from anyio import sleep
from pydantic import BaseModel, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from lambdarouter import (
    AlarmEvent,
    Allow,
    App,
    Call,
    Deny,
    Depends,
    Disposition,
    DynamoDbRecord,
    Header,
    HttpError,
    S3Record,
    SesMail,
    SnsRecord,
    Tick,
)
from lambdarouter.stores.dynamodb import DynamoDbStore
from lambdarouter.stores.memory import MemoryStore


def open_store() -> DynamoDbStore | MemoryStore:
    """What once=True remembers. Without a table each Lambda environment has a memory of its own, as in the demo."""
    table = environ.get("HARBOUR_ONCE_TABLE")
    return DynamoDbStore(table) if table else MemoryStore()


app = App(store=open_store())
handler = app  # Lambda's entry point is "app.handler"; the app itself is what Lambda calls
log = logging.getLogger("harbour")


# ---- What handlers ask for: typed data, the configuration, the shop ----


class Book(BaseModel):
    isbn: str
    title: str


class Order(BaseModel):
    id: int
    isbn: str
    quantity: Annotated[int, Field(ge=1)]
    email: str


class Job(BaseModel):
    """An order to pack."""

    id: int


class Placed(BaseModel):
    """What the web shop says of an order on the bus."""

    id: int
    total: float


class Shelf(BaseModel):
    books: int
    lit: bool = False


class Restock(BaseModel):
    task: Literal["restock"]
    isbn: str
    copies: Annotated[int, Field(ge=1)]


class Report(BaseModel):
    orders: int
    copies: int
    journal: list[str]


class Settings(BaseSettings):
    """From the environment: HARBOUR_STAFF_TOKEN and so on. The defaults are for the demo."""

    model_config = SettingsConfigDict(env_prefix="HARBOUR_", frozen=True)

    staff_token: SecretStr = SecretStr("staff-token")
    admin_token: SecretStr = SecretStr("admin-token")
    sender: str = "orders@harbour.example.com"


class Shop:
    """The shop's records. In memory, so that the example needs no database; each Lambda environment has its own."""

    def __init__(self) -> None:
        self.books = {"9780141439518": Book(isbn="9780141439518", title="Pride and Prejudice")}
        self.orders = {
            number: Order(id=number, isbn="9780141439518", quantity=2, email="ada@example.com") for number in (1, 2, 17)
        }
        self.cancelled: set[int] = set()
        self.journal: list[str] = []


def read_settings() -> Settings:
    return Settings()


def open_shop() -> Shop:
    return Shop()


# scope="app": made once, before the first event, and shared by all. A setting that is missing or malformed fails then.
Config = Annotated[Settings, Depends(read_settings, scope="app")]
Records = Annotated[Shop, Depends(open_shop, scope="app")]
Credential = Annotated[str, Header("authorization")]


@app.middleware
def timed(call: Call) -> Generator[None]:
    """Runs around every call of every source; what it yields to is the handler."""
    start = perf_counter()
    try:
        yield
    finally:
        name = "nobody" if call.route is None else call.route.name
        log.info("%s: %s took %.1f ms", call.source, name, (perf_counter() - start) * 1000)


# ---- Authorizers: API Gateway asks them, and where nobody has asked, the guarded route does so itself ----


@app.authorizer()
def staff(credential: Credential, config: Config) -> Allow | Deny:
    return Allow("staff", scope="orders") if is_bearer(credential, config.staff_token) else Deny()


@app.authorizer()
def admin(credential: Credential, config: Config) -> Allow | Deny:
    return Allow("admin") if is_bearer(credential, config.admin_token) else Deny()


def is_bearer(credential: str, token: SecretStr) -> bool:
    # Not ==, whose time tells how much of a guess was right.
    return compare_digest(credential.encode(), f"Bearer {token.get_secret_value()}".encode())


# ---- HTTP: REST API, HTTP API, function URL and load balancer alike ----


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "open"}


@app.get("/books/{isbn}")
def find_book(isbn: str, shop: Records) -> Book:
    book = shop.books.get("".join(filter(str.isdigit, isbn)))  # people write 978-0-14-143951-8
    if book is None:
        raise HttpError(404, "no such book")
    return book


@app.get("/orders/{order_id}", auth=staff)
def read_order(order_id: int, shop: Records) -> Order:
    order = shop.orders.get(order_id)
    if order is None:
        raise HttpError(404, "no such order")
    return order


@app.post("/orders", status=201, auth=staff)
def take_order(order: Order, who: Allow, shop: Records) -> Order:
    """Gets the JSON body, validated, and the verdict of the guard that let the caller in."""
    shop.orders[order.id] = order
    shop.journal.append(f"{who.principal} took order {order.id}")
    return order


@app.delete("/orders/{order_id}", auth=admin)
def cancel_order(order_id: int, shop: Records) -> None:
    shop.cancelled.add(order_id)  # the order itself is kept, for the books


@app.get("/admin/report", auth=admin)
def report(shop: Records) -> Report:
    orders = [order for order in shop.orders.values() if order.id not in shop.cancelled]
    return Report(orders=len(orders), copies=sum(order.quantity for order in orders), journal=shop.journal)


@app.get("/admin/crash", auth=admin)
def crash() -> None:
    """Fails on purpose: the client gets a 500 without details, the log gets the traceback."""
    raise RuntimeError("the printer is on fire")


# ---- Cron: one hourly rule drives all jobs; those due on the same tick run side by side ----


@app.cron(every="3h")
async def refresh_catalogue(tick: Tick, shop: Records) -> None:
    await sleep(0.01)  # stands for a call to the publishers
    shop.journal.append(f"catalogue refreshed at {tick.slot:%H:%M}")


@app.cron(every="2h", offset="1h")
async def count_stock(tick: Tick, shop: Records) -> None:
    await sleep(0.01)
    shop.journal.append(f"stock counted at {tick.slot:%H:%M}")


@app.cron("30 6 * * MON-FRI", timezone="Europe/Madrid")
def print_packing_list(tick: Tick, shop: Records) -> None:
    """Runs on the tick after 06:30; `tick.slot` is 06:30 in Madrid, in summer and in winter."""
    shop.journal.append(f"packing list for {tick.slot:%A %H:%M %Z}")


@app.cron("0 9 * * *", timezone="America/New_York")
def greet_new_york(tick: Tick, shop: Records) -> None:
    shop.journal.append(f"newsletter at {tick.slot:%H:%M %Z}")


@app.cron("@daily", once=True)  # EventBridge may send a tick twice; the day is closed once
def close_the_day(shop: Records) -> None:
    shop.journal.append(f"day closed, orders so far: {len(shop.orders)}")


# ---- SNS: every handler of a topic runs; if one fails, SNS delivers again ----


@app.sns("orders", attributes={"kind": "created"})
async def announce(order: Order, config: Config, shop: Records) -> None:
    await sleep(0.01)  # stands for sending the mail
    shop.journal.append(f"{config.sender} to {order.email}: order {order.id} is on its way")


@app.sns("orders")
def audit(record: SnsRecord, shop: Records) -> None:
    """Takes the notification as it is, so a message that is no order is audited too."""
    shop.journal.append(f"audited {record.message_id}")


@app.sns("stock-alerts")
def reorder(alert: str, shop: Records) -> None:
    shop.journal.append(f"to reorder: {alert}")


# ---- SES: every matching handler runs, and the strictest disposition wins ----


@app.ses(recipient="*@support.harbour.example.com")
def open_ticket(mail: SesMail, shop: Records) -> None:
    """Spam gets a ticket too, marked as such: a customer's mail may have been taken for it."""
    shop.journal.append(f"ticket {'(spam?) ' if mail.spam == 'FAIL' else ''}from {mail.sender}: {mail.subject}")


@app.ses(spam="FAIL")
@app.ses(virus="FAIL")
def drop_mail() -> Disposition:
    return Disposition.STOP_RULE_SET


# Anyone can write a From header: DMARC says whether this one is the domain's own.
@app.ses(sender=["*@suppliers.example.com", "*@*.suppliers.example.com"], dmarc="PASS")
async def file_invoice(mail: SesMail, shop: Records) -> None:
    await sleep(0.01)
    shop.journal.append(f"invoice from {mail.sender}: {mail.subject}")


# ---- SQS: one call per message; those that fail are reported, and come again alone ----


@app.sqs(["jobs", "jobs.fifo"], concurrency=10)  # in the FIFO queue, what follows a failure in its group waits for it
def pack(job: Job, shop: Records) -> None:
    order = shop.orders.get(job.id)
    if order is None:
        raise LookupError(f"order {job.id} is unknown")
    shop.journal.append(f"packed order {order.id} for {order.email}")


# ---- S3, EventBridge, DynamoDB: what happens elsewhere ----


@app.s3("uploads", events="ObjectCreated:*", suffix=[".jpg", ".png"])
async def take_cover(cover: S3Record, shop: Records) -> None:
    await sleep(0.01)  # stands for making a thumbnail
    shop.journal.append(f"cover {cover.key}, {cover.size} bytes")


@app.eventbridge("shop.orders", "OrderPlaced", pattern={"detail": {"total": [{"numeric": [">", 100]}]}}, once=True)
def thank(order: Placed, shop: Records) -> None:
    """Only for large orders, and once: an event may come twice, a voucher must not."""
    shop.journal.append(f"voucher for order {order.id} of {order.total:.2f}")


@app.dynamodb("orders", events=["INSERT", "REMOVE"])
def keep_ledger(change: DynamoDbRecord, shop: Records) -> None:
    """The changes of one order run in order, those of several side by side."""
    shop.journal.append(f"ledger: {change.event_name} {change.keys['id']}")


@app.alarm("checkout*", state="ALARM")
def wake_somebody(alarm: AlarmEvent, shop: Records) -> None:
    shop.journal.append(f"woken by {alarm.name}")


# ---- CloudFormation and direct invocations: somebody waits for the answer ----


@app.cloudformation("Custom::Shelf", on=["Create", "Update"])  # a shelf that goes needs nothing done
def fit_out(shelf: Shelf) -> dict[str, int]:
    """What it returns, `!GetAtt Shelf.Lamps` reads in the template."""
    return {"Places": shelf.books, "Lamps": shelf.books // 4 if shelf.lit else 0}


@app.invoke()
def restock(order: Restock, shop: Records) -> dict[str, int]:
    shop.journal.append(f"{order.copies} copies of {order.isbn}")
    return {order.isbn: order.copies}
