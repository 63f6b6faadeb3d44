"""From method and path to the route, at a cost that does not grow with the number of routes.

Paths without parameters are found in one dict, and leaves in another: those whose last segment alone is a parameter, a
plain one. All are kept by shape: the number of segments, which of them are literal, and the converters of the others.
For a path, the few shapes of its length are tried, the most literal first, each with one dict lookup of the literal
segments.

Segments are compared from left to right: a literal one wins over a parameter with a converter, that over a plain one,
that over the rest of the path. The slash at a path's end is no segment; a route answers for both forms, unless the app
has one for each, or is strict.
"""

from __future__ import annotations

from _operator import itemgetter

from lambdarouter.core.http import GuardedRoutes
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.mistakes import check_signature, gather
from lambdarouter.sources.http.path import PATH, PLAIN, Converter, parse_path
from lambdarouter.sources.http.request import without_base

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from lambdarouter.core.route import Registry, Route

    # method -> (route, names of the path parameters)
    Methods = dict[str, tuple[Route, tuple[str, ...]]]
    # The methods of a path without a slash at its end, and with one.
    Forms = tuple[Methods, Methods]
    # (route, path parameters, methods that the path has otherwise)
    Found = tuple[Route | None, Mapping[str, str], frozenset[str]]

__all__ = ["HttpRoutes", "PathParams", "parse_path"]

_NOTHING: dict[str, Any] = {}
_NONE: frozenset[str] = frozenset()


class PathParams(dict[str, str]):
    """The path parameters as text, and in `converted` the values of those with a converter."""

    __slots__ = ("converted",)

    converted: dict[str, Any]


class _Shape:
    """The routes whose paths have as many segments, the same of them literal, and equal converters for the others."""

    __slots__ = ("length", "nodes", "only", "order", "parameters", "pick", "tail", "typed")

    def __init__(self, converters: tuple[Converter | None, ...]) -> None:
        self.tail = bool(converters) and converters[-1] is PATH
        fixed = converters[:-1] if self.tail else converters
        self.length = len(fixed)
        self.order = tuple((0, "") if converter is None else converter.order for converter in converters)
        literals = [index for index, converter in enumerate(fixed) if converter is None]
        self.parameters = [index for index, converter in enumerate(fixed) if converter is not None]
        # (index among the parameters, converter) of those that not every text fits.
        kinds = [converter for converter in fixed if converter is not None]
        self.typed = [(index, kind.convert) for index, kind in enumerate(kinds) if kind is not PLAIN]
        # The index of the one parameter, where it is the only one and any text fits it: most shapes are so.
        self.only = self.parameters[0] if len(self.parameters) == 1 and not self.typed and not self.tail else None
        # itemgetter gives the item itself for one index and a tuple for several, which serves as key either way.
        self.pick: Callable[[list[str]], Any] = itemgetter(*literals) if literals else lambda _: ()
        self.nodes: dict[Any, Forms] = {}

    def params(self, names: tuple[str, ...], core: list[str], segments: list[str]) -> dict[str, str] | None:
        """The path parameters by name; None where a text does not fit."""
        if self.only is not None:
            text = core[self.only]
            return {names[0]: text} if text else None
        values = self.values(core, segments)
        return None if values is None else _named(names, *values)

    def values(self, core: list[str], segments: list[str]) -> tuple[list[str], list[tuple[int, Any]] | None] | None:
        """The parameters' texts, and the values of those with a converter; None where a text does not fit."""
        texts = [core[index] for index in self.parameters]
        if "" in texts:
            return None  # a parameter is never empty, but for the rest of a path
        if self.tail:
            if len(segments) == self.length:
                return None
            texts.append("/".join(segments[self.length :]))
        if not self.typed:
            return texts, None
        try:
            return texts, [(index, convert(texts[index])) for index, convert in self.typed]
        except ValueError:
            return None


class HttpRoutes(GuardedRoutes):
    """The router: the HTTP routes of an app."""

    __slots__ = ("_bases", "_crowded", "_leaves", "_lenient", "_longest", "_plans", "_shapes", "_static")

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._bases = registry.settings.base_path
        self._lenient = registry.settings.trailing_slash == "ignore"
        self._static: dict[str, Methods] = {}
        # By what comes before the last slash; where other routes come before a leaf, that is in `_crowded` instead.
        self._leaves: dict[str, Methods] = {}
        self._crowded: set[str] = set()
        self._shapes: dict[tuple[Converter | None, ...], _Shape] = {}
        # By number of segments, the shapes to try, in order; made when first needed.
        self._plans: dict[int, list[_Shape]] = {}
        self._longest = 0

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` where its path and method are answered already."""
        trigger: Any = route.trigger
        segments = trigger.segments or parse_path(trigger.path)  # which refuses an empty path
        names = tuple(name for name, converter in segments if converter is not None)
        check_signature(route.handler, trigger)
        methods = self._methods(segments)
        for method in trigger.methods:
            if method in methods:
                other = methods[method][0]
                if method in other.trigger.methods:  # type: ignore[attr-defined] # else it is HEAD, from GET
                    msg = f"{method} {trigger.path} is answered already, by {other.place} as {other.trigger.describe()}"
                    raise ConfigurationError(msg)
        for method in trigger.methods:
            methods[method] = (route, names)
        if "GET" in trigger.methods:
            methods.setdefault("HEAD", (route, names))
        if not names:
            self._static[trigger.path] = methods
        gather(route.handler)
        super().add(route)

    def _methods(self, segments: list[tuple[str, Converter | None]]) -> Methods:
        texts, slashed = _core([name for name, _ in segments])
        converters = tuple(converter for _, converter in segments[: len(texts)])
        shape = self._shapes.get(converters)
        if shape is None:
            shape = self._shapes[converters] = _Shape(converters)
            self._longest = max(self._longest, len(converters))
            self._plans.clear()
        methods = shape.nodes.setdefault(shape.pick(texts), ({}, {}))[slashed]
        self._place("/".join(["", *texts[:-1]]), converters, methods, slashed=slashed)
        return methods

    def _place(self, head: str, converters: Sequence[Converter | None], methods: Methods, *, slashed: bool) -> None:
        """Keep the methods of a leaf; note of another path with this head that it comes before a leaf."""
        *before, last = converters
        if not head or any(before) or last is PATH:
            return
        if last is PLAIN:
            if not slashed and head not in self._crowded:
                self._leaves[head] = methods
        elif slashed or last is not None:
            self._crowded.add(head)
            self._leaves.pop(head, None)

    def find(self, method: str, path: str) -> Found:
        """(route, path parameters, methods that the path has otherwise) for a decoded path.

        The last is filled only where no route was found: empty for 404, the value of Allow for 405.
        """
        methods = self._static.get(path)
        if methods is not None and method in methods:
            return methods[method][0], _NOTHING, _NONE
        head, _, last = path.rpartition("/")
        methods = self._leaves.get(head)
        if methods is not None and last and method in methods:
            route, names = methods[method]
            return route, {names[0]: last}, _NONE
        if path[:1] != "/":
            return None, _NOTHING, _NONE
        return self.find_segments(method, path[1:].split("/"))

    def find_segments(self, method: str, segments: list[str]) -> Found:
        """`find` for a path given as decoded segments, any of which may hold a slash of its own."""
        core, slashed = (segments, False) if segments[-1] else _core(segments)
        # Beyond the longest route, all lengths are one: clients must not choose how much is kept.
        length = len(core)
        if length > self._longest:
            length = self._longest + 1
        plan = self._plans.get(length)
        if plan is None:
            plan = self._plans[length] = self._plan(length)
        allowed = _NONE
        for shape in plan:
            forms = shape.nodes.get(shape.pick(core))
            if forms is None:
                continue
            # The rest of a path keeps its slash.
            exact, other = forms[slashed and not shape.tail], forms[not slashed]
            found = exact.get(method) or (other.get(method) if self._lenient else None)
            if found is not None:
                params = shape.params(found[1], core, segments)
                if params is not None:
                    return found[0], params, _NONE
            elif shape.values(core, segments) is not None:
                allowed = allowed.union(exact, other if self._lenient else ())
        return None, _NOTHING, allowed

    def _plan(self, length: int) -> list[_Shape]:
        """The shapes that a path of this length could have."""
        shapes = [
            shape for shape in self._shapes.values() if shape.length == length or (shape.tail and shape.length < length)
        ]
        shapes.sort(key=lambda shape: shape.order)
        return shapes

    def guard_for(self, method: str, path: str) -> tuple[Callable[..., Any] | None, Mapping[str, str]]:
        """(guard, path parameters) of the route that answers this request; None where it has none, or there is none."""
        # An HTTP API's ARN may hold the base path, as the request will.
        path = without_base(path, self._bases)
        if "%" in path:
            from urllib.parse import unquote  # noqa: PLC0415 - 10 ms, for paths that need it

            route, params, _ = self.find_segments(method, [unquote(segment) for segment in path.split("/")[1:]])
        else:
            route, params, _ = self.find(method, path)
        return None if route is None else route.trigger.auth, params  # type: ignore[attr-defined]

    def patterns(self) -> Iterator[tuple[Callable[..., Any] | None, str, str]]:
        """(guard, method, path) of every request that a route answers: HEAD for GET, and both forms of a path.

        Path parameters are written as IAM's wildcard `*`, one that takes the rest of the path as `**`.
        """
        for shape in self._shapes.values():
            for forms in shape.nodes.values():
                for slashed in (False, True):
                    answered = forms[slashed]
                    if self._lenient and not shape.tail:
                        answered = forms[not slashed] | answered
                    for method, (route, _) in answered.items():
                        pattern = _pattern(route, slashed=slashed)
                        for base in ("", *self._bases) if pattern is not None else ():
                            yield route.trigger.auth, method, f"{base}{pattern}"  # type: ignore[attr-defined]


def _core(segments: list[str]) -> tuple[list[str], bool]:
    """The segments without the slash at the end, and whether there is one; the root's slash is not at its end."""
    if len(segments) > 1 and not segments[-1] and segments != ["", ""]:
        return segments[:-1], True
    return segments, False


def _named(names: tuple[str, ...], texts: list[str], converted: list[tuple[int, Any]] | None) -> dict[str, str]:
    if converted is None:
        return dict(zip(names, texts, strict=True))
    params = PathParams(zip(names, texts, strict=True))
    params.converted = {names[index]: value for index, value in converted}
    return params


def _pattern(route: Route, *, slashed: bool) -> str | None:
    """One form of a route's path; None for a form that no request has: the root with another slash is not the root."""
    segments = route.trigger.segments  # type: ignore[attr-defined]
    core, _ = _core([name for name, _ in segments])
    if _core([*core, ""] if slashed else core) != (core, slashed):
        return None
    written = ["**" if kind is PATH else name if kind is None else "*" for name, kind in segments[: len(core)]]
    return "/" + "/".join(written) + ("/" if slashed else "")
