"""SnapStart's hooks: functions to call before the snapshot of an environment is taken, and after one is restored.

AWS's runtime keeps such functions in `snapshot_restore_py`, which every managed Python has. Where that is there, hooks
go into it, so that they run under both runtimes, and in one order with those that libraries register.
https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Hook = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]

__all__ = ["after_restore", "before_snapshot", "hooks"]

# Where AWS's registry is not installed.
_own: dict[str, list[Hook]] = {"before_snapshot": [], "after_restore": []}


def before_snapshot(fn: Callable[[], Any]) -> None:
    """Register a function, sync or async, for before the snapshot."""
    _register("before_snapshot", fn)


def after_restore(fn: Callable[[], Any]) -> None:
    """Register a function, sync or async, for after a restore."""
    _register("after_restore", fn)


def hooks(when: str) -> list[Hook]:
    """What is registered for "before_snapshot" or "after_restore", in the order in which it is to run."""
    registry = _registry()
    found: list[Hook] = list(_own[when] if registry is None else getattr(registry, f"get_{when}")())
    return found[::-1] if when == "before_snapshot" else found


def _register(when: str, fn: Callable[[], Any]) -> None:
    def run() -> None:
        made = fn()
        if hasattr(made, "__await__"):
            from lambdarouter.engine.loop import finish  # noqa: PLC0415 - asyncio: only where it is needed

            finish(_awaited(made))

    registry = _registry()
    if registry is None:
        _own[when].append((run, (), {}))
    else:
        getattr(registry, f"register_{when}")(run)


async def _awaited(awaitable: Any) -> None:
    await awaitable


def _registry() -> Any:
    try:
        return import_module("snapshot_restore_py")
    except ModuleNotFoundError:
        return None
