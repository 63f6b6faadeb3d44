"""Trigger: the options of one decorator call, which are the filter of one route."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from inspect import Signature
    from typing import Any, Literal, Self, TypedDict

    from lambdarouter.core.once import Once
    from lambdarouter.core.source import Source

    class Shared(TypedDict, total=False):
        """The options that every decorator has, for `**shared: Unpack[Shared]`: those of `Trigger` itself."""

        concurrency: int | None
        unmatched: Literal["ignore", "fail"]
        once: bool | Callable[[Any], str | None] | Once


__all__ = ["Trigger"]


class _Signature:
    """`inspect.signature` of a trigger, and so of its decorator, with `**shared` written out."""

    def __get__(self, trigger: Trigger | None, owner: type[Trigger]) -> Signature:
        import inspect  # noqa: PLC0415 - only for who asks

        signature = inspect.signature(owner.__init__)
        shown: dict[str, inspect.Parameter] = {}
        for kind in owner.__mro__:
            if "__init__" in vars(kind):
                parameters = inspect.signature(vars(kind)["__init__"]).parameters
                own = [parameter for name, parameter in parameters.items() if name not in ("self", "shared")]
                # A base with positional parameters gets them from its subclass: they are no options.
                if vars(kind)["__init__"] is owner.__init__ or all(
                    parameter.kind is parameter.KEYWORD_ONLY for parameter in own
                ):
                    for parameter in own:
                        shown.setdefault(parameter.name, parameter)
                if "shared" not in parameters:
                    break
        return signature.replace(parameters=list(shown.values()))


class Trigger:
    """The base of every room's trigger. Immutable after construction; the constructor is the decorator's signature.

    A subclass names its `source` and says which records it `claims` (they come from the topic, queue or path it
    names) and which of those it `declines` (a filter said no). Wrong options raise `ConfigurationError`.

    Options that all triggers have are the keywords of this constructor; a subclass takes them as
    `**shared: Unpack[Shared]` and hands them on.

    `concurrency`: how many of the route's calls for one event run at once; default 100 for async handlers and 10 for
    sync ones, which then run in threads. 1 means one after the other, in order, in the main thread.
    `unmatched`: what becomes of a record that is claimed but declined: "ignore" it, or "fail" the record.
    `once`: whether a record that comes again is handled again. True: not where the app's store knows that the handler
    is done with it; a function of the record gives its key, `Once(...)` more. Needs `App(store=...)`.
    """

    __slots__ = ("concurrency", "once", "unmatched")

    # The envelopes in which its events come, where the room has the option; see `core.envelope`.
    via: tuple[Any, ...] = ()

    if not TYPE_CHECKING:
        __signature__ = _Signature()

    source: type[Source]

    def __init__(
        self,
        *,
        concurrency: int | None = None,
        unmatched: Literal["ignore", "fail"] = "ignore",
        once: bool | Callable[[Any], str | None] | Once = False,
    ) -> None:
        if concurrency is not None and (type(concurrency) is not int or concurrency < 1):
            msg = f"concurrency is {concurrency!r}; it is a number of calls, 1 or more"
            raise ConfigurationError(msg)
        if unmatched not in ("ignore", "fail"):
            msg = f'unmatched is {unmatched!r}; it is "ignore" or "fail"'
            raise ConfigurationError(msg)
        self.concurrency: int | None = concurrency
        self.unmatched = unmatched
        self.once: Once | None = None
        if once is not False:
            from lambdarouter.core.once import once_of  # noqa: PLC0415 - only for routes that ask for it

            self.once = once_of(once)

    def claims(self, record: Any) -> bool:
        """Whether this trigger names where the record came from. By default: every record of its source."""
        return True

    def declines(self, record: Any) -> str | None:
        """Why the filter refuses a record that is claimed, or None where it accepts it."""
        return None

    def layer(self) -> Callable[..., Any] | None:
        """A middleware of the trigger's own, inside all others; by default none. It may answer with an `Outcome`."""
        return None

    def twin(self) -> Self:
        """A copy, for a subclass to change before it hands it on: a trigger itself never changes."""
        twin = type(self).__new__(type(self))
        for kind in type(self).__mro__:
            for name in kind.__dict__.get("__slots__", ()):
                setattr(twin, name, getattr(self, name))
        return twin

    def inherits(self, cors: Any, auth: Any) -> Self:
        """This trigger with the CORS and the guard of what it stands in; only HTTP has a use for them."""
        return self

    def prefixed(self, prefix: str) -> Self:
        """This trigger under a router's path prefix; only sources with paths have a use for it."""
        return self

    def tagged(self, tags: Sequence[str]) -> Self:
        """This trigger with a router's tags; only sources with an OpenAPI document have a use for them."""
        return self

    @property
    def is_filtered(self) -> bool:
        """Whether `declines` may refuse a record; where not, it need not be asked."""
        return type(self).declines is not Trigger.declines

    def describe(self) -> str:
        """The filter as `lambdarouter routes` prints it."""
        return ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.describe()})"
