"""The app that the emulator runs: it writes a line to a file for every call."""

from __future__ import annotations

import os
import time
from pathlib import Path

from lambdarouter import Allow, App, Deny, DynamoDbRecord, KinesisRecord, Request, S3Record, SqsRecord

app = App()
handler = app


def note(line: str) -> None:
    """Add a line to the file of calls."""
    with Path(os.environ["CALLS"]).open("a", encoding="utf-8") as file:
        file.write(line + "\n")


@app.sqs("jobs")
def work(body: str, message: SqsRecord) -> None:
    note(f"sqs {body}")
    if body.startswith("bad"):
        raise ValueError(body)


@app.sqs("ordered.fifo")
def in_order(body: str, message: SqsRecord) -> None:
    note(f"fifo {message.group_id} {body}")


@app.s3("scans", via=["sqs:scans-queue", "sns:scans"])
def scanned(record: S3Record) -> None:
    note(f"s3-sns-sqs {record.key}")


@app.sns("news")
def read(message: str) -> None:
    note(f"sns {message}")


@app.s3("uploads", events="ObjectCreated:*", suffix=".txt")
def uploaded(record: S3Record) -> None:
    note(f"s3 {record.key}")


@app.eventbridge("shop.orders", "OrderPlaced")
def placed(detail: dict) -> None:  # type: ignore[type-arg]
    note(f"eventbridge {detail['id']}")


@app.dynamodb("orders", events=["INSERT", "MODIFY"])
def changed(change: DynamoDbRecord) -> None:
    image = change.new_image or {}
    note(f"dynamodb {change.event_name} {change.keys['id']} {image['n']}")


@app.kinesis("clicks")
def clicked(data: str, record: KinesisRecord) -> None:
    note(f"kinesis {record.partition_key} {data}")


@app.authorizer(simple=True)
def session(request: Request) -> Allow | Deny:
    token = request.headers.get("authorization")
    note(f"authorizer {token}")
    return Allow("ada") if token == "Bearer ok" else Deny()


@app.get("/private", auth=session)
def private() -> dict[str, str]:
    note("http private")
    return {"hello": "ada"}


@app.get("/public")
def public() -> dict[str, float]:
    note("http public")
    return {"at": time.time()}
