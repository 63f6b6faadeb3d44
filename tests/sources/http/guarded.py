"""An app with two guards, and what each was called for."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from lambdarouter import Allow, App, Deny, Header, Request, Unauthorized

__all__ = ["ADMIN", "CALLS", "STAFF", "admin", "app", "staff"]

# Who was called, in order: guards and handlers by their names. The fixture `no_calls` empties it.
CALLS: list[str] = []
STAFF, ADMIN = {"Authorization": "Bearer staff"}, {"Authorization": "Bearer admin"}


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    CALLS.append("staff")
    return Allow("ada", role="staff") if token == "Bearer staff" else Deny()


async def admin(request: Request) -> Allow | Deny:
    CALLS.append("admin")
    await asyncio.sleep(0)
    token = request.headers.get("authorization")
    if token is None:
        raise Unauthorized("no token", headers={"WWW-Authenticate": "Bearer"})
    return Allow("root") if token == "Bearer admin" else Deny()


def app() -> App:
    """Two guards, a route behind each, and one in the open."""
    made = App()
    made.authorizer()(staff)
    made.authorizer()(admin)

    @made.get("/open")
    def everyone() -> str:
        return "open"

    @made.get("/orders/{order_id}", auth=staff)
    def read(order_id: int, who: Allow) -> dict[str, Any]:
        CALLS.append("read")
        return {"who": who.principal, "context": who.context}

    @made.get("/admin/{page}", auth=admin)
    def report(page: str, request: Request) -> dict[str, Any]:
        CALLS.append("report")
        assert request.auth is not None
        return {"who": request.auth.principal}

    return made
