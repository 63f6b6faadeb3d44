"""The path of a route, as its decorator writes it."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.converter import PATH, PLAIN, Converter, converter_of

__all__ = ["parse_path"]

_HEX = frozenset("0123456789abcdefABCDEF")


def parse_path(path: str) -> list[tuple[str, Converter | None]]:
    """The segments of a route's path, each with its converter if it is a parameter. Raises `ConfigurationError`."""
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
    segments = [_segment(path, text) for text in path.split("/")[1:]]
    names = [name for name, converter in segments if converter is not None]
    if len(set(names)) < len(names):
        msg = f"the path {path!r} names a parameter twice"
        raise ConfigurationError(msg)
    if any(converter is PATH for _, converter in segments[:-1]):
        msg = f"the path {path!r} goes on after a {{name:path}}, which takes the rest of the path: it comes last"
        raise ConfigurationError(msg)
    return segments


def _segment(path: str, text: str) -> tuple[str, Converter | None]:
    if not set("{}<>*") & set(text):
        return text, None
    if text.startswith("{") and text.endswith("}"):
        name, colon, kind = text[1:-1].partition(":")
        converter = converter_of(kind) if colon else PLAIN
        if name.isidentifier() and converter is not None:
            return name, converter
        if name.isidentifier() and kind.isidentifier():
            msg = (
                f"the path {path!r} holds {text!r}, and no converter is called {kind!r}: there are int, float, uuid "
                "and path, and those of register_converter()"
            )
            raise ConfigurationError(msg)
    # How Powertools and Flask (<id>, <int:id>), and API Gateway ({proxy+}), write what is meant.
    import re  # noqa: PLC0415 - on the way to an error

    meant = re.sub(r"<(?:(\w+):)?(\w+)>", lambda m: f"{{{m[2]}:{m[1]}}}" if m[1] else f"{{{m[2]}}}", path)
    meant = re.sub(r"\{(\w+)\+\}", r"{\1:path}", meant)
    hint = f": here {meant!r}" if meant != path else ""
    msg = f"the path {path!r} holds {text!r}; a parameter is a whole segment, written {{name}} or {{name:int}}{hint}"
    raise ConfigurationError(msg)
