"""From a function's signature to a plan for calling it, worked out once, at registration.

A plan holds one *getter* per parameter: a function of the match and the invocation that fetches the argument. What a
parameter may be is decided by the source (`Source.provide`); what every source shares is here: the `Context` and
`Depends`.
"""

from __future__ import annotations

from lambdarouter.core.context import Context
from lambdarouter.core.parameter import EMPTY, Depends
from lambdarouter.core.signature import call_kind, name_of, place_of, read_signature
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Match

    Getter = Callable[[Match, Invocation], Any]
    Provider = Callable[[Parameter], Getter | None]

__all__ = ["Dependency", "Handler", "depend", "plan"]

_GENERATORS = ("generator", "async generator")


class Handler:
    """A planned function. `call(match, invocation)` fetches the arguments and calls it; the result may be awaitable.

    `write` is what a source makes of the declared return type.
    """

    __slots__ = (
        "call",
        "dependencies",
        "direct",
        "fn",
        "getters",
        "in_thread",
        "is_async",
        "name",
        "parameters",
        "plain_type",
        "shares",
        "streams",
        "write",
    )

    def __init__(
        self,
        fn: Callable[..., Any],
        getters: list[tuple[Parameter, Getter]],
        direct: Iterable[Dependency],
        parameters: list[Parameter],
    ) -> None:
        self.fn: Callable[..., Any] = fn
        self.name: str = name_of(fn)
        kind = call_kind(fn)
        self.is_async: bool = kind == "coroutine"
        # Whether it yields its reply piece by piece.
        self.streams: bool = kind in _GENERATORS
        self.depend_on(direct)
        self.getters: list[tuple[Parameter, Getter]] = getters
        self.parameters: list[Parameter] = parameters
        self.write: Callable[[Any], str | None] | None = None
        self.in_thread: bool = False
        # The type of what it returned before, where that was nothing to await.
        self.plain_type: Any = None
        self.call: Getter = _caller(fn, getters)

    def must_await(self, value: Any) -> bool:
        """Whether what it returned is to be awaited; remembers a type that is not.

        To ask every time is dear: a pydantic model takes 3 µs to say that it has no such attribute.
        """
        kind = type(value)
        if hasattr(kind, "__await__"):
            return True
        self.plain_type = kind
        return False

    @property
    def place(self) -> str:
        """Where the function stands, for messages: `shop.read (shop.py:12)`."""
        return place_of(self.fn)

    def depend_on(self, direct: Iterable[Dependency]) -> None:
        """Depend on these, and on what they depend on: each is made once, after those that it needs."""
        self.direct: tuple[Dependency, ...] = tuple(direct)
        made: dict[Any, Dependency] = {}
        for dependency in self.direct:
            # What a guard itself depends on is made when it runs: not where API Gateway has run it.
            for inner in (*(() if dependency.leads else dependency.handler.dependencies), dependency):
                made[inner.key] = inner
        self.dependencies: tuple[Dependency, ...] = tuple(made.values())
        # Whether its calls have a fate in common: that of a generator which is ended after all of them.
        self.shares: bool = any(
            dependency.scope == "invocation" and "generator" in dependency.kind for dependency in self.dependencies
        )


class Dependency:
    """A planned `Depends`. Two of the same function in one scope are one: `key` identifies it.

    `scope`: "call", "invocation" or "app", see `Depends`; `key`: of what is made, in the scope's cache.

    One that `leads` (a guard) is made before all that do not, those of a router included.
    """

    __slots__ = ("handler", "key", "kind", "planned", "scope")

    leads = False

    def __init__(self, handler: Handler, scope: str, planned: Callable[[Callable[..., Any]], Dependency]) -> None:
        self.handler: Handler = handler
        # Plans another function where this one stands.
        self.planned: Callable[[Callable[..., Any]], Dependency] = planned
        self.key: Any = (handler.fn, scope)
        self.scope: str = scope
        self.kind: str = call_kind(handler.fn)

    @property
    def is_async(self) -> bool:
        """Whether making it, or cleaning up after it, needs an event loop."""
        return self.kind in ("coroutine", "async generator")

    def replaced(self, fn: Callable[..., Any]) -> Dependency:
        """Another function in the place of this one, whose value goes where this one's did.

        Raises `ConfigurationError` where it has a parameter that nobody can fill there.
        """
        other = self.planned(fn)
        other.key = self.key
        return other

    def given(self, match: Match) -> Any:
        """The value where it is known without calling the function (a guard that the gateway ran), else `EMPTY`."""
        return EMPTY

    def finish(self, value: Any, match: Match) -> Any:
        """What becomes of the value before it is kept; a guard turns its verdict into a refusal here."""
        return value


def plan(fn: Callable[..., Any], provide: Provider, *, choices: str, streams: bool = False) -> Handler:
    """Plan a handler. `provide` is the source's word on a parameter; `choices` says what it could have been.

    `streams`: whether the handler may be a generator, which yields its reply piece by piece.

    Raises `ConfigurationError` for an annotation that cannot be resolved, a parameter nobody can fill, two that would
    take the same payload, and a function whose body would never run.
    """
    if not streams and call_kind(fn) in _GENERATORS:
        msg = "the handler is a generator: calling it runs nothing. Return the value instead of yielding it"
        raise ConfigurationError(msg)
    return _plan(fn, provide, choices, ())[0]


def _plan(
    fn: Callable[..., Any], provide: Provider, choices: str, chain: tuple[Callable[..., Any], ...]
) -> tuple[Handler, bool]:
    """Plan `fn`, and tell whether it is for one call alone. `chain` is the way of `Depends` that led here."""
    if fn in chain:
        names = " -> ".join(name_of(link) for link in (*chain, fn))
        msg = f"the dependencies go in a circle: {names}"
        raise ConfigurationError(msg)
    parameters = read_signature(fn)
    required = [parameter for parameter in parameters if parameter.required]
    getters: list[tuple[Parameter, Getter]] = []
    direct: list[Dependency] = []
    of_call = False
    for parameter in sorted(parameters, key=lambda p: not p.required):
        if isinstance(parameter.marker, Depends):
            dependency = _dependency(parameter.marker, provide, choices, (*chain, fn))
            direct.append(dependency)
            of_call = of_call or dependency.scope == "call"
            getters.append((parameter, _made(dependency.key)))
        elif parameter.annotation is Context:
            getters.append((parameter, _context))
        else:
            getter = _provided(parameter, provide, spare=bool(chain or _takers(required)))
            if getter is not None:
                of_call = of_call or parameter.where != "event"
                getters.append((parameter, getter))
            elif parameter.required:
                shown = "" if parameter.declared is EMPTY else f": {_shown(parameter.declared)}"
                msg = f"nobody can fill the parameter '{parameter.name}{shown}'; it could be {choices}"
                raise ConfigurationError(msg)
            elif not parameter.keyword:  # positional-only: left out, it would shift those after it
                getters.append((parameter, _default(parameter.default)))
    takers = _takers(parameters)
    if len(takers) > 1:
        msg = (
            f"the parameters {' and '.join(takers)} would both take the payload, of which there is one: wrap their "
            f"types in one model, or have one of them be something else: {choices}"
        )
        raise ConfigurationError(msg)
    return Handler(fn, getters, direct, parameters), of_call


def depend(handler: Handler, dependencies: Sequence[Depends], provide: Provider, choices: str) -> None:
    """Have a handler depend on more than its parameters say: it gets none of their values."""
    more = [_dependency(depends, provide, choices, (handler.fn,)) for depends in dependencies]
    leading = [dependency for dependency in handler.direct if dependency.leads]
    handler.depend_on((*leading, *more, *(each for each in handler.direct if not each.leads)))


def _provided(parameter: Parameter, provide: Provider, *, spare: bool) -> Getter | None:
    """The source's getter. With `spare`, a parameter with a default keeps it and leaves the payload alone.

    So it is where another parameter requires the payload, and in a dependency: its defaults are settings, which are
    not the sender's to set.
    """
    getter = provide(parameter)
    if spare and parameter.where == "payload" and not parameter.required:
        parameter.where = ""
        return None
    return getter


def _takers(parameters: list[Parameter]) -> list[str]:
    return [parameter.name for parameter in parameters if parameter.where in ("payload", "body")]


def _dependency(depends: Depends, provide: Provider, choices: str, chain: tuple[Callable[..., Any], ...]) -> Dependency:
    of_app = depends.scope == "app"
    try:
        handler, of_call = _plan(
            # What outlives the invocation is made from its defaults, never from what a client sent.
            depends.fn,
            (lambda p: provide(p) if p.required else None) if of_app else provide,
            choices,
            chain,
        )
    except ConfigurationError as error:
        error.where = error.where or place_of(depends.fn)
        raise
    if of_app:
        outlives = next((inner for inner in handler.dependencies if inner.scope != "app"), None)
        needs = any(p.required and not isinstance(p.marker, Depends) for p in handler.parameters)
        if needs or outlives is not None:
            what = "a parameter of its own" if outlives is None else outlives.handler.name
            msg = f'{handler.place} has scope="app" and outlives the invocation, so it cannot depend on {what}'
            raise ConfigurationError(msg)
    elif of_call and depends.scope == "invocation":
        inner = next((inner for inner in handler.dependencies if inner.scope == "call"), None)
        what = "the record of one" if inner is None else f"{inner.handler.name}, which each of them has its own of"
        msg = f'{handler.place} has scope="invocation" and is for all calls of an event, so it cannot depend on {what}'
        raise ConfigurationError(msg)
    of_call = of_call or "generator" in call_kind(depends.fn)
    return Dependency(
        handler,
        depends.scope or ("call" if of_call else "invocation"),
        lambda fn: _dependency(Depends(fn, scope=depends.scope), provide, choices, chain),
    )


def _default(value: Any) -> Getter:
    return lambda match, invocation: value


def _made(key: Any) -> Getter:
    # The engine makes a handler's dependencies before it calls it.
    return lambda match, invocation: invocation.find(key, EMPTY)


def _context(match: Match, invocation: Invocation) -> Context:
    return invocation.context


def _caller(fn: Callable[..., Any], getters: list[tuple[Parameter, Getter]]) -> Getter:
    """The leanest call for the number of arguments: this runs for every event."""
    positional = [get for parameter, get in getters if not parameter.keyword]
    keywords = [(parameter.name, get) for parameter, get in getters if parameter.keyword]
    if keywords:
        return lambda match, invocation: fn(
            *[get(match, invocation) for get in positional],
            **{name: get(match, invocation) for name, get in keywords},
        )
    if not positional:
        return lambda match, invocation: fn()
    if len(positional) == 1:
        only = positional[0]
        return lambda match, invocation: fn(only(match, invocation))
    return lambda match, invocation: fn(*[get(match, invocation) for get in positional])


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
