"""The lobby's decorators: typed for type checkers, empty until they are used.

`sns = decorator(lambda: sources.sns.SnsTrigger)` in a class gives `@app.sns(...)` the trigger's own signature, for
mypy, pyright, `help` and `inspect.signature`; the room is imported when the attribute is first read.
"""

from __future__ import annotations

from lambdarouter.core.signature import place_of
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Generic, ParamSpec, Protocol, TypeVar, overload

    from lambdarouter.core.trigger import Trigger

    P = ParamSpec("P")
    F = TypeVar("F", bound=Callable[..., Any])

    class Registers(Protocol):
        """What a decorator call returns: it registers a function, and gives it back unchanged."""

        def __call__(self, fn: F, /) -> F: ...

    class Registry(Protocol):
        def register(self, make: Callable[[], Trigger], fn: Callable[..., Any]) -> None: ...

    class _Typed(Generic[P]):
        pass
else:
    P = "P"

    class _Typed:
        # `typing.Generic` would cost every cold start the import of typing.
        def __class_getitem__(cls, _parameters: object) -> type:
            return cls


__all__ = ["decorator"]


class decorator(_Typed[P]):  # noqa: N801 - reads as what it makes
    """A descriptor: on an app or a router it is a function that takes a trigger's options and returns a decorator."""

    def __init__(self, load: Callable[[], Callable[P, Trigger]]) -> None:
        self._load = load

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    if TYPE_CHECKING:

        @overload
        def __get__(self, router: None, owner: type) -> decorator[P]: ...
        @overload
        def __get__(self, router: Registry, owner: type) -> Callable[P, Registers]: ...

    def __get__(self, router: Registry | None, owner: type) -> decorator[P] | Callable[P, Registers]:
        if router is None:
            return self
        trigger = self._load()

        def register(*args: P.args, **options: P.kwargs) -> Registers:
            if args and callable(args[0]):
                # Without this, the handler would be taken for an option, and never registered.
                msg = f"the decorator is called before it decorates: @app.{self._name}(...), with parentheses"
                raise ConfigurationError(msg, place_of(args[0]))

            def decorate(fn: F, /) -> F:
                router.register(make, fn)
                return fn

            def make() -> Trigger:
                # Called when the function is known, so that an error in the options can name it.
                try:
                    return trigger(*args, **options)
                except TypeError as error:
                    # The class is the trigger's, or `Trigger` itself where the option was handed on to it.
                    said = str(error).rpartition(".__init__() ")[2]
                    msg = f"@app.{self._name}: {said}; help(app.{self._name}) shows its options"
                    raise ConfigurationError(msg) from None

            return decorate

        register.__name__ = self._name
        register.__qualname__ = f"{owner.__qualname__}.{self._name}"
        register.__doc__ = trigger.__doc__
        register.__wrapped__ = trigger  # type: ignore[attr-defined] # inspect.signature follows it
        return register
