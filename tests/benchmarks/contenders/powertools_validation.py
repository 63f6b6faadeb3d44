"""Powertools with `enable_validation=True`, and its batch processor with a model."""

from functools import partial

from tests.benchmarks.contenders import powertools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tests.benchmarks.cases import Handler


api = missing = partial(powertools.api, enable_validation=True)
cors = partial(powertools.cors, enable_validation=True)
plain = partial(powertools.plain, enable_validation=True)


def orders(gateway: str) -> "Handler":
    from tests.benchmarks.order import Order

    app = powertools.resolver(gateway, enable_validation=True)

    @app.post("/orders")
    def create(order: Order) -> Order:
        return order

    return powertools.served(app)


def typed(gateway: str, routes: int) -> "Handler":
    from tests.benchmarks.order import Order

    app = powertools.resolver(gateway, enable_validation=True)
    for number in range(routes):

        @app.post(f"/svc{number}/orders")
        def create(order: Order) -> Order:
            return order

    return powertools.served(app)


def sqs_typed() -> "Handler":
    from aws_lambda_powertools.utilities.parser.models import SqsRecordModel
    from pydantic import Json

    from tests.benchmarks.order import Job

    class Message(SqsRecordModel):
        body: Json[Job]

    def work(record: Message) -> None: ...

    return powertools.batch(work, model=Message)
