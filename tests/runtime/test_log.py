"""What the runtime and the function write, in the formats that Lambda asks for."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.core.log import Output
from lambdarouter.runtime.log import Log
from lambdarouter.testing.events import sns
from tests.engine.batch import fresh
from tests.runtime.emulator import AWS, OURS
from tests.runtime.local import api, runtime

CODE = """
import logging, threading
log = logging.getLogger("shop")

def handler(event, context):
    match event:
        case "levels":
            for level in ("debug", "info", "warning", "error", "critical"):
                getattr(log, level)("at %s", level)
        case "extra": log.warning({"order": 1}, extra={"sku": "a", "odd": object})
        case "error":
            try: 1 // 0
            except ZeroDivisionError: log.exception("no\\nway")
        case "thread":
            thread = threading.Thread(target=log.warning, args=("from a thread",))
            thread.start(); thread.join()
        case "raise": raise ValueError("bad\\nnews")
        case "framework":
            from lambdarouter.core.log import logger
            logger().warning("told", a=1)
        case "print": print("printed")
    return event
"""
JSON = {"AWS_LAMBDA_LOG_FORMAT": "JSON"}


def written(directory: Path, *events: str, code: str = CODE, **environment: str) -> str:
    with api() as function, runtime(function.port, directory, code, environment=environment):
        for number, event in enumerate(events):
            function.invoke(event, request_id=f"request-{number}", trace_id="Root=1-2;Sampled=1", tenant="blue")
        return (directory / "log").read_bytes().decode()


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_in_text_a_line_has_the_fields_of_awss_runtime(tmp_path: Path) -> None:
    lines = written(tmp_path, "levels").splitlines()

    assert [line.split("\t")[0] for line in lines] == ["[WARNING]", "[ERROR]", "[CRITICAL]"]
    _, when, request_id, message = lines[0].split("\t")
    assert (request_id, message) == ("request-0", "at warning")
    assert (when[10], when[-1], len(when)) == ("T", "Z", 24)


def test_in_json_a_line_is_an_object_with_the_keys_of_awss_runtime(tmp_path: Path) -> None:
    lines = objects(written(tmp_path, "levels", "extra", "error", "thread", "raise", "framework", **JSON))

    assert [line["level"] for line in lines[:3]] == ["WARNING", "ERROR", "CRITICAL"]
    assert (
        lines[0].items()
        >= {"message": "at warning", "logger": "shop", "requestId": "request-0", "tenantId": "blue"}.items()
    )
    extra, error, thread, raised, framework = lines[3:]
    assert (extra["message"], extra["sku"], extra["odd"]) == ({"order": 1}, "a", "<class 'object'>")
    assert (error["errorType"], error["message"]) == ("ZeroDivisionError", "no\nway")
    assert error["location"].endswith("function.py:handler:13")
    assert any("1 // 0" in line for line in error["stackTrace"])
    assert (thread["message"], thread["requestId"]) == ("from a thread", "request-3")
    assert (raised["level"], raised["errorType"], raised["errorMessage"]) == ("ERROR", "ValueError", "bad\nnews")
    assert raised["requestId"] == "request-4"
    assert framework.items() >= {"level": "WARNING", "message": "told", "a": 1, "requestId": "request-5"}.items()
    assert framework["xray_trace_id"] == "1-2"


@pytest.mark.parametrize(
    ("level", "count"), [("TRACE", 5), ("DEBUG", 5), ("INFO", 4), ("WARN", 3), ("ERROR", 2), ("FATAL", 1)]
)
def test_the_level_is_the_one_that_is_asked_for(tmp_path: Path, level: str, count: int) -> None:
    assert len(objects(written(tmp_path, "levels", AWS_LAMBDA_LOG_LEVEL=level, **JSON))) == count


def test_an_error_in_text_is_one_entry(tmp_path: Path) -> None:
    text = written(tmp_path, "raise")

    # A line break would begin another entry; ordinary spaces would be lost.
    assert text.startswith("[ERROR] ValueError: bad\nnews\rTraceback (most recent call last):\r\u00a0\u00a0File ")


def test_logging_is_not_loaded_for_a_function_that_does_not_use_it(tmp_path: Path) -> None:
    code = (
        "import sys\ndef handler(event, context):\n    return [n for n in ('logging', 'asyncio') if n in sys.modules]"
    )
    with api() as function, runtime(function.port, tmp_path, code):
        assert function.invoke("x").json == []


def test_an_import_leaves_no_finder_out_though_logging_is_imported_meanwhile() -> None:
    program = """
import sys
from lambdarouter.runtime.log import capture

class Logs:
    def find_spec(self, name, path=None, target=None):
        if name == "colorsys":
            import logging

class Last:
    def find_spec(self, name, path=None, target=None):
        asked.append(name)

capture()
asked = []
sys.meta_path[1:1] = [Logs(), Last()]
import colorsys
print("colorsys" in asked, len(sys.modules["logging"].getLogger().handlers))
"""
    ran = fresh(program)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "True 1\n", "")


def test_what_is_printed_is_there_before_the_reply(tmp_path: Path) -> None:
    assert written(tmp_path, "print") == "printed\n"


def frames(data: bytes) -> list[tuple[int, int, str]]:
    found = []
    while data:
        kind, length, when = struct.unpack(">IIQ", data[:16])
        found.append((kind, when, data[16 : 16 + length].decode()))
        data = data[16 + length :]
    return found


def test_lines_go_in_frames_where_lambda_gives_a_descriptor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdarouter.core.log.Output.write", None)
    ours = Log()
    for structured, kinds in ((False, (0xA55A0013, 0xA55A0003)), (True, (0xA55A0012, 0xA55A0003))):
        read, write = os.pipe()
        environment = {
            "_LAMBDA_TELEMETRY_LOG_FD": str(write),
            "AWS_LAMBDA_LOG_FORMAT": "JSON" if structured else "Text",
        }
        ours.configure(environment)
        assert environment.keys() == {"AWS_LAMBDA_LOG_FORMAT"}
        ours.note(30, "caf\u00e9\nand more")
        ours.write("plain")
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            first, second = frames(pipe.read())
        assert (first[0], second[0]) == kinds
        assert 1.7e15 < first[1] < 1e16  # microseconds
        assert json.loads(first[2])["message"] == "caf\u00e9\nand more" if structured else first[2].endswith("and more")
        assert second[2] == "plain"


def test_lines_of_the_frameworks_logger_go_in_frames_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "write", None)
    read, write = os.pipe()
    ours = Log()
    ours.configure({"_LAMBDA_TELEMETRY_LOG_FD": str(write), "AWS_LAMBDA_LOG_LEVEL": "ERROR"})
    Output().warning('{"message": "told"}')
    Output().error("a line for people")
    ours.note(30, "below the level")
    ours.note(40, "at the level")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        warning, error, noted = frames(pipe.read())
    assert (warning[0], warning[2]) == (0xA55A0012, '{"message": "told"}')
    assert (error[0], error[2]) == (0xA55A0017, "a line for people")
    assert noted[2].endswith("at the level")


def test_the_frames_of_two_threads_come_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "write", None)
    read, write = os.pipe()
    ours = Log()
    ours.configure({"_LAMBDA_TELEMETRY_LOG_FD": str(write)})
    other = threading.Thread(target=ours.write, args=("the other",))
    put = os.write

    def partly(descriptor: int, data: bytes) -> int:
        """As a pipe that is nearly full; the other thread comes to write before there is room again."""
        monkeypatch.setattr(os, "write", put)
        done = put(descriptor, data[:20])
        other.start()
        other.join(0.5)  # it may have to wait for this one
        return done

    monkeypatch.setattr(os, "write", partly)
    ours.write("the first of the two")
    other.join()
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert [text for _, _, text in frames(pipe.read())] == ["the first of the two", "the other"]


def test_what_is_written_goes_to_the_socket_that_lambda_names(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    program = (
        "import os, sys\n"
        "from lambdarouter.runtime.log import Log\n"
        f"Log().configure({{'_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET': {str(path)!r}}})\n"
        "print('printed')\n"
        "os.write(2, b'said')\n"
    )
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        ran = fresh(program)
        found = []
        for _ in range(2):
            connection, _ = listening.accept()
            with connection:
                found.append(connection.recv(65536))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert found == [b"printed\n", b"said"]


def test_the_same_lines_come_from_awss_runtime(tmp_path: Path, require: Any) -> None:
    from tests.runtime.emulator import emulated

    require("awslambdaric")
    found = []
    for kind in (OURS, AWS):
        directory = tmp_path / kind[1]
        directory.mkdir()
        binary = require("aws-lambda-rie")
        with emulated(binary, directory, CODE, runtime=kind, environment={**JSON, "AWS_LAMBDA_LOG_LEVEL": "INFO"}) as f:
            for event in ("levels", "extra", "error", "raise"):
                f.invoke(event)
            lines = [json.loads(line) for line in f.log.splitlines() if line.startswith("{")]
        chance = ("timestamp", "requestId", "location", "stackTrace")
        found.append([{key: "" if key in chance else value for key, value in line.items()} for line in lines])

    assert found[0] == found[1]


SEVERAL = """
from lambdarouter import App
handler = App()

@handler.sns(["one", "both"])
def first(message: str) -> None:
    raise ValueError("a")

@handler.sns("both")
def second(message: str) -> None:
    raise KeyError("b")
"""


@pytest.mark.parametrize("kind", [OURS, AWS], ids=["ours", "AWS's"])
def test_whichever_runtime_it_is_every_failure_is_written_once(
    kind: tuple[str, ...], tmp_path: Path, require: Any
) -> None:
    from tests.runtime.emulator import emulated

    require("awslambdaric")
    with emulated(require("aws-lambda-rie"), tmp_path, SEVERAL, runtime=kind, environment=JSON) as function:
        for topic in ("one", "both"):
            function.invoke(sns(topic, "x"))
        lines = [json.loads(line) for line in function.log.splitlines() if line.startswith("{")]

    alone, *each, group = [line for line in lines if "errorType" in line]
    assert (alone["errorType"], alone["errorMessage"], alone.get("handler")) == ("ValueError", "a", None)
    assert sorted((line["handler"], line["errorType"], line["errorMessage"]) for line in each) == [
        ("function.first", "ValueError", "a"),
        ("function.second", "KeyError", "'b'"),
    ]
    assert all(line["record"] and line["requestId"] == group["requestId"] for line in each)
    assert group["errorType"] == "BatchError"
    assert sorted(group["errorMessage"].partition(": ")[2].split("; ")) == ["KeyError: 'b'", "ValueError: a"]
