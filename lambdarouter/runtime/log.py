"""The runtime's lines in the function's log, in the format and with the framing that Lambda asks for.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-advanced.html
"""

from __future__ import annotations

import os
import sys
from _thread import RLock
from time import gmtime, strftime, time_ns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    from lambdarouter.runtime.fault import Fault

__all__ = ["DEBUG", "ERROR", "INFO", "WARNING", "Log", "capture", "log"]

# As the standard library counts them; 0 is a line without a level.
DEBUG, INFO, WARNING, ERROR, CRITICAL = 10, 20, 30, 40, 50
_NAMES = {DEBUG: "DEBUG", INFO: "INFO", WARNING: "WARNING", ERROR: "ERROR", CRITICAL: "CRITICAL"}
_LEVELS = {"TRACE": DEBUG, "DEBUG": DEBUG, "INFO": INFO, "WARN": WARNING, "WARNING": WARNING, "ERROR": ERROR}
_LEVELS |= {"FATAL": CRITICAL, "CRITICAL": CRITICAL}
# A frame's type: this, the level (0 for none, 2 for DEBUG, 3 for INFO …), and 2 for JSON or 3 for text.
_FRAME = 0xA55A0000


class Log:
    """The function's log. Lambda's environment says how it wants it.

    `structured`: one JSON object a line. `level`: the lowest that is written, 0 where nothing is said.
    """

    __slots__ = ("_break", "_descriptor", "_writing", "context", "level", "structured")

    def __init__(self) -> None:
        self.structured: bool = False
        self.level: int = 0
        # Lambda's context of the invocation that began last, where there is one at a time.
        self.context: Any = None
        self._descriptor: int | None = None
        self._break: str = "\n"
        # A signal's handler may write, too, in the thread that is writing.
        self._writing = RLock()

    def configure(self, environment: MutableMapping[str, str]) -> None:
        """Read what Lambda asks for. The descriptor's variable is taken away: it is for the runtime alone."""
        self.structured = environment.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self.level = _LEVELS.get(environment.get("AWS_LAMBDA_LOG_LEVEL", "").upper(), 0)
        descriptor = environment.pop("_LAMBDA_TELEMETRY_LOG_FD", "")
        self._descriptor = int(descriptor) if descriptor.isdigit() else None
        if self._descriptor is None and "LAMBDA_TASK_ROOT" in environment:
            # On Lambda, and without a frame: a line break would begin another entry.
            self._break = "\r"
        socket = environment.get("_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET", "")
        if socket:
            _redirect(socket)
        if self._descriptor is not None:
            from lambdarouter.core.log import Output  # noqa: PLC0415 - only where it is to be diverted

            Output.write = self._framework
        for stream in (sys.stdout, sys.stderr):
            # What a handler prints must be out before Lambda freezes the process.
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(line_buffering=True)

    def _framework(self, line: str, level: int) -> None:
        """A line of the framework's logger, in a frame."""
        self.write(line, level, structured=line.startswith("{"))

    def write(self, text: str, level: int = 0, *, structured: bool = False) -> None:
        """Write one entry, which in a frame may have several lines."""
        if self._descriptor is None:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()
            return
        message = text.encode("utf-8", "replace")
        tens = min(level, CRITICAL) // 10
        kind = _FRAME | (tens + 1 if tens else 0) << 2 | (2 if structured else 3)
        frame = kind.to_bytes(4, "big") + len(message).to_bytes(4, "big") + (time_ns() // 1000).to_bytes(8, "big")
        # Of a frame larger than what the pipe takes at once, the rest would come after another thread's.
        with self._writing:
            _write_all(self._descriptor, frame + message)

    def note(self, level: int, message: str, **fields: Any) -> None:
        """Write what the runtime itself has to say."""
        if level < self.level:
            return
        name = _NAMES[level]
        if self.structured:
            self._object({"timestamp": timestamp(), "level": name, "message": message, **fields}, level)
        else:
            self.write(f"[{name}]\t{timestamp()}\t{fields.get('requestId', '')}\t{message}", level)

    def fault(self, fault: Fault) -> None:
        """Write an error that Lambda is told of."""
        if self.structured:
            self._object({"timestamp": timestamp(), "level": "ERROR", **fault.told()}, ERROR)
            return
        lines = [f"[ERROR] {fault.name}: {fault.message}", "Traceback (most recent call last):"]
        for entry in fault.stack():
            # Plain spaces would be taken away in the console.
            lines += ["\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in entry.splitlines()]
        self.write(self._break.join(lines), ERROR)

    def _object(self, fields: dict[str, Any], level: int) -> None:
        import json  # noqa: PLC0415 - only for lines in JSON

        self.write(json.dumps(fields, ensure_ascii=False, default=str), level, structured=True)


def _redirect(path: str) -> None:
    """Lambda Managed Instances read what a process writes from a socket of its own."""
    import _socket  # noqa: PLC0415 - loaded: the client's

    for descriptor in (1, 2):
        connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            connection.connect(path)
            os.dup2(connection.fileno(), descriptor)
        finally:
            connection.close()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def timestamp() -> str:
    """Now, in UTC, as CloudWatch reads it."""
    now = time_ns()
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(now // 1_000_000_000)) + f".{now // 1_000_000 % 1000:03}Z"


log: Log = Log()


def capture() -> None:
    """Have what goes through the standard library's `logging` written to the function's log, once it is imported."""
    if "logging" in sys.modules:
        _set_up(sys.modules["logging"])
    else:
        sys.meta_path.insert(0, _Watch())


def _set_up(logging: ModuleType) -> None:
    from lambdarouter.runtime.stdlog import set_up  # noqa: PLC0415 - only for functions that use it

    set_up(logging, log)


class _Watch:
    """Finds `logging`, once, and sets it up when it is loaded.

    It stays among the finders: in a list that grows shorter, an import that goes through it would leave one out.
    """

    def __init__(self) -> None:
        self._awaited = "logging"

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self._awaited:
            return None
        self._awaited = ""
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in sys.meta_path)), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                _set_up(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign] # of this one loader
        return spec
