"""Bodies into parameters: JSON, text and bytes, present, absent and broken, through every gateway."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import Field

from lambdarouter import App, Body, ConfigurationError, Request
from tests.sources.http.one_parameter import Line, Order, app_with, got, reasons

if TYPE_CHECKING:
    from tests.sources.http.conftest import Gateway


BODIES: list[tuple[Any, Any, Any]] = [
    (Order, {"id": "1"}, Order(id=1)),
    (Order | None, {"id": 1}, Order(id=1)),
    (Line, {"sku": "a"}, Line("a")),
    (dict, {"a": [1]}, {"a": [1]}),
    (dict[str, int], {"a": "1"}, {"a": 1}),
    (list, [1, "x"], [1, "x"]),
    (list[Order], [{"id": 1}], [Order(id=1)]),
    (Any, [1, None], [1, None]),
    (Annotated[Order, Body()], {"id": 1}, Order(id=1)),
    (Annotated[int, Body()], 5, 5),
    (Annotated[list[int], Body()], [1, 2], [1, 2]),
    (Annotated[list[int], Body(), Field(max_length=2)], [1, 2], [1, 2]),
]


@pytest.mark.parametrize(("annotation", "sent", "value"), BODIES, ids=str)
@pytest.mark.parametrize("binary", [False, True], ids=["text", "base64"])
def test_a_json_body_is_validated_into_its_annotation(
    gateway: Gateway,
    annotation: Any,
    sent: Any,
    value: Any,
    binary: bool,  # noqa: FBT001
) -> None:
    text = json.dumps(sent)
    headers = {"content-type": "application/json"}
    answer = gateway(
        app_with(annotation, method="POST"), "POST", "/x", body=text.encode() if binary else text, headers=headers
    )
    assert got(answer) == repr(value)


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (Annotated[str, Body()], "plain ☃"),
        (Annotated[bytes, Body()], "plain ☃".encode()),
        (Annotated[str, Body(), Field(max_length=7)], "plain ☃"),
    ],
    ids=str,
)
@pytest.mark.parametrize("media", ["text/plain", "application/json", None])
def test_a_body_annotated_as_text_or_bytes_comes_as_it_is(
    gateway: Gateway, annotation: Any, value: Any, media: str | None
) -> None:
    headers = {} if media is None else {"content-type": media}
    for body in ("plain ☃", "plain ☃".encode()):
        answer = gateway(app_with(annotation, method="POST"), "POST", "/x", body=body, headers=headers)
        assert got(answer) == repr(value)


def test_a_constraint_on_a_text_body_is_kept(gateway: Gateway) -> None:
    app = app_with(Annotated[str, Body(), Field(max_length=3)], method="POST")
    assert reasons(gateway(app, "POST", "/x", body="long")) == [["body"]]


@pytest.mark.parametrize(
    "change",
    [
        {"body": None},
        {"body": ""},
        {"body": None, "isBase64Encoded": True},
        {"body": "", "isBase64Encoded": True},
        {"body": None, "isBase64Encoded": None},
    ],
    ids=str,
)
def test_a_body_that_is_null_or_empty_is_the_default_or_422(gateway: Gateway, change: dict[str, Any]) -> None:
    for annotation in (Order, dict, list[int] | dict):
        assert reasons(gateway(app_with(annotation, method="POST"), "POST", "/x", change=change)) == [["body"]]
        assert got(gateway(app_with(annotation, None, method="POST"), "POST", "/x", change=change)) == "None"
    text = Annotated[str, Body()]
    assert got(gateway(app_with(text, method="POST"), "POST", "/x", change=change)) == "''"
    assert got(gateway(app_with(text, "none", method="POST"), "POST", "/x", change=change)) == "'none'"
    assert got(gateway(app_with(Annotated[bytes, Body()], method="POST"), "POST", "/x", change=change)) == "b''"


def test_an_event_without_a_body_key_has_no_body(gateway: Gateway) -> None:
    event = gateway.build("POST", "/x")
    for key in ("body", "isBase64Encoded"):
        event.pop(key, None)
    assert app_with(Order, None, method="POST")(event)["body"] == "None"


MALFORMED: list[dict[str, Any]] = [
    {"body": "{"},
    {"body": "nope"},
    {"body": '{"id": 1,}'},
    {"body": "not base64!", "isBase64Encoded": True},
    {"body": "YQ", "isBase64Encoded": True},
    {"body": "YQ==\n", "isBase64Encoded": True},
    {"body": "☃", "isBase64Encoded": True},
    {"body": b64encode(b'{"id": "\xff"}').decode(), "isBase64Encoded": True},
    {"body": b64encode('{"id": 1}'.encode("utf-16")).decode(), "isBase64Encoded": True},
    {"body": b64encode(b"{").decode(), "isBase64Encoded": True},
    {"body": {"id": 1}},
    {"body": 5},
    {"body": True},
    {"body": "[" * 100_000},
]


@pytest.mark.parametrize("change", MALFORMED, ids=lambda change: repr(change)[:50])
@pytest.mark.parametrize("annotation", [Order, dict], ids=["model", "dict"])
def test_a_body_that_cannot_be_decoded_is_400_and_says_why(gateway: Gateway, annotation: Any, change: Any) -> None:
    answer = gateway(app_with(annotation, method="POST"), "POST", "/x", change=change)
    assert answer.status == 400
    assert answer.problem["title"] == "Bad Request"
    assert "body" in answer.problem["detail"]


@pytest.mark.parametrize("change", MALFORMED[3:7] + MALFORMED[10:13], ids=lambda change: repr(change)[:50])
@pytest.mark.parametrize("annotation", [Annotated[str, Body()], Annotated[bytes, Body()]], ids=["str", "bytes"])
def test_text_and_bytes_need_the_base64_that_is_claimed_too(gateway: Gateway, annotation: Any, change: Any) -> None:
    assert gateway(app_with(annotation, method="POST"), "POST", "/x", change=change).status == 400


def test_a_text_body_that_is_not_utf_8_is_400(gateway: Gateway) -> None:
    answer = gateway(app_with(Annotated[str, Body()], method="POST"), "POST", "/x", body=b"\xff")
    assert answer.status == 400
    assert "not UTF-8" in answer.problem["detail"]
    assert got(gateway(app_with(Annotated[bytes, Body()], method="POST"), "POST", "/x", body=b"\xff")) == r"b'\xff'"


def test_a_body_of_the_wrong_shape_is_422_with_every_reason(gateway: Gateway) -> None:
    app = app_with(list[Order], method="POST")
    answer = gateway(app, "POST", "/x", json=[{"id": "hunter2"}, {"id": 1, "sku": ["hunter2"]}, 5, 6])
    assert reasons(answer) == [["body", 0, "id"], ["body", 1, "sku"], ["body", 2], ["body", 3]]
    assert b"hunter2" not in answer.body
    assert answer.problem["detail"].endswith("(and 1 more)")


@pytest.mark.parametrize("sent", ["[]", "1", "null", '"x"'])
def test_a_dict_is_an_object_and_a_list_an_array(gateway: Gateway, sent: str) -> None:
    assert reasons(gateway(app_with(dict, method="POST"), "POST", "/x", body=sent)) == [["body"]]
    if sent != "[]":
        assert reasons(gateway(app_with(list, method="POST"), "POST", "/x", body=sent)) == [["body"]]


@pytest.mark.parametrize(
    ("media", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("application/vnd.example+json", 200),
        (None, 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
        ("text/json+x", 415),
        ("image/svg+xml", 415),
        ("", 415),
    ],
)
def test_another_media_type_than_json_is_415(gateway: Gateway, media: str | None, status: int) -> None:
    headers = {} if media is None else {"Content-Type": media}
    answer = gateway(app_with(Order, method="POST"), "POST", "/x", body='{"id": 1}', headers=headers)
    assert answer.status == status
    if status == 415:
        assert "application/json" in answer.problem["detail"]


def test_the_bodys_three_faces_are_the_requests(gateway: Gateway) -> None:
    app = App()

    @app.post("/x")
    def read(request: Request) -> list[Any]:
        assert isinstance(request.body, bytes)
        return [request.body.decode(), request.text, request.json()]

    for body in ('{"é": 1}', '{"é": 1}'.encode()):
        assert gateway(app, "POST", "/x", body=body).json == ['{"é": 1}', '{"é": 1}', {"é": 1}]
    assert gateway(app, "POST", "/x", body="{").status == 400


def test_two_bodies_are_refused() -> None:
    def create(order: Order, q: int, item: Line) -> None: ...

    with pytest.raises(ConfigurationError, match="order and item would both take the payload"):
        App().post("/x")(create)


def test_an_empty_body_has_no_media_type_that_could_be_wrong(gateway: Gateway) -> None:
    def update(order: Order | None = None) -> bool:
        return order is None

    app, headers = App(), {"Content-Type": "text/plain"}
    app.post("/x")(update)
    for body in (None, "", b""):
        assert gateway(app, "POST", "/x", body=body, headers=headers).json is True
    assert gateway(app, "POST", "/x", body="no order", headers=headers).status == 415


def test_a_binary_body_is_decoded_once(gateway: Gateway) -> None:
    app = App()

    @app.post("/x")
    def read(request: Request) -> bool:
        return request.body is request.content

    assert gateway(app, "POST", "/x", body=b"\xff\xfe").json is True


class Connection:
    """No payload: somebody has forgotten `Depends`."""


def test_what_holds_no_data_is_no_body_whatever_mark_it_has() -> None:
    with pytest.raises(ConfigurationError, match=r"Depends\(f\)"):
        app_with(Annotated[Connection, Body()])
