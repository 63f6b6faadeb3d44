"""Powertools for AWS Lambda, without validation, and its batch processors."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tests.benchmarks.cases import Handler


def resolver(gateway: str, **options: "Any") -> "Any":
    from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, APIGatewayRestResolver

    return (APIGatewayRestResolver if gateway == "rest" else APIGatewayHttpResolver)(**options)


def served(app: "Any") -> "Handler":
    def handler(event: "Any", context: "Any") -> "Any":
        return app.resolve(event, context)

    return handler


def _static(app: "Any") -> None:
    @app.get("/static")
    def static() -> dict[str, object]:
        return {"ok": True, "n": 1}


def api(gateway: str, **options: "Any") -> "Handler":
    app = resolver(gateway, **options)
    _static(app)

    @app.get("/items/<item_id>")
    def item(item_id: str) -> dict[str, object]:
        return {"id": item_id}

    return served(app)


missing = api


def routed(gateway: str, **options: "Any") -> "Handler":
    from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

    router = APIGatewayHttpRouter()
    _static(router)
    app = resolver(gateway, **options)
    app.include_router(router)
    return served(app)


def rescued(gateway: str, **options: "Any") -> "Handler":
    app = resolver(gateway, **options)
    _static(app)

    @app.exception_handler(KeyError)
    def answer(error: KeyError) -> dict[str, object]:
        return {"missing": str(error)}

    return served(app)


def layered(gateway: str, **options: "Any") -> "Handler":
    app = resolver(gateway, **options)

    def layer(app: "Any", next_middleware: "Any") -> "Any":
        return next_middleware(app)

    app.use(middlewares=[layer])
    _static(app)
    return served(app)


def cors(gateway: str, **options: "Any") -> "Handler":
    from aws_lambda_powertools.event_handler import CORSConfig

    allow = CORSConfig(allow_origin="https://example.com", allow_headers=["content-type"])
    app = resolver(gateway, cors=allow, **options)
    _static(app)
    return served(app)


def plain(gateway: str, routes: int, **options: "Any") -> "Handler":
    app = resolver(gateway, **options)
    for number in range(routes):

        @app.get(f"/svc{number}/items/<item_id>")
        def read(item_id: str) -> dict[str, object]:
            return {"id": item_id, "ok": True}

    return served(app)


def static(gateway: str, routes: int) -> "Handler":
    app = resolver(gateway)
    for number in range(routes):

        @app.get(f"/page{number}")
        def read() -> dict[str, object]:
            return {"ok": True}

    return served(app)


def sized(size: int) -> "Handler":
    app = resolver("v2")
    data = "x" * size

    @app.get("/big")
    def large() -> dict[str, object]:
        return {"data": data}

    return served(app)


def batch(work: "Any", **options: "Any") -> "Handler":
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response

    processor = BatchProcessor(event_type=EventType.SQS, **options)

    def handler(event: "Any", context: "Any") -> "Any":
        return process_partial_response(event=event, record_handler=work, processor=processor, context=context)

    return handler


def sqs() -> "Handler":
    def work(record: "Any") -> None: ...

    return batch(work)


def sqs_json() -> "Handler":
    def work(record: "Any") -> None:
        record.json_body  # noqa: B018 - parsed when it is read

    return batch(work)


def sqs_blocking(seconds: float) -> "Handler":
    from time import sleep

    def work(record: "Any") -> None:
        sleep(seconds)

    return batch(work)


def sqs_async(seconds: float = 0, concurrency: int | None = None) -> "Handler":
    """All records at once: there is no limit to set."""
    import asyncio

    from aws_lambda_powertools.utilities.batch import AsyncBatchProcessor, EventType, async_process_partial_response

    processor = AsyncBatchProcessor(event_type=EventType.SQS)

    async def work(record: "Any") -> None:
        if seconds:
            await asyncio.sleep(seconds)

    def handler(event: "Any", context: "Any") -> "Any":
        return async_process_partial_response(event=event, record_handler=work, processor=processor, context=context)

    return handler
