"""An error as Lambda shows it: type, message and stack in the reply, and the cause that X-Ray shows.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
"""

from __future__ import annotations

import os

from lambdarouter.errors import LambdarouterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from traceback import FrameSummary
    from typing import Any

__all__ = ["Fault"]

# The package's directory. (pathlib takes as long to import as all of the runtime.)
_OURS = __file__.rpartition("runtime")[0]
_LONGEST_MESSAGE = 256 * 1024
# Of the header with X-Ray's cause; AWS's runtime leaves it away from 1 MiB on, the limit of all headers together.
_LONGEST_CAUSE = 512 * 1024


class Fault:
    """What is reported of an error.

    `name` is the error's type, `kind` the same as Lambda's metrics want it, such as "Function.ValueError" or
    "Runtime.ImportModuleError".
    """

    __slots__ = ("error", "kind", "message", "name", "request_id")

    def __init__(
        self, error: BaseException | None, *, kind: str = "", message: str | None = None, request_id: str = ""
    ) -> None:
        self.error: BaseException | None = error
        self.name: str = kind or type(error).__name__
        self.kind: str = kind or _kind(self.name)
        self.message: str = _text(error)[:_LONGEST_MESSAGE] if message is None else message
        self.request_id: str = request_id

    def frames(self) -> list[FrameSummary]:
        """Where it was raised, from the first line that is not the framework's."""
        import traceback  # noqa: PLC0415 - only where something went wrong

        if self.error is None:
            return []
        found = list(traceback.extract_tb(self.error.__traceback__))
        # What the runtime or the framework has found wrong has no place in the function's code.
        by_us = self.name.startswith("Runtime.") or isinstance(self.error, LambdarouterError)
        nowhere = len(found) if by_us else 0
        return found[next((index for index, frame in enumerate(found) if not _is_ours(frame.filename)), nowhere) :]

    def told(self) -> dict[str, Any]:
        """The reply, in Lambda's form."""
        return {
            "errorMessage": self.message,
            "errorType": self.name,
            "requestId": self.request_id,
            "stackTrace": self.stack(),
        }

    def stack(self) -> list[str]:
        """The stack as Python writes it."""
        import traceback  # noqa: PLC0415 - only where something went wrong

        return traceback.format_list(self.frames())

    def body(self) -> bytes:
        """The reply as JSON."""
        import json  # noqa: PLC0415 - as above

        return json.dumps(self.told()).encode()

    def cause(self) -> bytes:
        """X-Ray's form of it, for a header; empty where it is too long for one."""
        import json  # noqa: PLC0415 - as above

        frames = self.frames()
        stack = [{"label": frame.name, "path": frame.filename, "line": frame.lineno} for frame in frames]
        exceptions = [{"message": self.message, "type": self.name, "stack": stack}]
        paths = sorted({frame.filename for frame in frames})
        text = json.dumps({"working_directory": _directory(), "exceptions": exceptions, "paths": paths})
        return text.encode() if len(text) < _LONGEST_CAUSE else b""


def _is_ours(file: str) -> bool:
    return file.startswith((_OURS, "<frozen ")) or file.endswith("importlib/__init__.py")


def _text(error: BaseException | None) -> str:
    try:
        return str(error)
    except Exception as failed:  # noqa: BLE001 - the error's own __str__
        return f"a {type(error).__name__}, whose text cannot be made: {type(failed).__name__}"


def _kind(name: str) -> str:
    """What Lambda does not take for a type, it counts as unknown."""
    return f"Function.{name}" if name.isalpha() and name.isascii() and name[0].isupper() else "Function.Unhandled"


def _directory() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - as above
    except OSError:
        return ""
