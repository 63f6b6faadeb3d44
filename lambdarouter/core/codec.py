"""JSON in and out, for replies and untyped payloads."""

from __future__ import annotations

from sys import modules

from lambdarouter.errors import MalformedPayloadError

try:
    # json's C parts alone: the package around them imports re, enum and functools, a third of a plain app's start.
    from _json import encode_basestring, encode_basestring_ascii, make_encoder, make_scanner
except ImportError:  # not CPython
    from json.encoder import encode_basestring, encode_basestring_ascii

    make_encoder = None  # type: ignore[assignment,misc] # asked for below

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Decoder", "decode", "encode", "encode_basestring_ascii", "encoder", "loads", "text"]


def encoder(foreign: Callable[[Any], Any], *, allow_nan: bool) -> Callable[[Any, int], tuple[str, ...]]:
    """A function of a value and 0 that writes compact JSON, in pieces; `foreign` is called for what is not plain JSON.

    One reused C encoder writes a small dict in a fifth of the time of `json.dumps`, which makes one each time.
    """
    if make_encoder is None:
        from json import JSONEncoder  # noqa: PLC0415 - as above

        plain = JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=allow_nan, default=foreign)
        return lambda value, _indent: (plain.encode(value),)
    # No markers (the first): after an error they would remember values as circular that are not. The others are the
    # function for foreign values, the strings' encoder, indent, separators, sort_keys, skipkeys and allow_nan.
    return make_encoder(None, foreign, encode_basestring, None, ":", ",", False, False, allow_nan)  # noqa: FBT003


class _Plain:
    """How `json.loads` reads, unless it is told otherwise: what a scanner asks for."""

    strict = True
    object_hook = object_pairs_hook = None
    parse_float, parse_int = float, int
    parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__


def _scanner() -> Callable[[str, int], tuple[Any, int]]:
    if make_encoder is None:
        from json import JSONDecoder  # noqa: PLC0415 - as above

        return JSONDecoder().scan_once  # type: ignore[attr-defined,no-any-return] # typeshed omits it
    return make_scanner(_Plain)  # type: ignore[arg-type] # it takes whatever has these attributes


def _foreign(value: object) -> object:
    # Leaves the C encoder: what is not plain JSON is written by pydantic, in one piece.
    raise TypeError(type(value).__name__)


_encode = encoder(_foreign, allow_nan=False)
_scan = _scanner()
_join = "".join


def loads(text: str) -> Any:
    """`json.loads` in a third of its time, for a text without space around it. Raises ValueError."""
    try:
        value, end = _scan(text, 0)
        if end == len(text):
            return value
    except (StopIteration, SystemError):  # the latter in 3.11, whose scanner does not load json to find its error
        pass
    import json  # noqa: PLC0415 - as above

    return json.loads(text)  # space around it, or the error that says what is wrong


def encode(value: Any) -> str:
    """Write a value as compact JSON.

    Models, dataclasses, dates, UUIDs, decimals, enums and sets are written as pydantic writes them; NaN and infinity
    are null. Raises TypeError for what has no JSON form.
    """
    write, text = _to_json, None
    if write is None and "pydantic_core" in modules:
        write = _load()
    if write is not None:
        text = write(value)
        # It writes the key None as "None", the C encoder as "null", JSON's own word. The first test is the quick one.
        if "N" not in text or '"None":' not in text:
            return text
    try:
        plain = _join(_encode(value, 0))
        if not plain.isascii():
            plain.encode()  # half a surrogate pair has no UTF-8, and could not leave the function
        return plain
    except (TypeError, ValueError, RecursionError):
        pass  # not plain JSON
    return _load()(value) if text is None else text


# pydantic's writer, once it is loaded: to import it again for every reply takes as long as to write a small one.
_to_json: Callable[[Any], str] | None = None


def _load() -> Callable[[Any], str]:
    from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

    global _to_json  # noqa: PLW0603 - a module is loaded once for the process
    _to_json = binding.to_json
    return _to_json


def decode(text: str | bytes, what: str) -> Any:
    """Read JSON. Raises `MalformedPayloadError` that calls the text `what` ("body", "message")."""
    try:
        # Not json.loads(bytes): it guesses at UTF-16 and UTF-32, which JSON on the wire never is (RFC 8259).
        return loads(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError) as error:
        msg = f"the {what} is not JSON: {error}"
        raise MalformedPayloadError(msg, [{"loc": (what,), "msg": str(error), "type": "json_invalid"}]) from error


class Decoder:
    """A function that parses JSON text into a type; pydantic is loaded, and reads the type, when it is first called.

    `what` names the text in errors. It raises `InvalidPayloadError`.
    """

    __slots__ = ("_declared", "_parse", "_validate", "_what")

    def __init__(self, declared: Any, what: str) -> None:
        self._declared = declared
        self._what = what
        self._validate: Callable[[str | bytes], Any] | None = None
        self._parse: Callable[[str | bytes], Any] | None = None

    def __call__(self, text: str | bytes) -> Any:
        """Parse it."""
        return self.loaded()(text)

    def loaded(self) -> Callable[[str | bytes], Any]:
        """The function that does it, for who calls it often: half the way.

        Raises `ConfigurationError` for what is no such type.
        """
        if self._validate is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            self._validate = binding.json_validator(self._declared, self._what)
        return self._validate

    def bare(self) -> Callable[[str | bytes], Any]:
        """The function of pydantic's, for who calls it often: where it raises, the decoder says what is wrong.

        Raises `ConfigurationError` for what is no such type.
        """
        if self._parse is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            self._parse = binding.json_parser(self._declared)
        return self._parse


def text(data: bytes, what: str) -> str:
    """Read UTF-8. Raises `MalformedPayloadError` that calls the bytes `what` ("data", "value")."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        msg = f"the {what} is not UTF-8: {error}"
        raise MalformedPayloadError(msg, [{"loc": (what,), "msg": str(error), "type": "string_unicode"}]) from error
