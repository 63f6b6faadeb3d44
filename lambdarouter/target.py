"""The app that a text names: which module to import, and which `App` in it is meant."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

from lambdarouter.app import App
from lambdarouter.errors import ConfigurationError
from lambdarouter.router import Router

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["TargetError", "load"]


class TargetError(Exception):
    """What is named is no app. The text is for the developer; where the import failed, its exception is the cause."""


def load(target: str, directory: Path) -> App:
    """Import the app: `module:attribute`, or `path/to/app.py:attribute`; `directory` goes on `sys.path`, as on Lambda.

    Without an attribute it is the module's only `App`, or the one called app. Raises `TargetError`, and the
    `ConfigurationError` that the module raises.
    """
    where, _, attribute = target.rpartition(":")
    if not attribute.isidentifier() or ":" not in target:
        where, attribute = target.removesuffix(":"), ""
    if not where:
        msg = f'{target!r} names no module: APP is module:attribute ("shop.app:app") or a file ("shop/app.py")'
        raise TargetError(msg)
    if str(directory) not in sys.path:
        sys.path.insert(0, str(directory))
    is_file = where.endswith(".py") or os.sep in where or not all(where.split("."))
    file, name = _importable(directory / where, where) if is_file else (None, where)
    return _app_of(_import(where, file, name, directory), where, attribute)


def _importable(path: Path, where: str) -> tuple[Path, str]:
    """The file and its module's name. The directory that name starts from goes on sys.path, as on Lambda."""
    if not path.is_file():
        shown = Path(where)
        msg = f"{shown} is a directory: name the file with the app" if path.exists() else f"there is no file {shown}"
        raise TargetError(msg)
    path = path.resolve()
    names = [] if path.stem == "__init__" else [path.stem]
    root = path.parent
    while (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    sys.path.insert(0, str(root))
    return path, ".".join(names)


def _import(where: str, file: Path | None, name: str, directory: Path) -> ModuleType:
    try:
        # What a module prints is no part of a command's output.
        with redirect_stdout(sys.stderr):
            module = import_module(name)
    except ConfigurationError:
        raise
    except SystemExit as error:
        msg = f"{where} ends the process while it is imported (exit status {error.code})"
        raise TargetError(msg) from None
    except Exception as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
        if missing and f"{name}.".startswith(f"{missing}.") and file is None:
            msg = f"no module {missing} in {directory} or on sys.path (APP is module:attribute, or a file's path)"
            raise TargetError(msg) from None
        msg = f"{where} cannot be imported"
        raise TargetError(msg) from error
    found = getattr(module, "__file__", None)
    if file is not None and (found is None or Path(found).resolve() != file):
        msg = f"{where} would be imported as {name}, but that is {found or 'built into Python'}: give it another name"
        raise TargetError(msg)
    return module


def _app_of(module: ModuleType, where: str, attribute: str) -> App:
    apps = {name: value for name, value in vars(module).items() if isinstance(value, App)}
    named = ", ".join(apps) or "none"
    if not attribute:
        if len({id(value) for value in apps.values()}) == 1:
            return apps.get("app") or next(iter(apps.values()))
        attribute = "app"
        if not apps:
            msg = f"{where} has no App: make one, app = App(), or name another module"
            raise TargetError(msg)
        if attribute not in apps:
            msg = f"{where} has several apps and none is called app; say which: {_choices(where, apps)}"
            raise TargetError(msg)
    if not hasattr(module, attribute):
        msg = f"{where} has no attribute {attribute}; its apps: {named}"
        raise TargetError(msg)
    value: Any = getattr(module, attribute)
    if not isinstance(value, App):
        hint = "; include it in an App" if isinstance(value, Router) else f"; its apps: {named}"
        msg = f"{where}:{attribute} is no App but {_kind(value)}{hint}"
        raise TargetError(msg)
    return value


def _choices(where: str, apps: dict[str, App]) -> str:
    return ", ".join(f"{where}:{name}" for name in apps)


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
