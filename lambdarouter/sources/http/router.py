"""From method and path to the route, at a cost that does not grow with the number of routes.

Paths without parameters are found in one dict. The others are kept by shape: the number of segments and which of them
are literal. For a path, the few shapes of its length are tried, the most literal first, each with one dict lookup of
the literal segments.
"""

from __future__ import annotations

from operator import itemgetter

from lambdarouter.core.http import GuardedRoutes
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from lambdarouter.core.route import Registry, Route

    # method -> (route, names of the path parameters)
    Methods = dict[str, tuple[Route, tuple[str, ...]]]

__all__ = ["HttpRoutes", "parse_path"]

_NOTHING: dict[str, Any] = {}
_HEX = frozenset("0123456789abcdefABCDEF")


def parse_path(path: str) -> list[tuple[str, bool]]:
    """The segments of a route's path, each with whether it is a parameter. Raises `ConfigurationError`."""
    if not isinstance(path, str) or not path.startswith("/"):
        msg = f'the path {path!r} does not start with "/"'
        raise ConfigurationError(msg)
    if "?" in path or "#" in path:
        msg = f"the path {path!r} holds a query or a fragment: query parameters are parameters of the handler"
        raise ConfigurationError(msg)
    if any(len(rest) > 1 and _HEX.issuperset(rest[:2]) for rest in path.split("%")[1:]):
        from urllib.parse import unquote  # noqa: PLC0415 - on the way to an error

        msg = f"the path {path!r} is percent-encoded, and requests are compared decoded: write it {unquote(path)!r}"
        raise ConfigurationError(msg)
    segments: list[tuple[str, bool]] = []
    for segment in path.split("/")[1:]:
        if segment.startswith("{") and segment.endswith("}") and segment[1:-1].isidentifier():
            segments.append((segment[1:-1], True))
        elif set("{}<>*") & set(segment):
            more = "; its type goes into the handler's annotation" if ":" in segment else ""
            more = "; there are no catch-all paths yet: register the paths that there are" if "+}" in segment else more
            msg = f"the path {path!r} holds {segment!r}; a parameter is a whole segment, written {{name}}{more}"
            raise ConfigurationError(msg)
        else:
            segments.append((segment, False))
    names = [name for name, is_parameter in segments if is_parameter]
    if len(set(names)) < len(names):
        msg = f"the path {path!r} names a parameter twice"
        raise ConfigurationError(msg)
    return segments


class _Shape:
    """The routes whose paths have the same length and the same segments literal."""

    __slots__ = ("literals", "mask", "parameters", "pick", "routes")

    def __init__(self, mask: tuple[bool, ...]) -> None:
        self.mask = mask  # True where the segment is a parameter: sorts literal before parameter, left to right
        self.literals = [index for index, is_parameter in enumerate(mask) if not is_parameter]
        self.parameters = [index for index, is_parameter in enumerate(mask) if is_parameter]
        # itemgetter gives the item itself for one index and a tuple for several, which serves as key either way.
        self.pick: Callable[[list[str]], Any] = itemgetter(*self.literals) if self.literals else lambda _: ()
        self.routes: dict[Any, Methods] = {}


class HttpRoutes(GuardedRoutes):
    """The router: the HTTP routes of an app."""

    __slots__ = ("_shapes", "_static")

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self._static: dict[str, Methods] = {}
        self._shapes: dict[int, list[_Shape]] = {}

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` where its path and method are answered already."""
        trigger: Any = route.trigger
        segments = parse_path(trigger.path)
        names = tuple(name for name, is_parameter in segments if is_parameter)
        methods = self._methods(segments) if names else self._static.setdefault(trigger.path, {})
        for method in trigger.methods:
            if method in methods:
                other = methods[method][0]
                msg = f"{method} {trigger.path} is answered already, by {other.place} as {other.trigger.describe()}"
                raise ConfigurationError(msg)
        for method in trigger.methods:
            methods[method] = (route, names)
        super().add(route)

    def _methods(self, segments: list[tuple[str, bool]]) -> Methods:
        mask = tuple(is_parameter for _, is_parameter in segments)
        shapes = self._shapes.setdefault(len(mask), [])
        shape = next((shape for shape in shapes if shape.mask == mask), None)
        if shape is None:
            shape = _Shape(mask)
            shapes.append(shape)
            shapes.sort(key=lambda shape: shape.mask)
        return shape.routes.setdefault(shape.pick([name for name, _ in segments]), {})

    def find(self, method: str, path: str) -> tuple[Route | None, dict[str, str], set[str]]:
        """(route, path parameters, methods that the path has otherwise) for a decoded path.

        The last is filled only where no route was found: empty for 404, the value of Allow for 405.
        """
        methods = self._static.get(path)
        if methods is not None and method in methods:
            return methods[method][0], {}, set()
        return self._search(method, path.split("/")[1:], methods)

    def find_segments(self, method: str, segments: list[str]) -> tuple[Route | None, dict[str, str], set[str]]:
        """`find` for a path given as decoded segments, any of which may hold a slash of its own."""
        static = None if any("/" in segment for segment in segments) else self._static.get("/" + "/".join(segments))
        if static is not None and method in static:
            return static[method][0], {}, set()
        return self._search(method, segments, static)

    def _search(
        self, method: str, segments: list[str], static: Methods | None
    ) -> tuple[Route | None, dict[str, str], set[str]]:
        allowed = set(static or ())
        for shape in self._shapes.get(len(segments), ()):
            methods = shape.routes.get(shape.pick(segments))
            if methods is None:
                continue
            values = [segments[index] for index in shape.parameters]
            if "" in values:
                continue  # a parameter is never empty
            found = methods.get(method)
            if found is not None:
                return found[0], dict(zip(found[1], values, strict=True)), set()
            allowed.update(methods)
        return None, _NOTHING, allowed

    def guard_for(self, method: str, path: str) -> tuple[Callable[..., Any] | None, Mapping[str, str]]:
        """(guard, path parameters) of the route that answers this request; None where it has none, or there is none."""
        if "%" in path:
            from urllib.parse import unquote  # noqa: PLC0415 - 10 ms, for paths that need it

            route, params, _ = self.find_segments(method, [unquote(segment) for segment in path.split("/")[1:]])
        else:
            route, params, _ = self.find(method, path)
        return None if route is None else route.trigger.auth, params  # type: ignore[attr-defined]

    def patterns(self) -> Iterator[tuple[Callable[..., Any] | None, str, str]]:
        """(guard, method, path) of every route; path parameters are written as IAM's wildcard `*`."""
        for route in self.routes:
            trigger: Any = route.trigger
            segments = ["*" if is_parameter else name for name, is_parameter in parse_path(trigger.path)]
            for method in trigger.methods:
                yield trigger.auth, method, "/" + "/".join(segments)
