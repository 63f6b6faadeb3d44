"""Custom resources: what CloudFormation is told, by URL and as the CDK's framework wants it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, ConfigurationError, CustomResource, HttpError, InvalidEventError, Provisioned
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing.events import cloudformation
from tests.aws_endpoint import answering
from tests.pace import in_real_time, seconds


class Bucket(HTTPServer):
    """Where the replies go: keeps them, and answers with the next of `statuses`, then with 200."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Put)
        self.replies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.url = f"http://127.0.0.1:{self.server_port}/stack?Signature=s%2Bx"

    @property
    def reply(self) -> dict[str, Any]:
        [reply] = self.replies
        return reply


class Put(BaseHTTPRequestHandler):
    server: Bucket

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert len(body) <= 4096
        self.server.replies.append(json.loads(body))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()} | {"": self.path})
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    with Bucket() as server, answering(server):
        yield server


class Domain(BaseModel, extra="forbid"):
    name: str
    ttl: int = 300
    wildcard: bool = False


def test_a_created_resource_is_told_with_its_data_and_an_id_that_repetitions_keep(bucket: Bucket) -> None:
    app = App()

    @app.cloudformation("Custom::Domain")
    def domain(properties: Domain, resource: CustomResource) -> dict[str, Any]:
        assert (resource.request_type, resource.stack) == ("Create", "shop")
        return {"Name": properties.name, "Ttl": properties.ttl, "Wildcard": properties.wildcard}

    given = {"name": "example.com", "ttl": "60", "wildcard": "true"}
    event = cloudformation("Create", "Custom::Domain", given, response_url=bucket.url)

    assert app(event) is None
    assert app(event) is None
    first, second = bucket.replies
    assert first == second
    assert first.pop("PhysicalResourceId").startswith("Thing-")
    assert first == {
        "Status": "SUCCESS",
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": "Thing",
        "NoEcho": False,
        "Data": {"Name": "example.com", "Ttl": 60, "Wildcard": True},
    }
    # The URL is presigned for no content type, and goes out as it came.
    assert bucket.headers[0]["content-type"] == ""
    assert bucket.headers[0][""] == "/stack?Signature=s%2Bx"


@pytest.mark.parametrize("request_type", ["Update", "Delete"])
def test_an_update_and_a_delete_keep_the_physical_id(bucket: Bucket, request_type: Any) -> None:
    app = App()
    app.cloudformation()(lambda: None)

    app(cloudformation(request_type, physical_id="shelf-7", response_url=bucket.url))

    assert (bucket.reply["Status"], bucket.reply["PhysicalResourceId"]) == ("SUCCESS", "shelf-7")


async def replaced() -> Provisioned:
    return Provisioned("shelf-8", data={"secret": "s"}, no_echo=True)


def test_an_update_may_replace_the_resource_and_hide_its_data(bucket: Bucket) -> None:
    app = App()
    app.cloudformation(on=["Create", "Update"])(replaced)

    app(cloudformation("Update", physical_id="shelf-7", response_url=bucket.url))

    assert (bucket.reply["PhysicalResourceId"], bucket.reply["NoEcho"]) == ("shelf-8", True)
    assert "s" not in repr(Provisioned("x", data={"k": "s3cret"})).removeprefix("Provisioned")


def test_a_failure_is_told_with_its_reason_and_logged(bucket: Bucket, capfd: pytest.CaptureFixture[str]) -> None:
    app = App()

    @app.cloudformation()
    def shelf() -> None:
        raise HttpError(409, "the shelf is full")

    app(cloudformation("Update", physical_id="shelf-7", response_url=bucket.url))

    assert bucket.reply["Status"] == "FAILED"
    assert bucket.reply["Reason"] == "HttpError: 409: the shelf is full"
    assert bucket.reply["PhysicalResourceId"] == "shelf-7"
    assert "the shelf is full" in capfd.readouterr().err


def test_what_failed_to_be_created_is_deleted_without_the_handler(bucket: Bucket) -> None:
    app = App()
    ran = []

    @app.cloudformation()
    def shelf(resource: CustomResource) -> None:
        ran.append(resource.request_type)
        raise RuntimeError

    app(cloudformation("Create", response_url=bucket.url))
    physical_id = bucket.replies[0]["PhysicalResourceId"]
    completion = app.complete(cloudformation("Delete", physical_id=physical_id, response_url=bucket.url))

    assert ran == ["Create"]
    assert [reply["Status"] for reply in bucket.replies] == ["FAILED", "SUCCESS"]
    assert bucket.replies[1]["PhysicalResourceId"] == physical_id
    assert completion.outcomes[0].status == "declined"


@pytest.mark.parametrize("reason", ["x" * 10_000, "ä" * 10_000, "\n" * 10_000, '"' * 10_000])
def test_a_reason_is_cut_to_what_cloudformation_takes(bucket: Bucket, reason: str) -> None:
    app = App()

    @app.cloudformation()
    def shelf() -> None:
        raise RuntimeError(reason)

    app(cloudformation("Create", response_url=bucket.url))

    assert bucket.reply["Reason"].startswith(f"RuntimeError: {reason[:500]}")


def test_ids_that_leave_no_room_for_a_reason_are_told_without_one(bucket: Bucket) -> None:
    event = cloudformation("Update", logical_id="x" * 3985, physical_id="y", response_url=bucket.url)

    App()(event | {"StackId": None, "RequestId": None})

    assert bucket.reply["Reason"] == ""


def test_data_that_is_too_long_is_a_failure_that_says_so(bucket: Bucket) -> None:
    app = App()
    app.cloudformation()(lambda: {"names": ["x" * 100] * 50})

    app(cloudformation("Create", response_url=bucket.url))

    assert bucket.reply["Status"] == "FAILED"
    assert "more than CloudFormation's 4096: shorten the data" in bucket.reply["Reason"]


@pytest.mark.parametrize("value", ["text", 5, ["list"], Provisioned(data=5)])  # type: ignore[arg-type]
def test_data_that_is_no_object_is_a_failure(bucket: Bucket, value: Any) -> None:
    app = App()
    app.cloudformation()(lambda: value)

    app(cloudformation("Create", response_url=bucket.url))

    assert "data is an object" in bucket.reply["Reason"]


def test_a_resource_of_nobodys_type_fails_with_the_decorator_to_use(bucket: Bucket) -> None:
    App()(cloudformation("Create", "Custom::Mine", response_url=bucket.url))

    assert bucket.reply["Status"] == "FAILED"
    assert "@app.cloudformation" in bucket.reply["Reason"]
    assert "'Custom::Mine'" in bucket.reply["Reason"]


def test_a_request_that_the_handler_does_not_want_succeeds_and_changes_nothing(bucket: Bucket) -> None:
    app = App()
    app.cloudformation("Custom::Seed", on="Create")(lambda: 1 // 0)

    completion = app.complete(cloudformation("Delete", "Custom::Seed", physical_id="s", response_url=bucket.url))

    assert (bucket.reply["Status"], bucket.reply["PhysicalResourceId"]) == ("SUCCESS", "s")
    assert completion.outcomes[0].status == "declined"


def test_a_put_that_fails_is_tried_again(bucket: Bucket) -> None:
    app = App()
    app.cloudformation()(lambda: None)
    bucket.statuses = [503, 500]

    assert app.complete(cloudformation("Create", response_url=bucket.url)).error is None
    assert len(bucket.replies) == 3


def test_a_put_that_is_refused_fails_the_invocation_so_that_lambda_tries_again(bucket: Bucket) -> None:
    app = App()
    app.cloudformation()(lambda: None)
    bucket.statuses = [403]

    error = app.complete(cloudformation("Create", response_url=bucket.url)).error

    assert "403" in str(error)
    assert "the stack waits" in error.__notes__[0]  # type: ignore[union-attr]
    assert len(bucket.replies) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_reply_does_not_follow_a_redirection_to_wherever_it_leads(bucket: Bucket, status: int) -> None:
    app = App()
    app.cloudformation()(lambda: {"password": "s3cret"})
    bucket.statuses = [status]

    assert str(status) in str(app.complete(cloudformation("Create", response_url=bucket.url)).error)
    assert [headers[""] for headers in bucket.headers] == ["/stack?Signature=s%2Bx"]


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ftp://127.0.0.1/x", "x", ""])
def test_a_response_url_that_is_no_http_is_not_opened(url: str) -> None:
    error = App().complete(cloudformation("Create", response_url=url)).error

    assert "is no URL of HTTP" in str(error)


@in_real_time
@pytest.mark.parametrize("colour", ["sync", "async"])
def test_a_handler_that_hangs_is_told_as_failed_before_the_deadline(bucket: Bucket, colour: str) -> None:
    app = App()

    async def hangs() -> None:
        await asyncio.Event().wait()

    app.cloudformation()(hangs if colour == "async" else lambda: time.sleep(60))
    until = time.monotonic() + seconds(1.5)
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: (until - time.monotonic()) * 1000)

    app.complete(cloudformation("Create", response_url=bucket.url), context)

    assert time.monotonic() < until
    assert bucket.reply["Status"] == "FAILED"
    assert "DeadlineExceeded" in bucket.reply["Reason"]


def test_without_a_url_the_reply_is_returned_and_a_failure_raised() -> None:
    app = App()

    @app.cloudformation("Custom::Domain")
    def domain(properties: dict[str, Any]) -> Provisioned:
        if not properties:
            raise ValueError("no name")
        return Provisioned("d-1", data={"Name": properties["name"]}, no_echo=True)

    assert app(cloudformation("Create", "Custom::Domain", {"name": "n"})) == {
        "PhysicalResourceId": "d-1",
        "Data": {"Name": "n"},
        "NoEcho": True,
    }
    with pytest.raises(ValueError, match="no name"):
        app(cloudformation("Create", "Custom::Domain"))


def test_what_a_handler_returns_stays_as_it_is() -> None:
    app, made = App(), Provisioned("d-1", data={"since": date(2026, 1, 1)})
    app.cloudformation("Custom::Domain")(lambda: made)

    for _ in range(2):
        assert app(cloudformation("Create", "Custom::Domain"))["Data"] == {"since": "2026-01-01"}
    assert made.data == {"since": date(2026, 1, 1)}


@pytest.mark.parametrize("properties", ["text", 5, ["list"]])
def test_properties_that_are_no_object_fail_the_request(properties: Any) -> None:
    app = App()

    @app.cloudformation("Custom::Domain")
    def domain(resource: CustomResource) -> object:
        return resource.properties

    event = cloudformation("Create", "Custom::Domain")
    event["ResourceProperties"] = properties

    with pytest.raises(InvalidEventError, match=r"ResourceProperties is .*, expected an object of properties"):
        app(event)


def test_an_is_complete_handler_of_the_cdk_answers_whether_it_is() -> None:
    app = App()
    app.cloudformation("Custom::Waiting")(lambda: Provisioned(complete=False))
    app.cloudformation("Custom::Done")(lambda: Provisioned(complete=True, data={"a": 1}))

    assert app(cloudformation("Create", "Custom::Waiting")) == {"IsComplete": False}
    assert app(cloudformation("Create", "Custom::Done")) == {"IsComplete": True, "Data": {"a": 1}}


def test_a_request_that_comes_again_is_told_what_was_provisioned(bucket: Bucket) -> None:
    app, ran = App(store=MemoryStore()), []

    @app.cloudformation(once=lambda resource: resource.request_id)
    def shelf(resource: CustomResource) -> Provisioned:
        ran.append(resource.id)
        return Provisioned("shelf-9", data={"Lit": True}, no_echo=True)

    for _ in range(2):
        app(cloudformation("Create", response_url=bucket.url))

    assert len(ran) == 1
    first, second = bucket.replies
    assert first == second
    assert (first["Status"], first["PhysicalResourceId"], first["Data"]) == ("SUCCESS", "shelf-9", {"Lit": True})


def test_a_request_type_that_does_not_exist_is_refused_at_import() -> None:
    for wrong in ("create", ["Create", "Remove"], 5):
        with pytest.raises((ConfigurationError, TypeError)):
            App().cloudformation(on=wrong)(lambda: None)  # type: ignore[arg-type]
