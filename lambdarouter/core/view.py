"""Lazy typed views over AWS's JSON: what handlers see of an event and of its records.

AWS's envelopes are trusted, huge and ever-changing, so nothing is copied or validated up front: a view holds the
raw object and reads a field when it is first asked for. A field AWS adds is in `raw`; one it nulls breaks nobody who
does not read it.
"""

from __future__ import annotations

from lambdarouter.errors import InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Event", "Record", "View", "field", "kind_of", "text_key"]

_REQUIRED = object()
_KINDS = {
    dict: "an object",
    list: "a list",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


def kind_of(value: object) -> str:
    """What JSON calls the value, for messages: "an object", "a list", "null"."""
    return _KINDS.get(type(value), f"a {type(value).__name__}")


def field(*path: str, of: Callable[[Any], Any] = str, default: object = _REQUIRED) -> Any:
    """Declare an attribute of a view.

    `message: str = field("Sns", "Message")`: `path` leads from `raw` to the value. `of` is the JSON type it has (`str`,
    `int`, `float`, `bool`, `dict`, `list`), or a function that turns the JSON value into the attribute. A value that
    is missing or null is `default` (called where it is a type: `default=dict`); without one, reading it raises
    `InvalidEventError`.
    """
    return _Field(path, of, default)


def text_key(view: type[View], name: str) -> str | None:
    """The key of the raw object under which a view's attribute is found as it is, where it is a string; else None."""
    found = getattr(view, name, None)
    return found.path[0] if type(found) is _Field and found.of is str and len(found.path) == 1 else None


class _Field:
    """A non-data descriptor: the first read stores the value in the view's `__dict__`, where later reads find it."""

    __slots__ = ("default", "name", "of", "path")

    def __init__(self, path: tuple[str, ...], of: Callable[[Any], Any], default: object) -> None:
        self.path = path
        self.of = of
        self.default = default
        self.name = path[-1] if path else ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, view: View | None, owner: type | None = None) -> Any:
        if view is None:
            return self
        value = view.raw
        try:
            for key in self.path:
                value = value[key]
        except (KeyError, TypeError):
            value = None  # missing, or one of those above it is null or no object
        if type(value) is not self.of:
            value = self._missing(view) if value is None else self._convert(view, value)
        setattr(view, self.name, value)  # which, unlike `view.__dict__`, does not make a dict of the instance
        return value

    def _missing(self, view: View) -> object:
        if self.default is _REQUIRED:
            msg = f"{view.locate(*self.path)} is missing or null; AWS documents it as always present"
            raise InvalidEventError(msg)
        return self.default() if isinstance(self.default, type) else self.default

    def _convert(self, view: View, value: object) -> object:
        of = self.of
        if of in _KINDS:
            # A boolean is an int to Python, not to JSON; and 1 is as good a number as 1.0.
            wanted: Any = (int, float) if of is float else of
            if isinstance(value, wanted) and (of is bool or not isinstance(value, bool)):
                return value
            expected = _KINDS[of]
        else:
            try:
                return of(value)
            except (ValueError, TypeError, OverflowError):
                # The conversion is named after what it expects.
                name = of.__name__.strip("_").replace("_", " ")
                expected = f"{'an' if name[0] in 'aeio' else 'a'} {name}"
        msg = f"{view.locate(*self.path)} is {kind_of(value)}{_sample(value)}, expected {expected}"
        raise InvalidEventError(msg)


def _sample(value: object) -> str:
    """A short look at a scalar, so that the message shows what was seen without pouring out a payload."""
    return f" ({value!r:.60})" if isinstance(value, (str, int, float, bool)) else ""


class View:
    """One JSON object of AWS's. `raw` is that object as it came; declare attributes with `field`."""

    # Where in the event it stands; on the class for those that are the event.
    _path = ""
    _index: int | None = None

    def __init__(self, raw: Any, path: str = "", index: int | None = None) -> None:
        self.raw = raw
        self._path = path
        self._index = index

    def locate(self, *path: str) -> str:
        """Where in the event this view (or what `path` leads to from it) stands: `Records[3].Sns.Message`."""
        here = self._path if self._index is None else f"{self._path}[{self._index}]"
        return ".".join((here, *path) if here else path) or "the event"

    def peek(self, *path: str) -> str | None:
        """The string at `path`, or None where there is none; never raises, whatever the event holds."""
        value = self.raw
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value if isinstance(value, str) else None

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.locate()}>"


class Event(View):
    """The whole event, as one source sees it."""


class Record(View):
    """One independent unit of work: a message, a request, a tick.

    `id` names it in logs and outcomes: AWS's own identifier where there is one, else where it stands in the event
    (`locate()`, nothing else). With `once=`, records of one id are one record: it is the same in every delivery.
    `outer` is the record it came inside, where a route declares an envelope with `via=`: the queue's message, say.
    """

    outer: Record | None = None

    def enclose(self, outer: Record) -> None:
        """Say that this record came inside `outer`."""
        self.outer = outer
        self._path = f"{outer.locate()} > {self._path}" if self._path else outer.locate()

    @property
    def outermost(self) -> Record:
        """The record that the event itself holds, which is what AWS delivers again: this one, or its envelope."""
        record = self
        while record.outer is not None:
            record = record.outer
        return record

    @property
    def id(self) -> str:
        """AWS's identifier of the record, or its place in the event; never raises."""
        return self.locate()
