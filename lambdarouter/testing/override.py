"""Other dependency functions in the place of an app's: what `client.override` does.

Handlers are planned when they are registered, so they are planned anew here, as if they depended on the other function;
nothing is looked up while an event is handled.
"""

from __future__ import annotations

from lambdarouter.core.parameter import Depends
from lambdarouter.core.signature import name_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Self

    from lambdarouter.app import App
    from lambdarouter.core.handler import Dependency, Handler
    from lambdarouter.core.invocation import Invocation

    Function = Callable[..., Any]

__all__ = ["Override"]


class Override:
    """One function in the place of another, from its making on until `undo`, or the end of `with`."""

    def __init__(self, app: App, dependency: Function, fake: Function) -> None:
        self.dependency = dependency
        self.fake: Callable[..., Any] = Depends(fake).fn  # which refuses what is no function
        # The app's own: several clients may override what it depends on.
        self._plans: _Plans = vars(app).setdefault("_overridden", _Plans(app))
        self._plans.add(self)

    def undo(self) -> None:
        """Have what was there before."""
        self._plans.remove(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.undo()


class _Plans:
    """What the handlers of one app depend on, by its overrides: the latest of a function counts."""

    def __init__(self, app: App) -> None:
        engine = app._engine  # noqa: SLF001 - what an app shows of itself are its routes
        self._registrar, self._environment = engine.registrar, engine.environment
        self._overrides: list[Override] = []
        self._fakes: dict[Function, Function] = {}
        # How it was, to be put back.
        self._direct: list[tuple[Handler, tuple[Dependency, ...]]] = []
        self._shared_by_event: list[Dependency] = []
        # What was made for the app, by key, while something else is to be made in its place.
        self._stale: set[Any] = set()
        self._kept: dict[Any, Any] = {}
        self._scope: Invocation | None = None

    def add(self, override: Override) -> None:
        self._overrides.append(override)
        try:
            self._replan()
        except BaseException:
            self.remove(override)
            raise

    def remove(self, override: Override) -> None:
        if override in self._overrides:
            self._overrides.remove(override)
            self._replan()

    def _check(self) -> None:
        """Raise `ConfigurationError` for an override of what no handler depends on."""
        known = {dependency.handler.fn for route in self._registrar.all() for dependency in _tree(route.handler)}
        for override in self._overrides:
            if override.dependency not in known:
                names = ", ".join(sorted(map(name_of, known))) or "none"
                msg = f"no handler depends on {_shown(override.dependency)}; what they depend on: {names}"
                raise ConfigurationError(msg)

    def _replan(self) -> None:
        self._restore()
        self._check()
        self._fakes = {override.dependency: override.fake for override in self._overrides}
        try:
            for route in self._registrar.all() if self._fakes else ():
                self._apply(route.handler, ())
        finally:
            self._registrar.share_anew()
            self._forget()

    def _apply(self, handler: Handler, chain: tuple[Function, ...]) -> bool:
        """Have a handler depend on the fakes. Whether anything is another, here or below."""
        direct = handler.direct
        changed = [self._other(dependency, chain) for dependency in direct]
        if not any(is_new for _, is_new in changed):
            return False
        self._direct.append((handler, direct))
        handler.depend_on(dependency for dependency, _ in changed)
        return True

    def _other(self, dependency: Dependency, chain: tuple[Function, ...]) -> tuple[Dependency, bool]:
        """What stands in a dependency's place, and whether it is another than it was, in itself or below."""
        fn = dependency.handler.fn
        fake = self._fakes.get(fn)
        if fake is None:
            is_new = self._apply(dependency.handler, chain)
        else:
            if fn in chain:
                names = " -> ".join(name_of(self._fakes[each]) for each in chain)
                msg = f"the overrides go in a circle: {names} -> {name_of(fn)}, which is replaced itself"
                raise ConfigurationError(msg)
            dependency = dependency.replaced(fake)
            self._apply(dependency.handler, (*chain, fn))
            is_new = True
        of_call = any(inner.scope == "call" for inner in dependency.handler.dependencies)
        if is_new and of_call and dependency.scope == "invocation":
            dependency.scope = "call"
            self._shared_by_event.append(dependency)
        if is_new and dependency.scope == "app":
            self._stale.add(dependency.key)
        return dependency, is_new

    def _restore(self) -> None:
        for handler, direct in self._direct:  # the innermost first
            handler.depend_on(direct)
        for dependency in self._shared_by_event:
            dependency.scope = "invocation"
        made = self._made()
        for key in self._stale:
            made.pop(key, None)
        if self._environment.scope is self._scope:
            made.update(self._kept)
        self._direct, self._shared_by_event, self._stale, self._kept = [], [], set(), {}

    def _forget(self) -> None:
        """Have made anew what the app has made, and is to be another now."""
        made, self._scope = self._made(), self._environment.scope
        self._kept = {key: made.pop(key) for key in self._stale & made.keys()}

    def _made(self) -> dict[Any, Any]:
        scope = self._environment.scope
        return {} if scope is None or scope.cache is None else scope.cache


def _tree(handler: Handler) -> Iterator[Dependency]:
    for dependency in handler.direct:
        yield dependency
        yield from _tree(dependency.handler)


def _shown(fn: Any) -> str:
    return name_of(fn) if callable(fn) else repr(fn)
