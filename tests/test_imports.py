"""What an import loads: the cold start's budget as a list of modules, checked in fresh interpreters.

Each script below runs with `-I -S`, with this checkout and the installed packages importable, so that an import of a
heavy module would succeed and be seen. A finder in front of all others notes who imported what.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).parents[1]
HEAVY = [
    "pydantic",
    "pydantic_core",
    "anyio",
    "asyncio",
    "croniter",
    "structlog",
    "dataclasses",
    "inspect",
    "typing",
    "logging",
    "email",
    "http",
    "urllib",
    "importlib.metadata",
    "boto3",
    "botocore",
    "concurrent",
    "threading",
    "socket",
    "ssl",
    "subprocess",
    "rich",
    "typer",
]
# What a plain app has no use for either: of the standard library, next to nothing is left.
PARTS = [
    "binascii",
    "collections",
    "contextlib",
    "datetime",
    "enum",
    "functools",
    "json",
    "operator",
    "re",
    "signal",
    "types",
]

WATCH = """
import sys
heavy, loaded = set(HEAVY), []
class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in heavy:
            frame = sys._getframe(1)
            while "importlib" in frame.f_code.co_filename:
                frame = frame.f_back
            loaded.append((name, f"{frame.f_code.co_filename}:{frame.f_lineno}"))
sys.meta_path.insert(0, Watch())
"""

REPORT = """
for name in sys.modules.keys() & heavy - {name for name, _ in loaded}:
    loaded.append((name, "before anything was imported"))
print("REPORT", loaded)
"""

PLAIN_APP = """
from lambdarouter import App, HttpError, Response, Router

app = App()

@app.get("/health")
def health():
    return {"ok": True}

@app.get("/books/{isbn}")
def book(isbn: str, pages: int = 1, ratio: float = 0.5, full: bool = False, q: str | None = None) -> dict[str, object]:
    return {"isbn": isbn, "pages": pages, "ratio": ratio, "full": full, "q": q}

@app.route("/orders", methods=["POST"], status=201)
def create(order: dict) -> dict:
    return order

@app.delete("/orders/{order_id}")
def remove(order_id: int) -> None: ...

@app.get("/raw")
def raw() -> Response:
    return Response(b"raw", headers={"content-type": "image/png"}, cookies=["a=1"])

@app.get("/teapot")
def teapot():
    raise HttpError(418, "short and stout")

router = Router(prefix="/v1")

@router.put("/{name}")
def rename(name): ...

app.include(router)
"""

WHOLE_APP = """
from typing import Annotated

loaded.clear()  # that was the user's own import: Annotated has no other home
heavy -= {"typing"}

from lambdarouter import Allow, App, Cookie, Depends, Deny, Header, HttpError, Path, Query, Request, Response
from lambdarouter import Disposition, SesMail, SnsRecord, Tick

app = App(tick="1h")

@app.middleware
def timed(call):
    yield

@app.authorizer()
def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("ada") if token == "Bearer ok" else Deny()

@app.authorizer()
async def admin(request: Request) -> Allow | Deny:
    return Deny()

def session():
    yield "session"

async def pool():
    yield "pool"

@app.get("/orders/{order_id}", auth=staff)
def read(
    order_id: Annotated[int, Path()],
    who: Allow,
    session: Annotated[str, Depends(session)],
    agent: Annotated[str, Header("user-agent")] = "",
    page: Annotated[int, Query("p")] = 1,
    sid: Annotated[str | None, Cookie()] = None,
) -> dict[str, object]:
    return {"id": order_id, "who": who.principal, "session": session, "page": page, "sid": sid}

@app.get("/later", auth=admin)
async def later(pool: Annotated[str, Depends(pool)]) -> None: ...

@app.cron("0 */3 * * *")
def every_three_hours(tick: Tick) -> None: ...

@app.cron("30 6 * * MON-FRI", timezone="Europe/Madrid")
async def morning() -> None: ...

@app.cron("@daily", timezone="America/New_York")
def nightly() -> None: ...

@app.cron(every="90m", offset="15m")
def often() -> None: ...

@app.sns("orders", attributes={"kind": ["created"]}, concurrency=5)
async def announce(order: dict, record: SnsRecord) -> None: ...

@app.sns(["stock-*", "arn:aws:sns:eu-west-1:123456789012:alerts"])
def alert(text: str) -> None: ...

@app.ses(recipient="*@support.example.com", virus="PASS")
def inbox(mail: SesMail) -> Disposition:
    return Disposition.CONTINUE
"""

# The answers are made in the same interpreter; the events are literals, because builders may import what they like.
ANSWER = """
for event, status in json_events:
    reply = app(event)
    assert reply["statusCode"] == status, (event, reply)
"""


def loaded_by(
    *parts: str, events: list[tuple[Any, int]] | None = None, heavy: Sequence[str] = (*HEAVY, *PARTS)
) -> list[str]:
    """The heavy modules that a script loads, each with who imported it."""
    script = "\n".join(
        [
            f"HEAVY = {heavy!r}\njson_events = {events or []!r}",
            WATCH,
            f"sys.path[:0] = [{str(ROOT)!r}, {sysconfig.get_path('purelib')!r}]",
            *parts,
            REPORT,
        ]
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    report = next(line for line in done.stdout.splitlines() if line.startswith("REPORT "))
    return [f"{name}, imported by {place}" for name, place in ast.literal_eval(report.removeprefix("REPORT "))]


def requests(*wanted: tuple[str, str, dict[str, Any], int]) -> list[tuple[Any, int]]:
    """Each request through a REST API, an HTTP API, a function URL and an ALB."""
    from lambdarouter.testing.events import http

    return [
        (build(method, target, **options), status)
        for method, target, options, status in wanted
        for build in (http.rest, http.v2, http.url, http.alb)
    ]


def test_the_watch_sees_what_is_loaded_and_who_did_it() -> None:
    (seen, *_) = loaded_by("import email")
    assert seen.startswith("email, imported by <string>:")
    assert any(line.startswith("asyncio, ") for line in loaded_by("import anyio, asyncio"))


def test_importing_the_package_loads_nothing_heavy() -> None:
    assert loaded_by("import lambdarouter") == []


def test_importing_the_package_loads_none_of_its_own_modules() -> None:
    check = "import lambdarouter\nassert [n for n in sys.modules if n.startswith('lambdarouter.')] == []"
    assert loaded_by(check) == []


def test_every_public_name_but_the_engine_loads_nothing_heavy() -> None:
    assert loaded_by("from lambdarouter import *", heavy=HEAVY) == []


def test_a_plain_app_answers_its_first_event_without_anything_heavy() -> None:
    events = requests(
        ("GET", "/health", {}, 200),
        ("GET", "/books/9780141439518", {}, 200),
        ("POST", "/orders", {"json": {"id": 1}}, 201),
        ("POST", "/orders", {"body": b'{"id": 1}'}, 201),
        ("DELETE", "/orders/17", {}, 204),
        ("GET", "/raw", {}, 200),
        ("GET", "/teapot", {}, 418),
        ("PUT", "/v1/x", {}, 204),
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/health", {}, 405),
        ("POST", "/orders", {"body": "{"}, 400),
        ("POST", "/orders", {"body": "[]"}, 422),
        ("POST", "/orders", {"body": "x", "headers": {"content-type": "text/plain"}}, 415),
    )
    assert loaded_by(PLAIN_APP, ANSWER, events=events, heavy=HEAVY) == []


def test_a_plain_app_loads_next_to_nothing_of_the_standard_library() -> None:
    events = requests(
        ("GET", "/health", {}, 200),
        ("GET", "/books/9780141439518", {}, 200),
        ("POST", "/orders", {"json": {"id": 1}}, 201),
        ("DELETE", "/orders/17", {}, 204),
        ("GET", "/teapot", {}, 418),
        ("GET", "/nowhere", {}, 404),
        ("PUT", "/health", {}, 405),
    )
    assert loaded_by(PLAIN_APP, ANSWER, events=events) == []


# All that a plain app with one gateway loads of the package until its first event is answered. Each module takes some
# 70 µs of every cold start, each class in it 20: what only some apps use is loaded where they use it.
MODULES = """
app errors router sources
core core.codec core.context core.decorator core.handler core.http core.invocation core.parameter core.request
core.route core.scalar core.signature core.source core.stream core.trigger core.view
engine engine.attempt engine.classify engine.deadline engine.dependency engine.drive engine.environment engine.invoke
engine.registrar engine.straight engine.work
sources.http sources.http.gateways sources.http.mistakes sources.http.parameter sources.http.path sources.http.problem
sources.http.request sources.http.response sources.http.router sources.http.source sources.http.trigger
"""


@pytest.mark.parametrize("gateway", ["rest", "v2", "url", "alb"])
def test_a_plain_app_loads_these_modules_and_no_others(gateway: str) -> None:
    from lambdarouter.testing.events import http

    event = getattr(http, gateway)("GET", "/books/9780141439518?pages=3")
    check = f"""
known = {{"lambdarouter", *("lambdarouter." + name for name in {MODULES.split()!r})}}
more = {{name for name in sys.modules if name.split(".")[0] == "lambdarouter"}} - known
assert not more, more
"""
    loaded_by(PLAIN_APP, ANSWER, check, events=[(event, 200)])


def test_a_query_in_its_plain_spelling_loads_nothing_heavy() -> None:
    events = requests(("GET", "/books/1?pages=3&ratio=0.25&full=true&q=word", {}, 200))
    assert loaded_by(PLAIN_APP, ANSWER, events=events) == []


def test_an_app_with_every_kind_of_trigger_answers_a_request_without_anything_heavy() -> None:
    events = requests(
        (
            "GET",
            "/orders/17",
            {"headers": {"Authorization": "Bearer ok", "User-Agent": "me"}, "cookies": {"sid": "s"}},
            200,
        ),
        ("GET", "/orders/17", {"headers": {"Authorization": "Bearer no"}}, 403),
        ("GET", "/orders/17", {}, 401),
        ("GET", "/nowhere", {}, 404),
    )
    assert loaded_by(WHOLE_APP, ANSWER, events=events, heavy=HEAVY) == []


def test_a_rooms_module_is_loaded_when_its_decorator_is_used() -> None:
    check = """
def rooms():
    return sorted(n[21:] for n in sys.modules if n.startswith("lambdarouter.sources.") and n.count(".") == 2)

from lambdarouter import App
app = App()
assert rooms() == [], rooms()
app.get("/x")(lambda: None)
assert rooms() == ["http"], rooms()
app.sns("orders")(lambda record: None)
assert rooms() == ["http", "sns"], rooms()
"""
    assert loaded_by(check, heavy=HEAVY) == []


@pytest.mark.parametrize(
    "module", ["lambdarouter.app", "lambdarouter.engine.invoke", "lambdarouter.errors", "lambdarouter.core.http"]
)
def test_any_module_may_be_imported_first(module: str) -> None:
    assert loaded_by(f"import {module}") == []
