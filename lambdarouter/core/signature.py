"""Reading a callable: its parameters, its colour, its name and place.

Plain functions are read from `__code__`, because `inspect` and `typing` are slow to import; the rest with `inspect`.
"""

from __future__ import annotations

import sys

from lambdarouter.core.parameter import EMPTY, Parameter
from lambdarouter.errors import ConfigurationError

try:
    from _functools import partial  # type: ignore[import-not-found] # functools itself takes 2 ms
except ImportError:  # not CPython
    from functools import partial

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import CodeType, FunctionType
    from typing import Any

__all__ = [
    "call_kind",
    "code_of",
    "docstring_of",
    "location_of",
    "name_of",
    "partial",
    "place_of",
    "read_signature",
    "return_type",
]

_CALL = "__call__"
_FUNCTION: type[FunctionType] = type(lambda: None)  # type: ignore[assignment] # as `types` does
# inspect.CO_COROUTINE, CO_ASYNC_GENERATOR and CO_GENERATOR (which a function of types.coroutine is as well).
_KINDS = ((0x80, "coroutine"), (0x200, "async generator"), (0x20, "generator"))


def read_signature(fn: Callable[..., Any]) -> list[Parameter]:
    """A callable's parameters, without `*args` and `**kwargs`.

    Raises `ConfigurationError` for an annotation that cannot be resolved, and for a callable that does not tell.
    """
    if type(fn) is _FUNCTION and not hasattr(fn, "__wrapped__") and not hasattr(fn, "__signature__"):
        return list(_from_code(fn, _annotations(fn)))
    return _inspected(fn)


def return_type(fn: Callable[..., Any]) -> Any:
    """What a callable is declared to return, `EMPTY` where it does not say.

    Apart from the parameters: most are never asked, and may name what only type checkers know.
    """
    return _annotations(_annotated(fn), returns=True).get("return", EMPTY)


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


def _inspected(fn: Callable[..., Any]) -> list[Parameter]:
    """The slow way, for what is not a plain function: a partial, a bound method, a class, a wrapped function."""
    import inspect  # noqa: PLC0415 - 20 ms, for a few handlers only

    try:
        signature = inspect.signature(fn, **_unevaluated())
    except ValueError as error:
        msg = f"{name_of(fn)} does not tell its parameters ({error}): wrap it in a function"
        raise ConfigurationError(msg) from error
    annotations = _annotations(_annotated(fn))
    # What a partial binds by name is settled, although inspect shows it as a default.
    settled = {name for layer in _layers(fn) if isinstance(layer, partial) for name in layer.keywords}
    return [
        Parameter(
            parameter.name,
            annotations.get(parameter.name, EMPTY),
            EMPTY if parameter.default is inspect.Parameter.empty else parameter.default,
            keyword=parameter.kind is inspect.Parameter.KEYWORD_ONLY
            or (parameter.default is not inspect.Parameter.empty and parameter.kind is not parameter.POSITIONAL_ONLY),
        )
        for parameter in signature.parameters.values()
        if parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
        and parameter.name not in settled
    ]


def _unevaluated() -> dict[str, Any]:
    """The option of `inspect.signature` that leaves names alone which only type checkers know (before 3.14: none)."""
    if sys.version_info >= (3, 14):
        import annotationlib  # noqa: PLC0415 - inspect has loaded it

        return {"annotation_format": annotationlib.Format.FORWARDREF}
    return {}


def _annotated(fn: Any) -> Any:
    """The function whose annotations are those of a call to `fn`."""
    inner = _target(fn)
    if isinstance(inner, type):
        inner = inner.__init__  # type: ignore[misc]
    elif not hasattr(inner, "__code__"):
        inner = getattr(type(inner), _CALL)
    return _target(inner)


def _annotations(fn: Any, *, returns: bool = False) -> dict[str, Any]:
    """The annotations of the parameters, or of the return value, as objects; text is evaluated where it stands."""
    try:
        declared = {name: annotation for name, annotation in _written(fn).items() if (name == "return") is returns}
        names = _enclosing(fn) if declared else {}
        annotations = {
            # The developer's own source text, evaluated as typing.get_type_hints does.
            name: eval(annotation, fn.__globals__, names) if isinstance(annotation, str) else annotation  # noqa: S307
            for name, annotation in declared.items()
        }
        if any(map(_unresolved, annotations.values())):
            import typing  # noqa: PLC0415 - whoever writes a nested forward reference has loaded it
            from types import SimpleNamespace  # noqa: PLC0415

            shown = SimpleNamespace(__annotations__=declared)
            annotations = typing.get_type_hints(shown, fn.__globals__, names, include_extras=True)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        msg = (
            f"an annotation cannot be resolved ({error}): import the type at run time, not only under "
            "TYPE_CHECKING, and define it in a module or in an enclosing scope that the function itself uses"
        )
        raise ConfigurationError(msg) from error
    return annotations


def _written(fn: Any) -> dict[str, Any]:
    """The annotations as they stand. From 3.14 on (PEP 649), reading them evaluates all, or fails for all."""
    written: dict[str, Any]
    if sys.version_info >= (3, 14):
        try:
            written = fn.__annotations__
        except (NameError, AttributeError):
            import annotationlib  # noqa: PLC0415 - for a name that is missing, or a builtin, only

            # One that cannot be evaluated is left as a ForwardRef, which matters where it is asked for.
            written = annotationlib.get_annotations(fn, format=annotationlib.Format.FORWARDREF)
    else:
        written = getattr(fn, "__annotations__", {})
    return written


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


def call_kind(fn: Any) -> str:
    """What calling it makes: "function" (a value), "coroutine", "generator" or "async generator".

    `__wrapped__` is not followed: a decorator may change the colour.
    """
    while isinstance(fn, partial):
        fn = fn.func
    fn = getattr(fn, "__func__", fn)
    if not hasattr(fn, "__code__") and not isinstance(fn, type):
        fn = getattr(type(fn), _CALL, None)
    flags = getattr(getattr(fn, "__code__", None), "co_flags", 0)
    for flag, kind in _KINDS:
        if flags & flag:
            return kind
    return "function"


def _target(fn: Any) -> Any:
    """The function or class behind partials, methods and wrappers: what a developer would look for."""
    if type(fn) is _FUNCTION and not hasattr(fn, "__wrapped__"):  # as nearly always
        return fn
    *_, innermost = _layers(fn)
    return innermost


def _layers(fn: Any) -> Iterator[Any]:
    """The callable, and what it wraps, from the outside in."""
    while fn is not None:
        yield fn
        fn = fn.func if isinstance(fn, partial) else getattr(fn, "__wrapped__", getattr(fn, "__func__", None))


def name_of(fn: Any) -> str:
    """The dotted name of a handler: `module.qualname`."""
    fn = _target(fn)
    if not hasattr(fn, "__qualname__"):
        fn = type(fn)
    return f"{fn.__module__}.{fn.__qualname__}"


def docstring_of(fn: Any) -> tuple[str, str]:
    """A docstring's first paragraph in one line, and the rest."""
    from inspect import cleandoc  # noqa: PLC0415 - as above; only for who writes documentation

    while hasattr(fn, "func"):
        fn = fn.func  # a partial has the docstring of all partials
    text = fn.__doc__ if isinstance(getattr(fn, "__doc__", None), str) else ""
    first, _, rest = cleandoc(text).partition("\n\n")
    return " ".join(first.split()), rest.strip()


def place_of(fn: Any) -> str:
    """The handler's name, file and line, for messages: `shop.read (shop.py:12)`."""
    where = location_of(fn)
    return name_of(fn) if where is None else f"{name_of(fn)} ({where[0]}:{where[1]})"


def location_of(fn: Any) -> tuple[str, int] | None:
    """The file and line where the handler stands; None for one that is not written in Python."""
    code = code_of(fn)
    return None if code is None else (code.co_filename, code.co_firstlineno)


def code_of(fn: Any) -> CodeType | None:
    """The code of the handler itself, behind what wraps it; None where it is not written in Python."""
    target = _target(fn)
    code: CodeType | None = getattr(target, "__code__", None)
    return code or getattr(getattr(type(target), _CALL, None), "__code__", None)
