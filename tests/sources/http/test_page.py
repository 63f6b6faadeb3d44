"""The page that shows the document: whole in itself, and nothing on it is ever read as code."""

import base64
import hashlib
import html
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import pytest

from lambdarouter import Allow, App, ConfigurationError, Deny, Form, Header, OpenApi, Request, Response
from lambdarouter.asgi import asgi
from lambdarouter.testing import TestClient
from tests.servers import served

HOSTILE = "</script><script>document.title = 'taken'</script><!-- {{docs}} {{document}}"


def shop(**options: Any) -> App:
    app = App(openapi=OpenApi("Shop", "1.0", path="/openapi.json", docs="/docs", **options))

    @app.get("/items/{item_id}", tags=["items"])
    def read(item_id: int, page: int = 1) -> dict[str, int]:
        """Read an item."""
        return {"id": item_id}

    return app


def page_of(app: App) -> tuple[dict[str, str], str]:
    reply = TestClient(app).get("/docs").reply
    assert reply["statusCode"] == 200
    return reply["headers"], reply["body"]


def shown_document(text: str) -> Any:
    found = re.search(r'<script type="application/json" id="openapi">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def browse(chromium: str, url: str, tmp_path: Path) -> str:
    """The page as a browser has it after a while."""
    return subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/profile",
            "--virtual-time-budget=5000",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=True,
    ).stdout


def test_the_app_serves_its_document_and_a_page_and_documents_neither() -> None:
    app = shop()

    reply = TestClient(app).get("/openapi.json").reply
    assert reply["headers"]["content-type"] == "application/json"
    assert json.loads(reply["body"]) == app.openapi()
    assert list(app.openapi()["paths"]) == ["/items/{item_id}"]
    assert shown_document(page_of(app)[1]) == app.openapi()


def test_an_app_that_does_not_ask_for_them_serves_neither() -> None:
    client = TestClient(App(openapi=OpenApi("Shop")))

    assert client.get("/openapi.json").reply["statusCode"] == 404
    assert client.get("/docs").reply["statusCode"] == 404


def test_a_path_that_is_taken_is_a_conflict_at_import() -> None:
    with pytest.raises(ConfigurationError, match="answered already"):
        shop().get("/docs")(lambda: None)


def test_the_page_loads_nothing_from_anywhere() -> None:
    _, text = page_of(shop())
    urls = re.findall(r"""(?:src|href)\s*=\s*["']([^"'$]*)|url\(([^)]*)\)|@import""", text)

    assert {url for pair in urls for url in pair if url} <= {"data:,"}


def test_the_page_runs_its_own_script_and_no_other() -> None:
    headers, text = page_of(shop())
    policy = headers["content-security-policy"]

    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    for directive, content in (("style-src", style), ("script-src", script)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none'")
    assert "connect-src 'self';" in policy


def test_the_page_may_send_requests_to_the_servers_of_the_document() -> None:
    servers = ["https://api.example.com/v1", "/v2", "https://evil.example.com; script-src *"]

    policy = page_of(shop(servers=servers))[0]["content-security-policy"]

    assert "connect-src https://api.example.com https://evil.example.com 'self'; base-uri" in policy


def test_nothing_in_the_document_ends_the_element_that_holds_it() -> None:
    app = shop(description=HOSTILE)
    _, text = page_of(app)

    assert text.count("<script>") == 1
    assert shown_document(text)["info"]["description"] == HOSTILE


def test_a_browser_shows_the_operations_and_reads_nothing_as_code(
    require: Callable[[str], str], tmp_path: Path
) -> None:
    chromium = require("chromium")
    app = shop(description=HOSTILE)
    app.get("/other", tags=[HOSTILE], summary=HOSTILE, deprecated=True)(lambda: None)
    _, text = page_of(app)
    (tmp_path / "docs.html").write_text(text, "utf-8")

    dumped = browse(chromium, f"file://{tmp_path}/docs.html#operation-1", tmp_path)

    assert "<title>Shop 1.0</title>" in dumped
    shown = dumped[dumped.index("<nav") : dumped.index('id="openapi"')]
    visible = html.unescape(re.sub(r"<[^>]+>", " ", shown))
    for told in ("/items/{item_id}", "Read an item.", "page", "integer", "default 1", "422", "Try it"):
        assert told in visible
    assert HOSTILE.partition("{{")[0].strip() in " ".join(visible.split())


# What a person does: fill in the first form, and send it.
VISITOR = """<script>
addEventListener("load", () => setTimeout(() => {
  const form = document.querySelector("form");
  for (const input of form.querySelectorAll("input")) {
    if (input.placeholder === "bearer credentials") input.value = "demo";
    if (input.closest("label").textContent.startsWith("name")) input.value = "Ada & co";
    input.dispatchEvent(new Event("input"));
  }
  form.requestSubmit();
}, 100));
</script>"""


def test_a_browser_sends_a_request_with_its_credentials_and_shows_the_reply(
    require: Callable[[str], str], tmp_path: Path
) -> None:
    chromium = require("chromium")
    app = shop()

    def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow("ada") if token == "Bearer demo" else Deny()

    @app.post("/shelves/{shelf}", tags=["first"], auth=staff)
    def put(shelf: str, name: Annotated[str, Form()], request: Request) -> dict[str, str | None]:
        return {"shelf": shelf, "name": name, "kind": request.headers.get("content-type")}

    # The same page, but for a script that its policy would not let run.
    @app.get("/visited", documented=False)
    def visited() -> Response:
        text = page_of(app)[1].replace('const docs = "/docs"', 'const docs = "/visited"')
        return Response(text + VISITOR, headers={"content-type": "text/html; charset=utf-8"})

    with served(asgi(app)) as url:
        dumped = browse(chromium, f"{url}/visited#operation-2", tmp_path)

    visible = html.unescape(re.sub(r"<[^>]+>", " ", dumped[dumped.index("<main") : dumped.index('id="openapi"')]))
    assert re.search(r"200\s+OK", visible)
    assert '"name": "Ada & co"' in visible
    assert '"kind": "application/x-www-form-urlencoded' in visible
