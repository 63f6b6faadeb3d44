"""One parameter of a handler, and what its annotation may say of where it comes from."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

__all__ = ["EMPTY", "Depends", "Marker", "Parameter"]

# No annotation, no default, no value.
EMPTY: Any = type("EMPTY", (), {"__repr__": lambda _: "EMPTY"})()


class Marker:
    """The base of what `Annotated[T, …]` may carry to say where a parameter comes from."""

    __slots__ = ()


class Depends(Marker):
    """`Annotated[T, Depends(f)]`: the parameter is what `f` returns, or yields.

    `f` is planned like a handler: it may be sync, async, or a generator that yields once and cleans up afterwards, and
    may have dependencies itself. `scope` says how often it runs:

    - "call": for each call, as is the rule for generators, for what reads the record, and for what depends on these.
    - "invocation": once for all calls of an event, as is the rule for all others. A generator of this scope sees a
      failure of any of the calls, and fails all of them then: what it does about it, it does for all.
    - "app": once per execution environment, before the first event.
    """

    __slots__ = ("fn", "scope")

    def __init__(self, fn: Callable[..., Any], *, scope: Literal["call", "invocation", "app"] | None = None) -> None:
        if scope not in (None, "call", "invocation", "app"):
            msg = f'Depends(scope={scope!r}): the scope is "call", "invocation" or "app"'
            raise ConfigurationError(msg)
        if not callable(fn):
            msg = f"Depends({fn!r}): a dependency is a function or another callable"
            raise ConfigurationError(msg)
        if getattr(type(fn), "__hash__", None) is None:
            msg = f"Depends({fn!r}): a dependency is known by its hash, and a {type(fn).__name__} has none"
            raise ConfigurationError(msg)
        self.fn: Callable[..., Any] = fn
        self.scope = scope


class Parameter:
    """One parameter of a handler.

    `annotation` is the bare type (without `Annotated`), `declared` what the value has to fit (with the constraints
    that `Annotated` holds), `marker` what `Annotated` said of its origin. The source fills in `where` the value comes
    from ("path", "query", "message" …) and under which `alias`; documentation reads them back. Where it
    is no more than the record's payload, `convert` is what is made of that.
    """

    __slots__ = ("alias", "annotation", "convert", "declared", "default", "keyword", "marker", "name", "where")

    def __init__(self, name: str, declared: Any = EMPTY, default: Any = EMPTY, *, keyword: bool = False) -> None:
        while type(declared).__name__ == "TypeAliasType":  # `type Number = int`, from Python 3.12 on
            declared = declared.__value__
        self.name: str = name
        self.alias: str = name
        self.declared: Any = declared
        self.default: Any = default
        self.keyword: bool = keyword
        self.where: str = ""
        self.convert: Callable[[Any], Any] | None = None
        self.annotation: Any = declared
        self.marker: Marker | None = None
        if hasattr(declared, "__metadata__"):
            self.annotation = declared.__origin__
            markers = [_instance(item) for item in declared.__metadata__]
            found = [marker for marker in markers if isinstance(marker, Marker)]
            if len(found) > 1:
                msg = f"parameter {name!r} has {len(found)} markers in its Annotated; one says where it comes from"
                raise ConfigurationError(msg)
            self.marker = found[0] if found else None
            if len(found) == len(markers):
                self.declared = self.annotation  # with no constraint beside the marker, nothing needs pydantic
        if isinstance(default, Marker):
            msg = f"parameter {name!r} has {type(default).__name__} as its default: write Annotated[T, …] instead"
            raise ConfigurationError(msg)

    @property
    def required(self) -> bool:
        """Whether the handler has no default for it."""
        return self.default is EMPTY


def _instance(item: object) -> object:
    """`Annotated[str, Header]` means `Header()`."""
    if item is Depends:
        msg = "Depends has no function to depend on: write Annotated[T, Depends(f)]"
        raise ConfigurationError(msg)
    return item() if isinstance(item, type) and issubclass(item, Marker) else item
