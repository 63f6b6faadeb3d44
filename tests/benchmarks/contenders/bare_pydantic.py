"""Written by hand around one model's validator and serializer: the limit where requests are validated."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tests.benchmarks.cases import Handler


def _orders(gateway: str, table: list[tuple[str, str]]) -> Handler:
    from pydantic import ValidationError

    from tests.benchmarks.order import Order

    validate = Order.__pydantic_validator__.validate_json
    serialize = Order.__pydantic_serializer__.to_json

    def route() -> Any:
        def create(event: Any) -> Any:
            headers = {"Content-Type": "application/json"}
            try:
                order = validate(event["body"])
            except ValidationError as error:
                return {"statusCode": 422, "headers": headers, "body": error.json()}
            body = serialize(order).decode()
            return {"statusCode": 200, "headers": headers, "body": body, "isBase64Encoded": False}

        return create

    handlers = {key: route() for key in table}
    if gateway == "rest":
        return lambda event, context: handlers[event["httpMethod"], event["path"]](event)
    return lambda event, context: handlers[event["requestContext"]["http"]["method"], event["rawPath"]](event)


def orders(gateway: str) -> Handler:
    return _orders(gateway, [("POST", "/orders")])


def typed(gateway: str, routes: int) -> Handler:
    return _orders(gateway, [("POST", f"/svc{number}/orders") for number in range(routes)])


def sqs_typed() -> Handler:
    from pydantic import ValidationError

    from tests.benchmarks.order import Job

    validate = Job.__pydantic_validator__.validate_json

    def handler(event: Any, context: Any) -> Any:
        failed = []
        for record in event["Records"]:
            try:
                validate(record["body"])
            except ValidationError:
                failed.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failed}

    return handler
