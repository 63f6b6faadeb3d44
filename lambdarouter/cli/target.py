"""APP on the command line: which module to import, and which `App` in it is meant."""

from __future__ import annotations

import os
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from lambdarouter.app import App
from lambdarouter.cli.origin import stack_trace
from lambdarouter.cli.output import fail
from lambdarouter.errors import ConfigurationError
from lambdarouter.router import Router

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["Target", "load"]

Target = Annotated[
    str,
    typer.Argument(
        metavar="APP",
        help="The app: module:attribute, or path/to/app.py:attribute. Without an attribute it is the module's only "
        "App, or the one called app.",
    ),
]


def load(target: str) -> App:
    """Import the app. What is wrong with `target`, or with the module, is said in the user's terms; exit status 2."""
    where, _, attribute = target.rpartition(":")
    if not attribute.isidentifier() or ":" not in target:
        where, attribute = target.removesuffix(":"), ""
    if not where:
        fail(f'{target!r} names no module: APP is module:attribute ("shop.app:app") or a file ("shop/app.py")')
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    is_file = where.endswith(".py") or os.sep in where or not all(where.split("."))
    module = _import(where, *_importable(Path(where))) if is_file else _import(where, None, where)
    return _app_of(module, where, attribute)


def _importable(path: Path) -> tuple[Path, str]:
    """The file and its module's name. The directory that name starts from goes on sys.path, as on Lambda."""
    if not path.is_file():
        fail(f"there is no file {path}" if not path.exists() else f"{path} is a directory: name the file with the app")
    path = path.resolve()
    names = [] if path.stem == "__init__" else [path.stem]
    root = path.parent
    while (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    sys.path.insert(0, str(root))
    return path, ".".join(names)


def _import(where: str, file: Path | None, name: str) -> ModuleType:
    try:
        # What a module prints is no part of a command's output.
        with redirect_stdout(sys.stderr):
            module = import_module(name)
    except ConfigurationError as error:
        fail(str(error))
    except SystemExit as error:
        fail(f"{where} ends the process while it is imported (exit status {error.code})")
    except Exception as error:  # noqa: BLE001 - the developer's module may raise anything
        missing = error.name if isinstance(error, ModuleNotFoundError) and error.name else ""
        if missing and f"{name}.".startswith(f"{missing}.") and file is None:
            fail(f"no module {missing} in {Path.cwd()} or on sys.path (APP is module:attribute, or a file's path)")
        fail(f"{where} cannot be imported\n{stack_trace(error)}")
    found = getattr(module, "__file__", None)
    if file is not None and (found is None or Path(found).resolve() != file):
        fail(f"{where} would be imported as {name}, but that is {found or 'built into Python'}: give it another name")
    return module


def _app_of(module: ModuleType, where: str, attribute: str) -> App:
    apps = {name: value for name, value in vars(module).items() if isinstance(value, App)}
    named = ", ".join(apps) or "none"
    if not attribute:
        if len({id(value) for value in apps.values()}) == 1:
            return apps.get("app") or next(iter(apps.values()))
        attribute = "app"
        if not apps:
            fail(f"{where} has no App: make one, app = App(), or name another module")
        if attribute not in apps:
            fail(f"{where} has several apps and none is called app; say which: {_choices(where, apps)}")
    if not hasattr(module, attribute):
        fail(f"{where} has no attribute {attribute}; its apps: {named}")
    value: Any = getattr(module, attribute)
    if not isinstance(value, App):
        hint = "; include it in an App" if isinstance(value, Router) else f"; its apps: {named}"
        fail(f"{where}:{attribute} is no App but {_kind(value)}{hint}")
    return value


def _choices(where: str, apps: dict[str, App]) -> str:
    return ", ".join(f"{where}:{name}" for name in apps)


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOUaeiou' else 'a'} {name}"
