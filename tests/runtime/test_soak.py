"""100,000 invocations in a row: memory stays flat, no descriptor is left open, nothing is lost or answered twice."""

from __future__ import annotations

import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runtime.local import runtime

COUNT = int(os.environ.get("LAMBDAROUTER_SOAK", "100000"))
ACCEPTED = b'HTTP/1.1 202 Accepted\r\nContent-Length: 16\r\n\r\n{"status":"OK"}\n'

PLAIN = """
def handler(event, context):
    if event["n"] % 1000 == 500:
        raise ValueError("every thousandth")
    return event
"""

APP = """
from lambdarouter import App, Context
handler = app = App()

@app.invoke()
def sync(event: dict, context: Context):
    if event["n"] % 1000 == 500:
        raise ValueError("every thousandth")
    return event
"""

ASYNC = """
import asyncio

async def handler(event, context):
    await asyncio.sleep(0)
    if event["n"] % 1000 == 500:
        raise ValueError("every thousandth")
    return event
"""


def requests(connection: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    """The first line and the body of each request; the runtime sends each in one piece here."""
    while data := connection.recv(1 << 20):
        while b"\r\n\r\n" not in data:
            data += connection.recv(1 << 20)
        head, _, body = data.partition(b"\r\n\r\n")
        length = head.partition(b"Content-Length: ")[2].partition(b"\r\n")[0]
        while len(body) < int(length or 0):
            body += connection.recv(1 << 20)
        yield head.partition(b"\r\n")[0], body


def held(pid: int) -> tuple[int, int]:
    """The process's memory in KB, and how many descriptors it has open."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    memory = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    return memory, len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - no Path is made of each


@pytest.mark.parametrize(("code", "count"), [(PLAIN, COUNT), (APP, COUNT // 20), (ASYNC, COUNT // 20)])
def test_a_long_life_takes_no_more_memory_and_loses_nothing(tmp_path: Path, code: str, count: int) -> None:
    answers: Counter[bytes] = Counter()
    wrong: list[tuple[bytes, bytes]] = []
    samples: list[tuple[int, int]] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with runtime(port, tmp_path, code) as program:

            def serve() -> None:
                connection, _ = listening.accept()
                number = 0
                with connection:
                    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    for start, body in requests(connection):
                        if b"/invocation/next " in start:
                            if number % (count // 10) == 0:
                                samples.append(held(program.pid))
                            if number == count:
                                return
                            event = b'{"n":%d}' % number
                            connection.sendall(
                                b"HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: %d\r\n"
                                b"Lambda-Runtime-Deadline-Ms: 4102444800000\r\nContent-Length: %d\r\n\r\n%b"
                                % (number, len(event), event)
                            )
                            number += 1
                            continue
                        kind = start.split(b" ")[1].rpartition(b"/")[2]
                        expected = b"error" if (number - 1) % 1000 == 500 else b"response"
                        answers[kind] += 1
                        own = b"/%d/" % (number - 1) in start
                        if kind != expected or not own or (kind == b"response" and body != event):
                            wrong.append((start, body))
                        connection.sendall(ACCEPTED)

            thread = threading.Thread(target=serve)
            thread.start()
            thread.join(300)
            assert not thread.is_alive()

    assert not wrong
    assert answers == {b"response": count - count // 1000, b"error": count // 1000}
    # What is made once (the traceback module, the event loop) is there after the first tenth.
    (before, open_before), (after, open_after) = samples[2], samples[-1]
    assert after - before < 1024, samples
    assert open_after == open_before
