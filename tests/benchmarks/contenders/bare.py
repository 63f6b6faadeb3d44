"""Written by hand, for one kind of event and nothing else: the limit."""

from __future__ import annotations

from json import JSONEncoder, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from tests.benchmarks.cases import Handler

# A reused encoder takes a quarter of the time of json.dumps.
encode = JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _reply(value: Any) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    return {"statusCode": 200, "headers": headers, "body": encode(value), "isBase64Encoded": False}


def _not_found() -> dict[str, Any]:
    return {"statusCode": 404, "headers": {"Content-Type": "application/json"}, "body": '{"message":"not found"}'}


def _for(gateway: str, answer: Callable[[str, str, Any], Any]) -> Handler:
    """`answer`, called with method and path from where this gateway has them."""
    if gateway == "rest":
        return lambda event, context: answer(event["httpMethod"], event["path"], event)
    return lambda event, context: answer(event["requestContext"]["http"]["method"], event["rawPath"], event)


def api(gateway: str) -> Handler:
    def answer(method: str, path: str, event: Any) -> Any:
        if path == "/static" and method == "GET":
            return _reply({"ok": True, "n": 1})
        if path.startswith("/items/") and method == "GET":
            return _reply({"id": path[7:]})
        if path == "/orders" and method == "POST":
            return _reply(loads(event["body"]))
        return _not_found()

    return _for(gateway, answer)


missing = api
routed = rescued = dependent = layered = api  # nothing of the kind is needed where all is one function
awaiting = api  # what an async handler is compared with is a sync one, which needs no loop


def cors(gateway: str) -> Handler:
    allow = {
        "Access-Control-Allow-Origin": "https://example.com",
        "Access-Control-Allow-Methods": "GET",
        "Access-Control-Allow-Headers": "content-type",
    }

    def answer(method: str, path: str, event: Any) -> Any:
        if path == "/static" and method == "OPTIONS":
            return {"statusCode": 204, "headers": {**allow}, "body": ""}
        if path == "/static" and method == "GET":
            reply = _reply({"ok": True, "n": 1})
            reply["headers"]["Access-Control-Allow-Origin"] = "https://example.com"
            return reply
        return _not_found()

    return _for(gateway, answer)


def plain(gateway: str, routes: int) -> Handler:
    table = {}
    for number in range(routes):

        def read(item_id: str) -> Any:
            return _reply({"id": item_id, "ok": True})

        table["GET", f"svc{number}"] = read

    def answer(method: str, path: str, event: Any) -> Any:
        parts = path.split("/")
        handler = table.get((method, parts[1]))
        if handler is None or len(parts) != 4 or parts[2] != "items":
            return _not_found()
        return handler(parts[3])

    return _for(gateway, answer)


def static(gateway: str, routes: int) -> Handler:
    table = {}
    for number in range(routes):

        def read() -> Any:
            return _reply({"ok": True})

        table["GET", f"/page{number}"] = read

    def answer(method: str, path: str, event: Any) -> Any:
        handler = table.get((method, path))
        return _not_found() if handler is None else handler()

    return _for(gateway, answer)


def typed(gateway: str, routes: int) -> Handler:
    table = {}
    for number in range(routes):

        def create(event: Any) -> Any:
            return _reply(loads(event["body"]))

        table["POST", f"/svc{number}/orders"] = create

    def answer(method: str, path: str, event: Any) -> Any:
        handler = table.get((method, path))
        return _not_found() if handler is None else handler(event)

    return _for(gateway, answer)


def sized(size: int) -> Handler:
    data = "x" * size
    return _for("v2", lambda method, path, event: _reply({"data": data}))


def _batch(work: Callable[[Any], object]) -> Handler:
    def handler(event: Any, context: Any) -> Any:
        failed = []
        for record in event["Records"]:
            try:
                work(record)
            except Exception:  # noqa: BLE001 - whatever a handler raises
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    return handler


def sqs() -> Handler:
    return _batch(lambda record: None)


def sqs_json() -> Handler:
    return _batch(lambda record: loads(record["body"]))


def sqs_blocking(seconds: float) -> Handler:
    from time import sleep

    return _batch(lambda record: sleep(seconds))


def sqs_async(seconds: float = 0, concurrency: int | None = None) -> Handler:
    """All at once: asyncio.gather in a loop that lives on."""
    import asyncio

    loop = asyncio.new_event_loop()

    async def work(record: Any) -> None:
        if seconds:
            await asyncio.sleep(seconds)

    async def batch(event: Any) -> Any:
        records = event["Records"]
        results = await asyncio.gather(*[work(record) for record in records], return_exceptions=True)
        failed = [record for record, result in zip(records, results, strict=True) if result is not None]
        return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}

    return lambda event, context: loop.run_until_complete(batch(event))


def cron(jobs: int) -> Handler:
    """All jobs at once, whatever the time is."""
    import asyncio

    loop = asyncio.new_event_loop()

    async def job() -> None: ...

    async def tick() -> None:
        await asyncio.gather(*[job() for _ in range(jobs)])

    return lambda event, context: loop.run_until_complete(tick())
