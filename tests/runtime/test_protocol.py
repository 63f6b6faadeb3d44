"""The protocol without a socket: any pieces, any sizes, and whose fault it is."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from lambdarouter.runtime.protocol import (
    LARGEST_HEAD,
    Invocation,
    MalformedError,
    Message,
    Receiver,
    RefusedError,
    chunk,
    last_chunk,
    quoted,
    request,
)

EVENT = b'{"a": 1}'
COUNTED = b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: id-1\r\nContent-Length: 8\r\n\r\n" + EVENT
CHUNKED = (
    b"HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id:id-1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;name=value\r\n" + EVENT[:3] + b"\r\n5\r\n" + EVENT[3:] + b"\r\n0\r\n\r\n"
)
TRAILED = CHUNKED[:-2] + b"X-End: yes\r\n\r\n"


def received(*pieces: bytes) -> list[Message]:
    receiver, found = Receiver(), []
    for piece in pieces:
        message = receiver.feed(piece)
        while message is not None:
            found.append(message)
            message = receiver.feed(b"") if not receiver.idle else None
    return found


@pytest.mark.parametrize("whole", [COUNTED, CHUNKED, TRAILED])
def test_a_message_is_the_same_wherever_it_is_cut(whole: bytes) -> None:
    for cut in range(len(whole) + 1):
        (message,) = received(whole[:cut], whole[cut:])
        assert (message.status, message.body) == (200, EVENT)
        assert Invocation(message).request_id == "id-1"
        assert message.trailers == ({b"x-end": b"yes"} if whole is TRAILED else {})
    (message,) = received(*(bytes([byte]) for byte in whole))
    assert message.body == EVENT


@given(st.lists(st.sampled_from([COUNTED, CHUNKED, TRAILED]), min_size=1, max_size=4), st.data())
def test_messages_that_follow_each_other_are_told_apart(messages: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=8)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]

    assert [message.body for message in received(*pieces)] == [EVENT] * len(messages)


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(1, 50))
def test_what_is_sent_in_chunks_arrives(pieces: list[bytes], step: int) -> None:
    head = request("POST", "/x", "host", {"A": "b", "Empty": ""}, -1)
    whole = head + b"".join(map(chunk, pieces)) + last_chunk({"T": "u"})
    (message,) = received(*(whole[at : at + step] for at in range(0, len(whole), step)))

    assert message.body == b"".join(pieces)
    assert (message.headers[b"a"], message.trailers) == (b"b", {b"t": b"u"})
    assert b"empty" not in message.headers
    assert message.status == 0


def test_the_body_can_be_had_as_it_comes() -> None:
    receiver = Receiver()
    assert receiver.feed(CHUNKED[:-8]) is None
    assert receiver.head is not None
    assert receiver.take() == EVENT[:7]
    message = receiver.feed(CHUNKED[-8:])
    assert message is not None
    assert message.body == EVENT[7:]


def test_an_interim_response_is_no_response() -> None:
    (message,) = received(b"HTTP/1.1 100 Continue\r\n\r\n" + COUNTED)
    assert message.status == 200


def test_a_response_without_a_body_may_say_nothing_of_its_length() -> None:
    (message,) = received(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert (message.status, message.body) == (204, b"")


HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 2x0 OK\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"\r\n",  # how long is it?
        HEAD + b"Content-Length: -1\r\n\r\n",
        HEAD + b"Content-Length: 1e3\r\n\r\n",
        HEAD + b"Content-Length: 99999999999999999\r\n\r\n",
        HEAD + b"Content-Length: 999999999999\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\n",
        HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        HEAD + b"Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Folded: a\r\n b: c\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Folded: a\r\n\tb: c\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Half: a\rb: c\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 O\nK\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"No colon\r\nContent-Length: 0\r\n\r\n",
        HEAD + b": no name\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Bare: a\nb: c\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Nul: \0\r\nContent-Length: 0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc\r\n0\r\n\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"0" * 300,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 20_000,
        b"x" * (LARGEST_HEAD + 1),
        HEAD + b"A: " + b"x" * LARGEST_HEAD + b"\r\n\r\n",
    ],
)
def test_what_is_malformed_is_refused_wherever_it_is_cut(data: bytes) -> None:
    for cut in {0, 1, len(data) // 2, len(data) - 1}:
        with pytest.raises(MalformedError, match="the other end of the Runtime API"):
            received(data[:cut], data[cut:])


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_part_of_one_or_refused(data: bytes) -> None:
    for prefix in (b"", HEAD, HEAD + b"Transfer-Encoding: chunked\r\n\r\n"):
        try:
            received(prefix + data)
        except MalformedError:
            continue


def test_an_event_without_a_request_id_is_refused() -> None:
    (message,) = received(HEAD + b"Content-Length: 2\r\n\r\n{}")
    with pytest.raises(MalformedError, match="request id"):
        Invocation(message)


def test_what_lambda_tells_of_an_invocation_is_read() -> None:
    lines = [
        b"Lambda-Runtime-Aws-Request-Id: caf\xc3\xa9/1",
        b"Lambda-Runtime-Deadline-Ms: soon",
        b'Lambda-Runtime-Client-Context: {"a" : 1}',
        b"Content-Type: text/plain",
        b"Content-Length: 0",
    ]
    (message,) = received(HEAD + b"\r\n".join(lines) + b"\r\n\r\n")
    invocation = Invocation(message)

    assert (invocation.request_id, invocation.deadline_ms) == ("caf\u00e9/1", 0)
    assert (invocation.client_context, invocation.is_json, invocation.echo) == ('{"a" : 1}', False, b"")
    assert quoted(invocation.request_id) == "caf%C3%A9%2F1"
    assert quoted("a.b_c~d-1") == "a.b_c~d-1"


@pytest.mark.parametrize(
    ("call", "status", "body", "kind", "fatal"),
    [
        (
            "POST x",
            400,
            b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}',
            "InvalidRequestID",
            False,
        ),
        ("POST x", 400, b'{"errorType":"InvalidFunctionResponseMode"}', "InvalidFunctionResponseMode", True),
        ("POST x", 413, b"too large", "", False),
        ("POST x", 500, b"[]", "", True),
        ("GET x", 403, b"", "", True),
    ],
)
def test_a_refusal_says_what_it_was_and_whether_it_is_the_end(
    call: str, status: int, body: bytes, kind: str, *, fatal: bool
) -> None:
    (message,) = received(b"HTTP/1.1 %d No\r\nContent-Length: %d\r\n\r\n%b" % (status, len(body), body))
    error = RefusedError(call, message)

    assert (error.status, error.kind, error.fatal) == (status, kind, fatal)
    assert str(error).startswith(f"{call} was answered with {status}")


@pytest.mark.parametrize(
    ("start", "header", "closes"),
    [
        (b"HTTP/1.1", b"Connection: keep-alive", False),
        (b"HTTP/1.1", b"Connection: Close", True),
        (b"HTTP/1.1", b"Connection: upgrade, close", True),
        (b"HTTP/1.1", b"X: close", False),
        (b"HTTP/1.0", b"X: y", True),
    ],
)
def test_a_message_says_whether_its_sender_will_close_the_connection(
    start: bytes, header: bytes, *, closes: bool
) -> None:
    (message,) = received(start + b" 200 OK\r\nContent-Length: 0\r\n" + header + b"\r\n\r\n")
    assert message.closes is closes
