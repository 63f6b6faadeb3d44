"""Compressed replies: which, for whom, and with what."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import gzip
import sys
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard

from lambdarouter import App, ConfigurationError, FileResponse, Response
from lambdarouter.sources.http import compression
from lambdarouter.sources.http.compression import chosen_encoding, encodings
from lambdarouter.testing import TestClient
from tests.sources.http.conftest import Answer, Gateway

TEXT = "the same again and again, " * 100
DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "br": brotli.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
}


def ask(send: Gateway, reply: Any, accepted: str | None = "gzip", **request: Any) -> Answer:
    app = App(compress=request.pop("compress", True))
    app.get("/x")(lambda: reply)
    headers = {} if accepted is None else {"accept-encoding": accepted}
    return send(app, request.pop("method", "GET"), "/x", headers=headers, **request)


@pytest.mark.parametrize("coding", list(DECODERS))
def test_a_reply_is_compressed_as_the_client_accepts_it(gateway: Gateway, coding: str) -> None:
    answer = ask(gateway, {"text": TEXT}, coding)
    assert answer.header("content-encoding") == coding
    assert answer.header("vary") == "accept-encoding"
    assert answer.raw["isBase64Encoded"] is True
    assert len(answer.body) < 200
    assert TEXT.encode() in DECODERS[coding](answer.body)


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, zstd", "zstd"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("*", "br"),
        ("br;q=0, *", "zstd"),
        ("*;q=0", None),
        ("gzip;q=0", None),
        ("identity", None),
        ("identity;q=0.5, gzip;q=0.4", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("deflate", None),
        ("gzip;q=x", None),
        ("gzip;q=7", None),
        ("gzip; q = 0.3", "gzip"),
        ("gzip;level=9", "gzip"),
        (" , ,", None),
        ("", None),
        (None, None),
    ],
)
def test_the_coding_that_is_liked_best_is_chosen(accepted: str | None, coding: str | None) -> None:
    assert chosen_encoding(accepted) == coding


def test_what_could_be_compressed_varies_even_where_it_is_not(send: Gateway) -> None:
    answer = ask(send, TEXT, accepted=None)
    assert (answer.body.decode(), answer.header("vary"), answer.header("content-encoding")) == (
        TEXT,
        "accept-encoding",
        None,
    )


def test_no_app_compresses_unless_it_says_so(send: Gateway) -> None:
    answer = ask(send, TEXT, compress=False)
    assert (answer.body.decode(), answer.header("vary")) == (TEXT, None)


@pytest.mark.parametrize(
    "reply",
    [
        "short",
        Response(TEXT, headers={"content-type": "image/png"}),
        Response(TEXT.encode()),
        Response(TEXT, headers={"content-type": "text/event-stream"}),
        Response(TEXT, headers={"content-encoding": "identity"}),
        Response(TEXT, headers={"cache-control": "max-age=60, No-Transform"}),
        Response(TEXT, 206),
        Response(status=204),
        None,
    ],
    ids=["short", "image", "bytes", "events", "encoded", "no-transform", "part", "no content", "none"],
)
def test_what_is_not_worth_it_or_not_ours_to_change_stays_as_it_is(gateway: Gateway, reply: Any) -> None:
    answer = ask(gateway, reply)
    assert answer.header("content-encoding") in (None, "identity")
    assert answer.header("vary") is None


def test_the_least_size_can_be_set(send: Gateway) -> None:
    assert ask(send, "x" * 100, compress=100).header("content-encoding") == "gzip"
    assert ask(send, "x" * 99, compress=100).header("content-encoding") is None
    # What would grow is left alone.
    grown = ask(send, "x", compress=0)
    assert (grown.body, grown.header("content-encoding"), grown.header("vary")) == (b"x", None, "accept-encoding")


@pytest.mark.parametrize("value", [-1, "yes", 1.5, None])
def test_compress_is_true_or_a_size(value: Any) -> None:
    with pytest.raises(ConfigurationError, match="compress"):
        App(compress=value)


def test_a_tag_of_compressed_bytes_is_weak_and_a_length_is_gone(send: Gateway) -> None:
    reply = Response(TEXT, headers={"etag": '"a"', "content-length": str(len(TEXT)), "vary": "origin"})
    answer = ask(send, reply)
    assert answer.header("etag") == 'W/"a"'
    assert answer.header("content-length") is None
    assert answer.header("vary") == "origin, accept-encoding"
    assert ask(send, Response(TEXT, headers={"etag": 'W/"a"'})).header("etag") == 'W/"a"'
    # The handler's response is as it was.
    assert [value for name, value in reply.headers if name == "etag"] == ['"a"']


def test_an_error_is_compressed_too(send: Gateway) -> None:
    app = App(compress=0)
    answer = send(app, "GET", "/" + "x" * 50, headers={"accept-encoding": "gzip"})
    assert answer.status == 404
    assert answer.header("vary") == "accept-encoding"


def test_a_large_reply_fits_where_it_does_so_compressed(send: Gateway) -> None:
    text = "x" * 7_000_000
    assert ask(send, text, accepted=None).status == 500
    assert gzip.decompress(ask(send, text).body).decode() == text


@pytest.mark.parametrize("coding", list(DECODERS))
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_each_piece_of_a_stream_arrives_when_it_is_there(coding: str, kind: str) -> None:
    app = App(compress=True)

    @app.get("/sync")
    def pieces() -> Iterator[str]:
        yield "one"
        yield "two"

    @app.get("/async")
    async def more() -> AsyncIterator[str]:
        yield "one"
        yield "two"

    client = TestClient(app)
    streamed = client.stream("GET", f"/{kind}", headers={"accept-encoding": coding})
    assert streamed.head is not None
    assert streamed.head["headers"]["content-encoding"] == coding
    assert DECODERS[coding](streamed.body) == b"onetwo"
    decoder: Any = {
        "gzip": lambda: zlib.decompressobj(31),
        "br": brotli.Decompressor,
        "zstd": lambda: zstandard.ZstdDecompressor().decompressobj(),
    }[coding]()
    decode = decoder.process if coding == "br" else decoder.decompress
    assert [decode(chunk) for chunk in streamed.chunks[:2]] == [b"one", b"two"]
    buffered = client.get(f"/{kind}", headers={"accept-encoding": coding}).unwrap()
    assert buffered["isBase64Encoded"] is True


def test_a_file_can_be_compressed_and_a_part_of_it_not(send: Gateway, tmp_path: Any) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    app = App(compress=True)
    app.get("/x")(lambda: FileResponse(path))
    whole = send(app, "GET", "/x", headers={"accept-encoding": "gzip"})
    assert gzip.decompress(whole.body).decode() == TEXT
    tag = str(whole.header("etag"))
    assert tag.startswith("W/")
    assert send(app, "GET", "/x", headers={"accept-encoding": "gzip", "if-none-match": tag}).status == 304
    part = send(app, "GET", "/x", headers={"accept-encoding": "gzip", "range": "bytes=0-1999"})
    assert (part.status, part.header("content-encoding"), part.body.decode()) == (206, None, TEXT[:2000])


def test_head_has_the_length_of_the_compressed_body(send: Gateway) -> None:
    get, head = ask(send, TEXT), ask(send, TEXT, method="HEAD")
    assert head.header("content-length") == str(len(get.body))
    assert head.header("content-encoding") == "gzip"


def test_codings_are_all_there_for_whoever_asks_while_they_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    found = list[str]()

    class Meanwhile:
        """As another thread does, while this one waits for the module."""

        def find_spec(self, name: str, *_: object) -> None:
            if name == "brotli":
                sys.meta_path.remove(self)
                found.extend(encodings())

    monkeypatch.setattr(compression, "_found", None)
    monkeypatch.delitem(sys.modules, "brotli")
    monkeypatch.setattr(sys, "meta_path", [Meanwhile(), *sys.meta_path])
    assert list(encodings()) == found == ["br", "zstd", "gzip"]


def test_gzip_is_enough_where_nothing_else_is_installed(send: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "brotli", None)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    monkeypatch.setattr(compression, "_found", None)
    assert ask(send, TEXT, "br, zstd, gzip").header("content-encoding") == "gzip"
    monkeypatch.setattr(compression, "_found", None)
