"""From a function's signature to a plan for calling it, worked out once, at registration.

A plan holds one *getter* per parameter: a function of the match and the invocation that fetches the argument. What a
parameter may be is decided by the source (`Source.provide`); what every source shares is here: the `Context` and
`Depends`. Signatures are read from `__code__` where that is enough, because `inspect` and `typing` are slow to import.
"""

from __future__ import annotations

from functools import partial
from types import FunctionType

from lambdarouter.core.context import Context
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Literal

    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Match

    Getter = Callable[[Match, Invocation], Any]
    Provider = Callable[["Parameter"], Getter | None]

__all__ = ["EMPTY", "Dependency", "Depends", "Handler", "Marker", "Parameter", "flags_of", "name_of", "place_of", "plan"]

EMPTY: Any = type("EMPTY", (), {"__repr__": lambda _: "EMPTY"})()

_ITERABLE_COROUTINE, _COROUTINE, _GENERATOR, _ASYNC_GENERATOR = 0x100, 0x80, 0x20, 0x200  # inspect.CO_*
_CALL = "__call__"


class Marker:
    """The base of what `Annotated[T, …]` may carry to say where a parameter comes from."""

    __slots__ = ()


class Depends(Marker):
    """`Annotated[T, Depends(f)]`: the parameter is what `f` returns, or yields.

    `f` is planned like a handler: it may be sync, async, or a generator that yields once and cleans up afterwards, and
    may have dependencies itself. It runs once per invocation (once per record where it reads the record), or, with
    `scope="app"`, once per execution environment, before the first event.
    """

    __slots__ = ("fn", "scope")

    def __init__(self, fn: Callable[..., Any], *, scope: Literal["invocation", "app"] = "invocation") -> None:
        if scope not in ("invocation", "app"):
            msg = f'Depends(scope={scope!r}): the scope is "invocation" or "app"'
            raise ConfigurationError(msg)
        if not callable(fn):
            msg = f"Depends({fn!r}): a dependency is a function or another callable"
            raise ConfigurationError(msg)
        self.fn = fn
        self.scope = scope


class Parameter:
    """One parameter of a handler.

    `annotation` is the bare type (without `Annotated`), `declared` what the value has to fit (with the constraints
    that `Annotated` holds), `marker` what `Annotated` said of its origin. The source fills in `where` the value comes
    from ("path", "query", "message" …) and under which `alias`; documentation reads them back.
    """

    __slots__ = ("alias", "annotation", "declared", "default", "keyword", "marker", "name", "where")

    def __init__(self, name: str, declared: Any = EMPTY, default: Any = EMPTY, *, keyword: bool = False) -> None:
        self.name = name
        self.alias = name
        self.declared = declared
        self.default = default
        self.keyword = keyword
        self.where = ""
        self.annotation = declared
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
    return item() if isinstance(item, type) and issubclass(item, Marker) and item is not Depends else item


class Handler:
    """A planned function. `call(match, invocation)` fetches the arguments and calls it; the result may be awaitable.

    `returns` is the declared return type (`EMPTY` where there is none); `write` is what a source makes of it.
    """

    __slots__ = ("call", "dependencies", "fn", "is_async", "name", "parameters", "place", "returns", "write")

    def __init__(
        self,
        fn: Callable[..., Any],
        getters: list[tuple[Parameter, Getter]],
        dependencies: tuple[Dependency, ...],
        parameters: list[Parameter],
        returns: Any,
    ) -> None:
        self.fn = fn
        self.name = name_of(fn)
        self.place = place_of(fn)
        self.is_async = bool(flags_of(fn) & (_COROUTINE | _ITERABLE_COROUTINE))
        self.dependencies = dependencies
        self.parameters = parameters
        self.returns = returns
        self.write: Callable[[Any], str | None] | None = None
        self.call = _caller(fn, getters)


class Dependency:
    """A planned `Depends`. Two of the same function in one scope are one: `key` identifies it."""

    __slots__ = ("handler", "key", "kind", "per_record", "scope")

    def __init__(self, handler: Handler, scope: str, *, per_record: bool) -> None:
        flags = flags_of(handler.fn)
        self.handler = handler
        self.key: Any = handler.fn if scope == "invocation" else (handler.fn, scope)
        self.scope = scope
        self.per_record = per_record
        self.kind = "async generator" if flags & _ASYNC_GENERATOR else "generator" if flags & _GENERATOR else "function"

    @property
    def is_async(self) -> bool:
        """Whether making it, or cleaning up after it, needs an event loop."""
        return self.handler.is_async or self.kind == "async generator"

    def given(self, match: Match) -> Any:
        """The value where it is known without calling the function (a guard that the gateway ran), else `EMPTY`."""
        return EMPTY

    def finish(self, value: Any, match: Match) -> Any:
        """What becomes of the value before it is kept; a guard turns its verdict into a refusal here."""
        return value


def plan(fn: Callable[..., Any], provide: Provider, *, choices: str) -> Handler:
    """Plan a handler. `provide` is the source's word on a parameter; `choices` says what it could have been.

    Raises `ConfigurationError` for an annotation that cannot be resolved, a parameter nobody can fill, two that would
    take the same payload, and a function whose body would never run.
    """
    if flags_of(fn) & (_GENERATOR | _ASYNC_GENERATOR):
        msg = "the handler is a generator: calling it runs nothing. Return the value instead of yielding it"
        raise ConfigurationError(msg)
    return _plan(fn, provide, choices, ())[0]


def _plan(
    fn: Callable[..., Any], provide: Provider, choices: str, chain: tuple[Callable[..., Any], ...]
) -> tuple[Handler, bool]:
    """Plan `fn`, and tell whether it reads the record. `chain` is the way of `Depends` that led here."""
    if fn in chain:
        names = " -> ".join(name_of(link) for link in (*chain, fn))
        msg = f"the dependencies go in a circle: {names}"
        raise ConfigurationError(msg)
    parameters, returns = _signature(fn)
    getters: list[tuple[Parameter, Getter]] = []
    dependencies: dict[Any, Dependency] = {}
    per_record = False
    for parameter in parameters:
        if isinstance(parameter.marker, Depends):
            dependency = _dependency(parameter.marker, provide, choices, (*chain, fn))
            for inner in (*dependency.handler.dependencies, dependency):
                dependencies[inner.key, inner.scope] = inner
            per_record = per_record or dependency.per_record
            getters.append((parameter, _made(dependency.key)))
        elif parameter.annotation is Context:
            getters.append((parameter, _context))
        else:
            getter = provide(parameter)
            if getter is not None:
                per_record = per_record or parameter.where != "event"
                getters.append((parameter, getter))
            elif parameter.required:
                shown = "" if parameter.declared is EMPTY else f": {_shown(parameter.declared)}"
                msg = f"nobody can fill the parameter '{parameter.name}{shown}'; it could be {choices}"
                raise ConfigurationError(msg)
            elif not parameter.keyword:  # positional-only: left out, it would shift those after it
                getters.append((parameter, _default(parameter.default)))
    takers = [parameter.name for parameter in parameters if parameter.where in ("payload", "body")]
    if len(takers) > 1:
        msg = f"the parameters {' and '.join(takers)} would both take the payload; only one can: it could be {choices}"
        raise ConfigurationError(msg)
    return Handler(fn, getters, tuple(dependencies.values()), parameters, returns), per_record


def _dependency(depends: Depends, provide: Provider, choices: str, chain: tuple[Callable[..., Any], ...]) -> Dependency:
    of_app = depends.scope == "app"
    try:
        handler, per_record = _plan(
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
    return Dependency(handler, depends.scope, per_record=per_record)


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


def _signature(fn: Callable[..., Any]) -> tuple[list[Parameter], Any]:
    if type(fn) is FunctionType and not hasattr(fn, "__wrapped__") and not hasattr(fn, "__signature__"):
        annotations = _annotations(fn)
        parameters = list(_from_code(fn, annotations))
        return parameters, annotations.get("return", EMPTY)
    return _inspected(fn)


def _from_code(fn: FunctionType, annotations: dict[str, Any]) -> Iterator[Parameter]:
    code = fn.__code__
    count = code.co_argcount
    defaults = fn.__defaults__ or ()
    skipped = False  # a parameter left to its default: those after it must be passed by name
    for index, name in enumerate(code.co_varnames[:count]):
        default = defaults[index - count] if index >= count - len(defaults) else EMPTY
        skipped = skipped or default is not EMPTY
        positional_only = index < code.co_posonlyargcount
        yield Parameter(name, annotations.get(name, EMPTY), default, keyword=skipped and not positional_only)
    for name in code.co_varnames[count : count + code.co_kwonlyargcount]:
        default = (fn.__kwdefaults__ or {}).get(name, EMPTY)
        yield Parameter(name, annotations.get(name, EMPTY), default, keyword=True)


def _inspected(fn: Callable[..., Any]) -> tuple[list[Parameter], Any]:
    """The slow way, for what is not a plain function: a partial, a bound method, a class, a wrapped function."""
    import inspect  # noqa: PLC0415 - 20 ms, for a few handlers only

    try:
        signature = inspect.signature(fn)
    except ValueError as error:
        msg = f"{name_of(fn)} does not tell its parameters ({error}): wrap it in a function"
        raise ConfigurationError(msg) from error
    inner = _target(fn)
    if isinstance(inner, type):
        inner = inner.__init__  # type: ignore[misc]
    elif not hasattr(inner, "__code__"):
        inner = type(inner).__call__
    annotations = _annotations(_target(inner))
    parameters = [
        Parameter(
            parameter.name,
            annotations.get(parameter.name, EMPTY),
            EMPTY if parameter.default is inspect.Parameter.empty else parameter.default,
            keyword=parameter.kind is inspect.Parameter.KEYWORD_ONLY
            or (parameter.default is not inspect.Parameter.empty and parameter.kind is not parameter.POSITIONAL_ONLY),
        )
        for parameter in signature.parameters.values()
        if parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    ]
    return parameters, annotations.get("return", EMPTY)


def _annotations(fn: Any) -> dict[str, Any]:
    """The function's annotations as objects; strings are evaluated where the function was defined."""
    try:
        declared = getattr(fn, "__annotations__", {})
        names = _enclosing(fn) if declared else {}
        annotations = {
            # The developer's own source text, evaluated where it stands, as typing.get_type_hints does.
            name: eval(annotation, fn.__globals__, names) if isinstance(annotation, str) else annotation  # noqa: S307
            for name, annotation in declared.items()
        }
        if any(_unresolved(annotation) for annotation in annotations.values()):
            import typing  # noqa: PLC0415 - whoever writes a nested forward reference has loaded it

            annotations = typing.get_type_hints(fn, localns=names, include_extras=True)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        msg = (
            f"an annotation cannot be resolved ({error}): import the type at run time, not only under "
            "TYPE_CHECKING, and define it in a module or in an enclosing scope that the function itself uses"
        )
        raise ConfigurationError(msg) from error
    return annotations


def _enclosing(fn: Any) -> dict[str, Any]:
    """The names that a nested function takes from around it, as far as they are defined by now."""
    names: dict[str, Any] = {}
    for name, cell in zip(fn.__code__.co_freevars, fn.__closure__ or (), strict=True):
        try:
            names[name] = cell.cell_contents
        except ValueError:
            continue  # defined after the function: itself, for one, while its decorator runs
    return names


def _unresolved(annotation: Any) -> bool:
    kind = type(annotation).__name__
    if kind == "_LiteralGenericAlias":  # a Literal's strings are values
        return False
    return kind in ("str", "ForwardRef") or any(map(_unresolved, getattr(annotation, "__args__", ())))


def flags_of(fn: Any) -> int:
    """The code flags of what a call really enters; `__wrapped__` is not followed, a decorator may change the colour."""
    while isinstance(fn, partial):
        fn = fn.func
    fn = getattr(fn, "__func__", fn)
    if not hasattr(fn, "__code__") and not isinstance(fn, type):
        fn = getattr(type(fn), _CALL, None)
    code = getattr(fn, "__code__", None)
    return 0 if code is None else int(code.co_flags)


def _target(fn: Any) -> Any:
    """The function or class behind partials, methods and wrappers: what a developer would look for."""
    while True:
        inner = fn.func if isinstance(fn, partial) else getattr(fn, "__wrapped__", getattr(fn, "__func__", None))
        if inner is None:
            return fn
        fn = inner


def name_of(fn: Any) -> str:
    """The dotted name of a handler: `module.qualname`."""
    fn = _target(fn)
    if not hasattr(fn, "__qualname__"):
        fn = type(fn)
    return f"{fn.__module__}.{fn.__qualname__}"


def place_of(fn: Any) -> str:
    """The handler's name, file and line, for messages: `shop.read (shop.py:12)`."""
    target = _target(fn)
    code = getattr(target, "__code__", None) or getattr(getattr(type(target), _CALL, None), "__code__", None)
    where = "" if code is None else f" ({code.co_filename}:{code.co_firstlineno})"
    return f"{name_of(fn)}{where}"


def _shown(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)
