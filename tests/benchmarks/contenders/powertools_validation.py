"""Powertools with `enable_validation=True`, and its batch processor with a model."""

from tests.benchmarks.contenders.powertools import resolver, served

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tests.benchmarks.cases import Handler


def api(gateway: str) -> "Handler":
    app = resolver(gateway, enable_validation=True)

    @app.get("/static")
    def static() -> dict[str, object]:
        return {"ok": True, "n": 1}

    @app.get("/items/<item_id>")
    def item(item_id: str) -> dict[str, object]:
        return {"id": item_id}

    return served(app)


missing = api


def orders(gateway: str) -> "Handler":
    from tests.benchmarks.order import Order

    app = resolver(gateway, enable_validation=True)

    @app.post("/orders")
    def create(order: Order) -> Order:
        return order

    return served(app)


def cors(gateway: str) -> "Handler":
    from aws_lambda_powertools.event_handler import CORSConfig

    allow = CORSConfig(allow_origin="https://example.com", allow_headers=["content-type"])
    app = resolver(gateway, enable_validation=True, cors=allow)

    @app.get("/static")
    def static() -> dict[str, object]:
        return {"ok": True, "n": 1}

    return served(app)


def plain(gateway: str, routes: int) -> "Handler":
    app = resolver(gateway, enable_validation=True)
    for number in range(routes):

        @app.get(f"/svc{number}/items/<item_id>")
        def read(item_id: str) -> dict[str, object]:
            return {"id": item_id, "ok": True}

    return served(app)


def typed(gateway: str, routes: int) -> "Handler":
    from tests.benchmarks.order import Order

    app = resolver(gateway, enable_validation=True)
    for number in range(routes):

        @app.post(f"/svc{number}/orders")
        def create(order: Order) -> Order:
            return order

    return served(app)


def sqs_typed() -> "Handler":
    from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
    from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
    from pydantic import Json

    from tests.benchmarks.order import Job

    class Message(SqsRecordModel):
        body: Json[Job]

    def work(record: Message) -> None: ...

    processor = BatchProcessor(event_type=EventType.SQS, model=Message)

    def handler(event: object, context: object) -> object:
        return process_partial_response(event=event, record_handler=work, processor=processor, context=context)

    return handler
