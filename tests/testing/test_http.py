"""Requests as a browser sends them, and replies as it gets them, through every gateway."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    Completion,
    Cookie,
    File,
    Form,
    JsonResponse,
    RedirectResponse,
    Request,
    Response as Reply,
    UploadFile,
)
from lambdarouter.testing import AsyncTestClient, Response, TestClient

GATEWAYS = ("rest", "v2", "url", "alb", "lattice_v1", "lattice_v2")
OF_COOKIES = GATEWAYS[:4]  # a reply through VPC Lattice has one at most


class Order(BaseModel):
    id: int
    due: date | None = None


@dataclass
class Parcel:
    at: datetime


app = App()


@app.route("/echo", methods=["GET", "POST", "PUT", "HEAD"])
def echo(request: Request) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "query": sorted(request.query.multi_items()),
        "cookies": request.cookies,
        "type": request.headers.get("content-type"),
        "agent": request.headers.get("x-agent"),
        "body": request.text,
    }


@app.post("/form")
def form(name: Annotated[str, Form()], tag: Annotated[list[str], Form()]) -> dict[str, Any]:
    return {"name": name, "tag": tag}


@app.post("/scan")
def scan(kind: Annotated[str, Form()], scan: Annotated[UploadFile, File()]) -> dict[str, Any]:
    return {"kind": kind, "name": scan.filename, "type": scan.content_type, "hex": scan.data.hex()}


@app.get("/login")
def login() -> Reply:
    return Reply("in", cookies=["session=s1; Path=/; HttpOnly", "theme=dark; Path=/shop"])


@app.get("/logout")
def logout() -> Reply:
    return Reply("out", cookies=["session=; Path=/; Max-Age=0"])


@app.get("/shop/cart")
@app.get("/cart")
def cart(
    session: Annotated[str | None, Cookie()] = None, theme: Annotated[str | None, Cookie()] = None
) -> dict[str, Any]:
    return {"session": session, "theme": theme}


@app.get("/picture")
def picture() -> Reply:
    return Reply(b"\x89PNG\x00\xff", headers={"content-type": "image/png"})


@app.get("/latin")
def latin() -> Reply:
    return Reply("grüß".encode("latin-1"), headers={"content-type": "text/plain; charset=latin-1"})


@app.route("/to/{status}", methods=["GET", "POST", "HEAD"])
def to(status: int, request: Request) -> Any:
    return RedirectResponse(request.query.get("where") or "/echo?at=end", status)  # type: ignore[arg-type]


@app.get("/round")
def around() -> Reply:
    return RedirectResponse("/round", 302)


@app.get("/crash")
def crash() -> None:
    raise RuntimeError("boom")


@app.get("/created")
def created() -> JsonResponse:
    return JsonResponse({"id": 17}, 201, {"location": "/orders/17"})


@pytest.fixture
def client() -> TestClient:
    return TestClient(app)


# Requests ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_params_are_text_in_the_end_and_may_have_several_values(client: TestClient, gateway: Any) -> None:
    seen = client.get("/echo", params={"q": "a b&c", "page": 2, "all": True, "no": None}, gateway=gateway)

    assert seen.status == 200
    assert seen.json()["query"] == [["all", "true"], ["page", "2"], ["q", "a b&c"]]
    assert seen.url == "/echo?q=a%20b%26c&page=2&all=true"
    assert seen.name == f"http.{gateway}"
    if gateway in ("rest", "v2", "url", "lattice_v2"):
        assert client.get("/echo?tag=0", params={"tag": ["a", "b"]}, gateway=gateway).json()["query"] == [
            ["tag", "0"],
            ["tag", "a"],
            ["tag", "b"],
        ]


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_form_is_url_encoded_or_multipart_where_it_has_files(client: TestClient, gateway: Any) -> None:
    sent = client.post("/form", data={"name": "Ada & co", "tag": ["x", "ü"]}, gateway=gateway)
    assert sent.json() == {"name": "Ada & co", "tag": ["x", "ü"]}

    content = bytes(range(256)) + b"\r\n--form\n"
    sent = client.post(
        "/scan", data={"kind": "a\r\nb"}, files={"scan": ('a"1.png', content, "image/png")}, gateway=gateway
    )
    assert sent.json() == {"kind": "a\r\nb", "name": "a%221.png", "type": "image/png", "hex": content.hex()}


def test_a_form_may_say_itself_what_it_is(client: TestClient) -> None:
    kind = "Application/x-www-form-urlencoded; charset=utf-8"
    sent = client.post("/form", data={"name": "Ada", "tag": "x"}, headers={"content-type": kind})
    assert sent.json() == {"name": "Ada", "tag": ["x"]}
    assert sent.event["headers"]["content-type"] == kind


def test_a_file_may_be_its_content_alone_or_have_no_type(client: TestClient) -> None:
    for file, name in ((b"abc", "scan"), ("abc", "scan"), (("b.bin", b"abc"), "b.bin"), ([("b.bin", "abc")], "b.bin")):
        sent: Any = {"scan": file}
        assert client.post("/scan", data={"kind": "k"}, files=sent).json() == {
            "kind": "k",
            "name": name,
            "type": "application/octet-stream",
            "hex": b"abc".hex(),
        }
    wrong: Any = {"scan": ("a.png", 17)}
    with pytest.raises(TypeError, match=r"the file 'scan' has the content 17; it is text or bytes"):
        client.post("/scan", files=wrong)
    wrong = [("scan", b"")]
    with pytest.raises(TypeError, match=r"files is .*; it is a mapping"):
        client.post("/scan", files=wrong)


def test_the_same_form_is_the_same_event(client: TestClient) -> None:
    events = [client.post("/scan", data={"kind": "k"}, files={"scan": b"abc"}).event["body"] for _ in range(2)]
    assert events[0] == events[1]


def test_a_request_has_one_body(client: TestClient) -> None:
    with pytest.raises(TypeError, match="a request has one body: give one of json, data"):
        client.post("/echo", json={}, data={})
    with pytest.raises(TypeError, match="one of body, files"):
        client.post("/echo", body="", files={"a": b""})
    old: Any = {"query": {"a": "1"}}
    with pytest.raises(TypeError, match="params="):
        client.get("/echo", **old)


def test_the_clients_headers_are_those_of_every_request_unless_it_has_its_own() -> None:
    client = TestClient(app, headers={"X-Agent": "kit"})
    assert client.get("/echo").json()["agent"] == "kit"
    assert client.get("/echo", headers={"x-agent": "mine"}).json()["agent"] == "mine"


# Replies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", GATEWAYS)
def test_a_reply_is_read_alike_whichever_gateway_it_is_for(client: TestClient, gateway: Any) -> None:
    created = client.get("/created", gateway=gateway)
    assert (created.status, created.json(), created.text) == (201, {"id": 17}, '{"id":17}')
    assert (created.headers["Location"], created.headers["content-TYPE"]) == ("/orders/17", "application/json")
    assert client.get("/picture", gateway=gateway).content == b"\x89PNG\x00\xff"
    assert client.get("/latin", gateway=gateway).text == "grüß"
    assert client.head("/echo", gateway=gateway).content == b""
    if gateway not in OF_COOKIES:
        return
    logged_in = client.get("/login", gateway=gateway)
    assert logged_in.cookies == {"session": "s1", "theme": "dark"}
    assert len(logged_in.headers.all("set-cookie")) == 2


def test_a_load_balancer_with_multi_value_headers_is_read_too(client: TestClient) -> None:
    logged_in = client.get("/login", gateway="alb", multi_value=True)
    assert "headers" not in logged_in.reply
    assert logged_in.cookies == {"session": "s1", "theme": "dark"}
    assert logged_in.headers["content-type"].startswith("text/plain")


def test_where_a_header_is_in_both_maps_the_one_with_several_values_counts() -> None:
    reply = {"statusCode": 200, "headers": {"a": "1", "B": "2"}, "multiValueHeaders": {"A": ["3", "4"]}}
    headers = Response(Completion("http.rest", (), reply), {}, "GET", "/").headers
    assert (headers.all("a"), headers.all("b")) == (["3", "4"], ["2"])


def test_what_is_asked_of_a_reply_that_never_came_is_the_invocations_error() -> None:
    broken = App(raise_server_errors=True)
    broken.get("/crash")(crash)
    response = TestClient(broken).get("/crash")

    for ask in ("status", "headers", "text", "content", "cookies"):
        with pytest.raises(RuntimeError, match=r"GET /crash got no reply, the invocation failed: crash failed") as info:
            getattr(response, ask)
        assert info.value.__cause__ is response.error
    assert "boom" in repr(response)


def test_a_body_that_is_no_json_says_so_and_shows_the_reply(client: TestClient) -> None:
    with pytest.raises(ValueError, match=r"the body of <Response http.v2 GET /login 200: 'in'> is no JSON"):
        client.get("/login").json()


# Cookies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gateway", OF_COOKIES)
def test_cookies_are_kept_and_sent_to_where_they_belong(client: TestClient, gateway: Any) -> None:
    client.get("/login", gateway=gateway)
    assert client.get("/cart", gateway=gateway).json() == {"session": "s1", "theme": None}
    assert client.get("/shop/cart", gateway=gateway).json() == {"session": "s1", "theme": "dark"}
    client.get("/logout", gateway=gateway)
    assert client.get("/cart", gateway=gateway).json()["session"] is None
    assert dict(client.cookies) == {"theme": "dark"}


def test_a_request_may_have_cookies_of_its_own_which_are_not_kept(client: TestClient) -> None:
    client.get("/login")
    assert client.get("/cart", cookies={"session": "other"}).json()["session"] == "other"
    assert client.get("/cart").json()["session"] == "s1"
    assert client.get("/cart", headers={"Cookie": "theme=light"}).json() == {"session": None, "theme": "light"}


def test_the_clients_cookies_are_a_mapping(client: TestClient) -> None:
    client.cookies["session"] = "mine"
    assert client.get("/cart").json()["session"] == "mine"
    assert (list(client.cookies), len(client.cookies), client.cookies["session"]) == (["session"], 1, "mine")
    assert repr(client.cookies) == "Cookies({'session': 'mine'})"
    client.cookies["theme"] = "dark"
    assert dict(client.cookies) == {"session": "mine", "theme": "dark"}
    del client.cookies["session"]
    assert client.get("/cart").json()["session"] is None
    for missing in (lambda: client.cookies["session"], lambda: client.cookies.__delitem__("session")):
        with pytest.raises(KeyError):
            missing()


def test_another_hosts_cookies_are_not_sent(client: TestClient) -> None:
    client.get("/login", headers={"host": "shop.example.com"})
    assert client.get("/cart").json()["session"] is None
    assert client.get("/cart", headers={"Host": "shop.example.com"}).json()["session"] == "s1"


# Redirects --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [
        (301, "GET", "GET"),
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "HEAD", "HEAD"),
        (302, "HEAD", "HEAD"),
        (307, "POST", "POST"),
        (308, "POST", "POST"),
    ],
)
@pytest.mark.parametrize("gateway", ["rest", "v2", "alb"])
def test_a_redirect_is_followed_as_browsers_do(
    client: TestClient, status: int, method: str, then: str, gateway: Any
) -> None:
    sent = {"body": "hello", "headers": {"Content-Type": "text/plain"}} if method == "POST" else {}
    first = client.request(method, f"/to/{status}", params={"a": "1"}, gateway=gateway, **sent)  # type: ignore[arg-type]
    assert (first.status, first.history) == (status, [])

    end = client.request(method, f"/to/{status}", gateway=gateway, follow_redirects=True, **sent)  # type: ignore[arg-type]

    assert (end.status, end.method, end.url) == (200, then, "/echo?at=end")
    assert [response.status for response in end.history] == [status]
    if then != "HEAD":
        assert end.json()["query"] == [["at", "end"]]
        kept = then == "POST"
        assert end.json()["body"] == ("hello" if kept else "")
        assert end.json()["type"] == ("text/plain" if kept else None)


@pytest.mark.parametrize(
    ("where", "url"),
    [
        ("../echo", "/echo"),
        ("?where=/echo", "/echo"),
        ("https://app.example.com/echo?x=1#top", "/echo?x=1"),
        ("https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com/live/echo", "/echo"),
        ("/live/echo", "/echo"),
    ],
)
def test_a_location_may_be_relative_or_the_apps_own_url(client: TestClient, where: str, url: str) -> None:
    end = client.get("/to/302", params={"where": where}, stage="live", follow_redirects=True)
    assert (end.status, end.url) == (200, url)


@pytest.mark.parametrize("where", ["https://login.example.org/in", "mailto:ada@example.com"])
def test_a_redirect_away_from_the_app_is_the_answer(client: TestClient, where: str) -> None:
    end = client.get("/to/302", params={"where": where}, follow_redirects=True)
    assert (end.status, end.headers["location"], end.history) == (302, where, [])


def test_a_redirect_without_a_location_is_the_answer() -> None:
    nowhere = App()
    nowhere.get("/")(lambda: Reply("", 302))
    end = TestClient(nowhere).get("/", follow_redirects=True)
    assert (end.status, end.history) == (302, [])


def test_a_redirect_to_the_load_balancers_own_name_stays_in_the_app(client: TestClient) -> None:
    own = client.get("/echo", gateway="alb", multi_value=True).event["multiValueHeaders"]["host"][0]
    where = {"where": f"https://{own}/echo"}
    end = client.get("/to/302", params=where, gateway="alb", multi_value=True, follow_redirects=True)
    assert (end.status, end.url) == (200, "/echo")


def test_a_request_that_fails_leads_nowhere() -> None:
    broken = App(raise_server_errors=True)
    broken.get("/crash")(crash)
    client = TestClient(broken)
    assert client.get("/crash", follow_redirects=True).error is not None
    assert client.stream("GET", "/crash").completion.error is not None


def test_redirects_without_an_end_are_an_error(client: TestClient) -> None:
    with pytest.raises(RuntimeError, match="20 redirects, and the last leads on to /round"):
        client.get("/round", follow_redirects=True)


def test_cookies_that_a_redirect_sets_are_sent_to_where_it_leads() -> None:
    shop = App()
    shop.get("/cart")(cart)

    @shop.post("/login")
    def enter() -> Reply:
        return Reply("", 303, headers={"location": "/cart"}, cookies=["session=s2"])

    assert TestClient(shop).post("/login", follow_redirects=True).json()["session"] == "s2"


# In an async test ---------------------------------------------------------------------------------------------


def test_an_async_client_does_all_of_it() -> None:
    async def test() -> None:
        async with AsyncTestClient(app) as client:
            await client.get("/login")
            end = await client.post("/to/303", data={"a": "b"}, follow_redirects=True)
            assert isinstance(end, Response)
            assert end.json()["cookies"] == {"session": "s1"}
            assert [each.status for each in end.history] == [303]

    asyncio.run(test())


def test_json_takes_models(client: TestClient) -> None:
    assert client.post("/echo", json=Order(id=1, due=date(2026, 1, 2))).json()["body"] == '{"id":1,"due":"2026-01-02"}'
    assert Parcel(datetime(2026, 1, 1, tzinfo=UTC)).at.year == 2026
