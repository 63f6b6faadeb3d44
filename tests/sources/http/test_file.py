"""Files as replies: types, conditions, ranges, downloads, and paths that clients name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lambdarouter import App, FileResponse, HttpError
from lambdarouter.sources.http import file
from lambdarouter.testing import TestClient
from tests.sources.http.conftest import Answer, Gateway

YESTERDAY, DATE = 1_700_000_000, "Tue, 14 Nov 2023 22:13:20 GMT"
TEXT = b"0123456789"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    public = tmp_path / "public"
    public.mkdir()
    (public / "digits.txt").write_bytes(TEXT)
    os.utime(public / "digits.txt", (YESTERDAY, YESTERDAY))
    (tmp_path / "secret.txt").write_text("secret")
    return public


def app_of(path: Any, **options: Any) -> App:
    app = App()

    @app.route("/f", methods=["GET", "POST"])
    def read() -> FileResponse:
        return FileResponse(path, **options)

    return app


def ask(send: Gateway, folder: Path, method: str = "GET", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return send(app_of(folder / "digits.txt"), method, "/f", headers=named)


def test_a_file_is_sent_whole_with_what_caches_need(gateway: Gateway, folder: Path) -> None:
    answer = ask(gateway, folder)
    assert (answer.status, answer.body) == (200, TEXT)
    assert answer.header("content-type") == "text/plain; charset=utf-8"
    assert answer.header("last-modified") == DATE
    assert answer.header("accept-ranges") == "bytes"
    assert str(answer.header("etag")).startswith('"')


def test_head_has_the_length_and_no_body(gateway: Gateway, folder: Path) -> None:
    answer = ask(gateway, folder, "HEAD")
    assert (answer.status, answer.body, answer.header("content-length")) == (200, b"", "10")


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("a.html", "text/html; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.png", "image/png"),
        ("a.pdf", "application/pdf"),
        ("a.tar.gz", "application/gzip"),
        ("a.unknown", "application/octet-stream"),
        ("noextension", "application/octet-stream"),
    ],
)
def test_the_content_type_follows_from_the_name(send: Gateway, tmp_path: Path, name: str, media: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert send(app_of(tmp_path / name), "GET", "/f").header("content-type") == media
    assert send(app_of(tmp_path / name, content_type="a/b"), "GET", "/f").header("content-type") == "a/b"


# --- Conditions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_none_match": "TAG"}, 304),
        ({"if_none_match": "W/TAG"}, 304),
        ({"if_none_match": '"other", TAG'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"other"'}, 200),
        # A tag says more than a date.
        ({"if_none_match": '"other"', "if_modified_since": DATE}, 200),
        ({"if_modified_since": DATE}, 304),
        ({"if_modified_since": "Wed, 15 Nov 2023 22:13:20 GMT"}, 304),
        ({"if_modified_since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_match": "TAG"}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"other"'}, 412),
        ({"if_match": "W/TAG"}, 412),
        ({"if_unmodified_since": DATE}, 200),
        ({"if_unmodified_since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 412),
        ({"if_unmodified_since": "never"}, 200),
        ({"if_match": "TAG", "if_unmodified_since": "Mon, 13 Nov 2023 22:13:20 GMT"}, 200),
        ({"if_match": "TAG", "if_none_match": "TAG"}, 304),
    ],
    ids=str,
)
def test_conditions_are_kept_as_rfc_9110_orders_them(
    send: Gateway, folder: Path, headers: dict[str, str], status: int
) -> None:
    tag = str(ask(send, folder).header("etag"))
    sent = {name: value.replace("TAG", tag) for name, value in headers.items()}
    answer = ask(send, folder, **sent)
    assert answer.status == status
    assert answer.body == (TEXT if status == 200 else b"")
    assert answer.header("etag") == tag


def test_a_condition_that_only_reads_can_have_is_412_for_the_others(send: Gateway, folder: Path) -> None:
    tag = str(ask(send, folder).header("etag"))
    assert ask(send, folder, "POST", if_none_match=tag).status == 412
    assert ask(send, folder, "POST", if_modified_since=DATE).status == 200
    assert ask(send, folder, "HEAD", if_none_match=tag).status == 304


def test_a_tag_is_that_of_the_bytes_as_packages_give_every_file_one_date(send: Gateway, tmp_path: Path) -> None:
    tags = set()
    for version, content in (("a", b"one"), ("b", b"two")):
        path = tmp_path / version
        path.write_bytes(content)
        os.utime(path, (315_532_800, 315_532_800))  # 1980-01-01, as in a zip archive
        answer = send(app_of(path), "GET", "/f")
        assert answer.header("last-modified") is None
        tags.add(answer.header("etag"))
    assert len(tags) == 2


def test_a_file_that_changes_gets_another_tag(send: Gateway, folder: Path) -> None:
    before = ask(send, folder).header("etag")
    (folder / "digits.txt").write_bytes(b"9876543210")
    assert ask(send, folder).header("etag") != before


# --- Ranges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "part", "said"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=3-", b"3456789", "bytes 3-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=-99", TEXT, "bytes 0-9/10"),
        ("bytes=9-99", b"9", "bytes 9-9/10"),
        ("bytes=0-" + "9" * 40, TEXT, "bytes 0-9/10"),
        ("Bytes = 1 - 2", b"12", "bytes 1-2/10"),
    ],
)
def test_a_range_is_206(gateway: Gateway, folder: Path, wanted: str, part: bytes, said: str) -> None:
    answer = ask(gateway, folder, range=wanted)
    assert (answer.status, answer.body, answer.header("content-range")) == (206, part, said)


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=-0", "bytes=" + "9" * 40 + "-"])
def test_a_range_outside_of_the_file_is_416(gateway: Gateway, folder: Path, wanted: str) -> None:
    answer = ask(gateway, folder, range=wanted)
    assert (answer.status, answer.body, answer.header("content-range")) == (416, b"", "bytes */10")


@pytest.mark.parametrize(
    "wanted", ["bytes=0-1,3-4", "bytes=x-y", "bytes=-", "bytes", "lines=0-1", "bytes=5-2", "bytes=--1", "", "bytes=①-"]
)
def test_what_is_no_single_range_is_answered_with_all_of_it(send: Gateway, folder: Path, wanted: str) -> None:
    answer = ask(send, folder, range=wanted)
    assert (answer.status, answer.body) == (200, TEXT)


@pytest.mark.parametrize(
    ("if_range", "status"),
    [("TAG", 206), ('"other"', 200), ("W/TAG", 200), (DATE, 206), ("Mon, 13 Nov 2023 22:13:20 GMT", 200), ("x", 200)],
)
def test_a_range_of_what_has_changed_since_is_all_of_it(
    send: Gateway, folder: Path, if_range: str, status: int
) -> None:
    tag = str(ask(send, folder).header("etag"))
    assert ask(send, folder, range="bytes=0-0", if_range=if_range.replace("TAG", tag)).status == status


def test_only_get_has_ranges(send: Gateway, folder: Path) -> None:
    assert ask(send, folder, "POST", range="bytes=0-0").status == 200
    assert ask(send, folder, "HEAD", range="bytes=0-0").header("content-length") == "10"


def test_an_empty_file_has_no_range(send: Gateway, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    app = app_of(tmp_path / "empty")
    assert send(app, "GET", "/f").status == 200
    assert send(app, "GET", "/f", headers={"range": "bytes=0-"}).status == 416


# --- Large files -----------------------------------------------------------------------------------------------------


def test_a_large_file_is_sent_piece_by_piece(tmp_path: Path) -> None:
    content = os.urandom(600_000)
    (tmp_path / "large.bin").write_bytes(content)
    client = TestClient(app_of(tmp_path / "large.bin"))
    streamed = client.stream("GET", "/f")
    assert streamed.body == content
    assert [len(chunk) for chunk in streamed.chunks] == [262_144, 262_144, 75_712]
    assert streamed.head is not None
    assert streamed.head["headers"]["content-length"] == "600000"
    part = client.stream("GET", "/f", headers={"range": "bytes=100-400099"})
    assert part.body == content[100:400_100]
    assert part.head is not None
    assert part.head["statusCode"] == 206


def test_a_large_file_is_one_reply_where_nothing_streams(gateway: Gateway, tmp_path: Path) -> None:
    content = os.urandom(300_000)
    (tmp_path / "large.bin").write_bytes(content)
    answer = gateway(app_of(tmp_path / "large.bin"), "GET", "/f")
    assert answer.body == content
    head = gateway(app_of(tmp_path / "large.bin"), "HEAD", "/f")
    assert (head.body, head.header("content-length")) == (b"", "300000")


def test_a_file_that_the_gateway_could_not_take_is_500_and_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(7_000_000)
    assert TestClient(app_of(tmp_path / "huge")).get("/f").unwrap()["statusCode"] == 500
    assert "let it stream" in capfd.readouterr().err


def test_a_file_that_shrinks_while_it_is_sent_breaks_the_stream_off(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(600_000))
    app = App()

    @app.get("/f")
    def read() -> FileResponse:
        return FileResponse(path)

    def sink(stream: Any) -> None:
        next(stream.chunks)
        os.truncate(path, 300_000)
        for _ in stream.chunks:
            pass

    completion = app.complete(Gateway("v2").build("GET", "/f"), sink=sink)
    assert "became shorter" in str(completion.error)


# --- Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "said"),
    [
        ("report.csv", 'attachment; filename="report.csv"'),
        ("my report.csv", 'attachment; filename="my report.csv"'),
        ('a"b.csv', "attachment; filename=\"a_b.csv\"; filename*=UTF-8''a%22b.csv"),
        ("größe.csv", "attachment; filename=\"gr__e.csv\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.csv"),
        ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"),
        ("../x", "attachment; filename=\".._x\"; filename*=UTF-8''..%2Fx"),
        ("a\ud800.csv", "attachment; filename=\"a_.csv\"; filename*=UTF-8''a%3F.csv"),
    ],
)
def test_a_download_has_a_name_that_every_client_reads(send: Gateway, folder: Path, filename: str, said: str) -> None:
    answer = send(app_of(folder / "digits.txt", filename=filename), "GET", "/f")
    assert answer.header("content-disposition") == said


@pytest.mark.parametrize("path", ["digits.txt", "/digits.txt", "./digits.txt", "x/../digits.txt"])
def test_a_clients_path_is_looked_for_below_the_root(send: Gateway, folder: Path, path: str) -> None:
    assert send(app_of(path, root=folder), "GET", "/f").body == TEXT


@pytest.mark.parametrize(
    "path", ["../secret.txt", "/../secret.txt", "a/../../secret.txt", "nothing.txt", "", ".", "\0", "link"]
)
def test_what_leads_elsewhere_is_404(send: Gateway, folder: Path, path: str) -> None:
    (folder / "link").symlink_to(folder.parent / "secret.txt")
    assert send(app_of(path, root=folder), "GET", "/f").status == 404


def test_a_trusted_path_without_a_file_is_500(send: Gateway, folder: Path) -> None:
    assert send(app_of(folder / "nothing"), "GET", "/f").status == 500
    assert send(app_of(folder), "GET", "/f").status == 500
    with pytest.raises(HttpError):
        FileResponse("nothing", root=folder)


def test_a_file_keeps_its_other_headers_and_cookies(send: Gateway, folder: Path) -> None:
    app = app_of(folder / "digits.txt", headers={"cache-control": "max-age=60"}, cookies=["a=1"])
    tag = str(send(app, "GET", "/f").header("etag"))
    for headers in ({}, {"if-none-match": tag}, {"range": "bytes=0-0"}):
        answer = send(app, "GET", "/f", headers=headers)
        assert (answer.header("cache-control"), answer.headers["set-cookie"]) == ("max-age=60", ["a=1"])


def test_one_response_can_be_returned_time_and_again(send: Gateway, folder: Path) -> None:
    response = FileResponse(folder / "digits.txt")
    app = App()
    app.get("/f")(lambda: response)
    first = send(app, "GET", "/f")
    assert send(app, "GET", "/f").headers == first.headers
    assert repr(response) == f"<FileResponse {folder / 'digits.txt'}>"


def test_the_tags_of_any_number_of_files_do_not_add_up(send: Gateway, tmp_path: Path) -> None:
    app = App()

    @app.get("/{name}")
    def read(name: str) -> FileResponse:
        return FileResponse(name, root=tmp_path)

    tags = []
    for number in range(file._MOST_TAGS + 2):
        (tmp_path / f"{number}").write_text(f"{number}")
        tags.append(send(app, "GET", f"/{number}").header("etag"))
    assert len(file._tags) <= file._MOST_TAGS
    assert len(set(tags)) == len(tags)
    assert send(app, "GET", "/0").header("etag") == tags[0]
