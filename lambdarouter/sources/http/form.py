"""Forms: fields and files of a body, urlencoded or multipart, within limits.

Multipart is parsed by python-multipart (`lambdarouter[multipart]`).
https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

from lambdarouter.core.http import Named
from lambdarouter.core.request import Values
from lambdarouter.errors import ConfigurationError, HttpError, MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from io import BytesIO

__all__ = ["DEFAULT", "File", "Form", "FormData", "Limits", "UploadFile", "parse_form"]


class Form(Named):
    """The parameter is a field of a form, urlencoded or multipart. A list takes every value, a model all fields."""

    __slots__ = ()


class File(Named):
    """The parameter is a file of a multipart form: an `UploadFile`, a list of them, or `bytes`."""

    __slots__ = ()


class Limits:
    """How much of a request is read; what is more is 413.

    `body`: bytes of a body, decoded; by default only the gateway's own limit (6 MB for a whole event, 1 MB for ALBs).
    `parts`: fields and files of a form. `field`: bytes of a field that is no file.
    """

    __slots__ = ("body", "field", "parts")

    def __init__(self, *, body: int | None = None, parts: int = 1_000, field: int = 1_048_576) -> None:
        for name, value in (("body", body), ("parts", parts), ("field", field)):
            if not (name == "body" and value is None) and (type(value) is not int or value < 0):
                msg = f"Limits({name}={value!r}): it is a number, 0 or more"
                raise ConfigurationError(msg)
        self.body: int | None = body
        self.parts: int = parts
        self.field: int = field


DEFAULT = Limits()


class UploadFile:
    """A file that a client uploaded. `data` is all of it; `filename` is what the client calls it: never a path to use.

    `content_type` is what the client says it is; `headers` are those of its part, names in lower case.
    """

    __slots__ = ("content_type", "data", "filename", "headers")

    def __init__(self, data: bytes, filename: str, content_type: str, headers: Mapping[str, str]) -> None:
        self.data: bytes = data
        self.filename: str = filename
        self.content_type: str = content_type
        self.headers: Mapping[str, str] = headers

    @property
    def size(self) -> int:
        """Its bytes."""
        return len(self.data)

    def open(self) -> BytesIO:
        """A file object on the data, for libraries that read one."""
        from io import BytesIO  # noqa: PLC0415 - for who asks

        return BytesIO(self.data)

    def __repr__(self) -> str:
        return f"<UploadFile {self.filename!r}, {self.size} bytes of {self.content_type}>"


class FormData(Values):
    """A form's fields, by name, in order: `get`, `all`, `multi_items`. `file(name)` and `files(name)` are its files."""

    __slots__ = ("_files",)

    def __init__(self, fields: list[tuple[str, str]], files: list[tuple[str, UploadFile]]) -> None:
        super().__init__(fields)
        self._files = files

    def file(self, name: str) -> UploadFile | None:
        """The first file of the name, or None."""
        return next((file for each, file in self._files if each == name), None)

    def files(self, name: str | None = None) -> list[UploadFile]:
        """Every file of the name, or every file there is, in order."""
        return [file for each, file in self._files if name is None or each == name]


def parse_form(content: str | bytes, media: str | None, limits: Limits) -> FormData:
    """Read a form. Raises `HttpError` 415 for another media type, 413 beyond the limits, `MalformedPayloadError`."""
    kind = (media or "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        return FormData(_urlencoded(content, limits), [])
    if kind == "multipart/form-data":
        return _multipart(content, media or "", limits)
    if not content and not kind:
        return FormData([], [])
    msg = f"the body is {media or 'of no media type':.100}; this route takes a form, urlencoded or multipart"
    raise HttpError(415, msg)


def _urlencoded(content: str | bytes, limits: Limits) -> list[tuple[str, str]]:
    from urllib.parse import parse_qsl  # noqa: PLC0415 - 10 ms, for forms only

    try:
        text = content if isinstance(content, str) else content.decode()
        if text.count("&") >= limits.parts:
            raise _too_many(limits)
        fields = parse_qsl(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        msg = f"the form is not UTF-8: {error}"
        raise MalformedPayloadError(msg) from error
    for name, value in fields:
        for text in (name, value):
            # A character has four bytes at most: most fields need not be encoded to be counted.
            if len(text) * 4 > limits.field and len(text.encode("utf-8", "surrogatepass")) > limits.field:
                raise _too_long(limits)
    return fields


def _too_many(limits: Limits) -> HttpError:
    return HttpError(413, f"the form has more than {limits.parts} parts")


def _too_long(limits: Limits) -> HttpError:
    return HttpError(413, f"a field of the form has more than {limits.field} bytes")


class _Parts:
    """What python-multipart tells of a body, put together part by part."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.fields: list[tuple[str, str]] = []
        self.files: list[tuple[str, UploadFile]] = []
        self.headers: dict[str, str] = {}
        self.name, self.value, self.data = b"", b"", bytearray()
        self.is_file = self.ended = False

    def on_part_begin(self) -> None:
        if len(self.fields) + len(self.files) >= self.limits.parts:
            raise _too_many(self.limits)
        self.headers, self.data, self.is_file = {}, bytearray(), False

    def on_header_begin(self) -> None:
        self.name = self.value = b""

    def on_header_field(self, data: bytes, start: int, end: int) -> None:
        self.name += data[start:end]

    def on_header_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end]

    def on_header_end(self) -> None:
        self.headers[self.name.decode("latin-1").lower()] = self.value.decode("utf-8", "replace")

    def on_headers_finished(self) -> None:
        from python_multipart.multipart import parse_options_header  # noqa: PLC0415 - loaded: it calls this

        # As bytes: the library would write text as Latin-1.
        disposition = self.headers.get("content-disposition", "").encode()
        kind, options = parse_options_header(disposition)
        if kind != b"form-data" or b"name" not in options:
            msg = "a part of the form has no name: it needs Content-Disposition: form-data; name=…"
            raise MalformedPayloadError(msg)
        self.name = options[b"name"]
        self.is_file = b"filename" in options
        self.value = options.get(b"filename", b"")

    def on_part_data(self, data: bytes, start: int, end: int) -> None:
        self.data += data[start:end]
        if not self.is_file and len(self.data) > self.limits.field:
            raise _too_long(self.limits)

    def on_part_end(self) -> None:
        try:
            name = self.name.decode()
            if self.is_file:
                kind = self.headers.get("content-type", "application/octet-stream")
                upload = UploadFile(bytes(self.data), self.value.decode("utf-8", "replace"), kind, self.headers)
                self.files.append((name, upload))
            else:
                self.fields.append((name, self.data.decode()))
        except UnicodeDecodeError as error:
            msg = f"a field of the form is not UTF-8: {error}"
            raise MalformedPayloadError(msg) from error

    def on_end(self) -> None:
        self.ended = True


def _multipart(content: str | bytes, media: str, limits: Limits) -> FormData:
    from python_multipart.exceptions import FormParserError  # noqa: PLC0415 - for multipart forms only
    from python_multipart.multipart import MultipartParser, parse_options_header  # noqa: PLC0415

    boundary = parse_options_header(media)[1].get(b"boundary")
    if not boundary:
        msg = "the Content-Type multipart/form-data has no boundary"
        raise MalformedPayloadError(msg)
    parts = _Parts(limits)
    names = [name for name in vars(_Parts) if name.startswith("on_")]
    try:
        parser = MultipartParser(boundary, {name: getattr(parts, name) for name in names})  # type: ignore[arg-type]
        # Gateways hand text on as text where they know no better, which a file's bytes would not have survived.
        parser.write(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        parser.finalize()
    except FormParserError as error:
        msg = f"the body is not the multipart form that it claims to be: {error}"
        raise MalformedPayloadError(msg) from error
    if not parts.ended:
        msg = "the multipart form is cut off: its last boundary is missing"
        raise MalformedPayloadError(msg)
    return FormData(parts.fields, parts.files)
