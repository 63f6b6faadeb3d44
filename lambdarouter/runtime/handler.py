"""From `module.function`, Lambda's handler setting, to what is called."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Never

__all__ = ["HandlerError", "load", "prepare_path"]


class HandlerError(Exception):
    """There is no handler. Lambda is told `kind` and `message`, or else those of the `cause`."""

    def __init__(self, cause: BaseException | None, *, kind: str = "", message: str | None = None) -> None:
        super().__init__(message)
        self.cause = cause
        self.kind = kind
        self.message = message


def prepare_path() -> None:
    """Let the function's code, its layers and AWS's own libraries be found, as AWS's runtime does."""
    root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()  # noqa: PTH109 - the import of pathlib
    layers = ("/opt/python", f"/opt/python/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")
    first = [path for path in (root, *layers) if path == root or os.path.isdir(path)]  # noqa: PTH112 - as above
    # `python -m` puts the working directory first, mostly the same; `python -c` "", which means it.
    rest = [path for path in (path or os.getcwd() for path in sys.path) if path not in first]  # noqa: PTH109 - as above
    runtime = os.environ.get("LAMBDA_RUNTIME_DIR", "/var/runtime")
    if runtime not in rest and os.path.isdir(runtime):  # noqa: PTH112 - as above
        rest.append(runtime)
    sys.path[:] = [*first, *rest]


def load(name: str) -> Any:
    """Import the handler. Raises `HandlerError`, with AWS's words for what is wrong."""
    module_name, dot, attribute = name.rpartition(".")
    if not dot or not module_name or not attribute:
        _refuse("MalformedHandlerName", f"Bad handler {name!r}: it is module.function, such as app.handler")
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        _refuse("BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        __import__(module_name)  # what `importlib` would do, less a module
        module = sys.modules[module_name]
    except ImportError as error:
        _refuse("ImportModuleError", f"Unable to import module '{module_name}': {error}", error)
    except SyntaxError as error:
        where = f"{error.msg} ({error.filename}, line {error.lineno})"
        _refuse("UserCodeSyntaxError", f"Syntax error in module '{module_name}': {where}", error)
    except SystemExit as error:
        _refuse("ExitError", f"module '{module_name}' ended the process: exit status {error.code}", error)
    except BaseException as error:
        # KeyboardInterrupt, too: nobody would be told why there is no function.
        raise HandlerError(error) from error
    handler = getattr(module, attribute, None)
    if not callable(handler):
        seen = "missing on" if handler is None else "is no function but a " + type(handler).__name__ + " of"
        _refuse("HandlerNotFound", f"Handler '{attribute}' {seen} module '{module_name}'")
    return handler


def _refuse(kind: str, message: str, error: BaseException | None = None) -> Never:
    raise HandlerError(error, kind=f"Runtime.{kind}", message=message) from error
