"""lambdarouter, as its pages tell to use it."""

from lambdarouter import App

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from tests.benchmarks.cases import Handler


def _static(app: "Any") -> None:
    @app.get("/static")
    def static() -> dict[str, object]:
        return {"ok": True, "n": 1}


def api(gateway: str) -> "Handler":
    app = App()
    _static(app)

    @app.get("/items/{item_id}")
    def item(item_id: str) -> dict[str, object]:
        return {"id": item_id}

    return app


missing = api


def orders(gateway: str) -> "Handler":
    from tests.benchmarks.order import Order

    app = App()

    @app.post("/orders")
    def create(order: Order) -> Order:
        return order

    return app


def awaiting(gateway: str) -> "Handler":
    app = App()

    @app.get("/static")
    async def static() -> dict[str, object]:
        return {"ok": True, "n": 1}

    return app


def routed(gateway: str) -> "Handler":
    from lambdarouter import Router

    router = Router()
    _static(router)
    app = App()
    app.include(router)
    return app


def rescued(gateway: str) -> "Handler":
    app = App()
    _static(app)

    @app.exception_handler(KeyError)
    def answer(error: KeyError) -> dict[str, object]:
        return {"missing": str(error)}

    return app


def dependent(gateway: str) -> "Handler":
    from typing import Annotated

    from lambdarouter import Depends

    app = App()

    def number() -> int:
        return 1

    @app.get("/static")
    def static(n: Annotated[int, Depends(number)]) -> dict[str, object]:
        return {"ok": True, "n": n}

    return app


def layered(gateway: str) -> "Handler":
    from lambdarouter import Call

    app = App()

    @app.middleware
    def layer(call: Call) -> "Iterator[None]":
        yield

    _static(app)
    return app


def cors(gateway: str) -> "Handler":
    from lambdarouter import Cors

    app = App(cors=Cors("https://example.com", headers=["content-type"]))
    _static(app)
    return app


def plain(gateway: str, routes: int) -> "Handler":
    app = App()
    for number in range(routes):

        @app.get(f"/svc{number}/items/{{item_id}}")
        def read(item_id: str) -> dict[str, object]:
            return {"id": item_id, "ok": True}

    return app


def static(gateway: str, routes: int) -> "Handler":
    app = App()
    for number in range(routes):

        @app.get(f"/page{number}")
        def read() -> dict[str, object]:
            return {"ok": True}

    return app


def typed(gateway: str, routes: int) -> "Handler":
    from tests.benchmarks.order import Order

    app = App()
    for number in range(routes):

        @app.post(f"/svc{number}/orders")
        def create(order: Order) -> Order:
            return order

    return app


def sized(size: int) -> "Handler":
    import pydantic  # noqa: F401 - an app with models has it; it also encodes the replies then

    app = App()
    data = "x" * size

    @app.get("/big")
    def large() -> dict[str, object]:
        return {"data": data}

    return app


def sqs() -> "Handler":
    from lambdarouter import SqsRecord

    app = App()

    @app.sqs("*", concurrency=1)
    def work(record: SqsRecord) -> None: ...

    return app


def sqs_json() -> "Handler":
    app = App()

    @app.sqs("*", concurrency=1)
    def work(job: dict[str, object]) -> None: ...

    return app


def sqs_typed() -> "Handler":
    from tests.benchmarks.order import Job

    app = App()

    @app.sqs("*", concurrency=1)
    def work(job: Job) -> None: ...

    return app


def sqs_blocking(seconds: float, concurrency: int | None = None) -> "Handler":
    from time import sleep

    from lambdarouter import SqsRecord

    app = App()

    @app.sqs("*", concurrency=concurrency)
    def work(record: SqsRecord) -> None:
        sleep(seconds)

    return app


def sqs_async(seconds: float = 0, concurrency: int | None = None) -> "Handler":
    import asyncio

    from lambdarouter import SqsRecord

    app = App()

    @app.sqs("*", concurrency=concurrency)
    async def work(record: SqsRecord) -> None:
        if seconds:
            await asyncio.sleep(seconds)

    return app


def cron(jobs: int) -> "Handler":
    app = App()
    for _ in range(jobs):

        @app.cron("0 * * * *")
        async def job() -> None: ...

    return app
