"""An error as Lambda shows it: type, message and stack in the reply, and the cause that X-Ray shows.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-invokeerror
"""

from __future__ import annotations

import os

from lambdarouter.errors import LambdarouterError, causes_of, described, text_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from traceback import FrameSummary
    from typing import Any

__all__ = ["Fault"]

# The package's directory. (pathlib takes as long to import as all of the runtime.)
_OURS = __file__.rpartition("runtime")[0]
_LONGEST_MESSAGE = 256 * 1024
# Of the header with X-Ray's cause; AWS's runtime leaves it away from 1 MiB on, the limit of all headers together.
_LONGEST_CAUSE = 512 * 1024
# Whose stacks are told, of a group's.
_MOST_CAUSES = 3


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
        self.message: str = text_of(error)[:_LONGEST_MESSAGE] if message is None else message
        self.request_id: str = request_id

    def frames(self) -> list[FrameSummary]:
        """Where it was raised, from the first line that is not the framework's."""
        return [] if self.error is None else _frames(self.error, by_us=self.name.startswith("Runtime."))

    def causes(self) -> list[BaseException]:
        """The errors in a group, and in the groups in it."""
        return list(_inside(self.error))

    def told(self) -> dict[str, Any]:
        """The reply, in Lambda's form."""
        return {
            "errorMessage": self.message,
            "errorType": self.name,
            "requestId": self.request_id,
            "stackTrace": self.stack(),
        }

    def stack(self) -> list[str]:
        """The stack as Python writes it; of a group then the first causes', each with what was raised below it."""
        import traceback  # noqa: PLC0415 - only where something went wrong

        lines, causes = traceback.format_list(self.frames()), self.causes()
        for error in causes[:_MOST_CAUSES]:
            lines += [*traceback.format_list(_frames(error)), f"{described(error)}\n"]
        if len(causes) > _MOST_CAUSES:
            lines.append(f"and {len(causes) - _MOST_CAUSES} more\n")
        return lines

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


def _frames(error: BaseException, *, by_us: bool = False) -> list[FrameSummary]:
    import traceback  # noqa: PLC0415 - only where something went wrong

    found = list(traceback.extract_tb(error.__traceback__))
    # What the runtime or the framework has found wrong has no place in the function's code.
    nowhere = len(found) if by_us or isinstance(error, LambdarouterError) else 0
    return found[next((index for index, frame in enumerate(found) if not _is_ours(frame.filename)), nowhere) :]


def _inside(error: BaseException | None) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for cause in causes_of(error):
            yield cause
            yield from _inside(cause)


def _is_ours(file: str) -> bool:
    return file.startswith((_OURS, "<frozen ")) or file.endswith("importlib/__init__.py")


def _kind(name: str) -> str:
    """What Lambda does not take for a type, it counts as unknown."""
    return f"Function.{name}" if name.isalpha() and name.isascii() and name[0].isupper() else "Function.Unhandled"


def _directory() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - as above
    except OSError:
        return ""
