"""A page that shows an OpenAPI document and sends requests to the API: one file, nothing from anywhere else."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from lambdarouter.sources.http.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["page"]

# Of a server's URL, what a content security policy calls a source.
_ORIGIN = re.compile(r"^https?://[A-Za-z0-9.:\[\]-]+")


def page(document: Mapping[str, Any], path: str) -> Response:
    """The page for a document, as served at `path` (what stands before it in the URL is where the API is)."""
    text = files(__package__).joinpath("page.html").read_text("utf-8")
    # What could end the element that holds it, or begin a comment, is written so that JSON still means the same.
    shown = json.dumps(document, ensure_ascii=False).replace("<", "\\u003c")
    text = text.replace("{{docs}}", json.dumps(path)[1:-1].replace("<", "\\u003c")).replace("{{document}}", shown)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    *_, script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    servers = "".join(
        f"{origin} " for server in document.get("servers", ()) for origin in _ORIGIN.findall(server["url"])
    )
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; img-src data:; "
        f"connect-src {servers}'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return Response(
        text,
        headers={
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
        },
    )


def _hash(text: str) -> str:
    """A source of the content security policy: exactly this text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
