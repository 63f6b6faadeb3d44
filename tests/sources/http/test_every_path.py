"""Whatever a path looks like and whichever gateway it comes through, a route is its own guard's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from hypothesis import given, settings, strategies as st

from lambdarouter import Allow, App, Deny, Header, Router
from lambdarouter.core.signature import name_of
from lambdarouter.testing.events import http

# The guards of the routes whose handlers ran.
RAN: list[str] = []


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("staff") if token == "staff" else Deny()


def admin(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("admin") if token == "admin" else Deny()


def handler(guard: Callable[..., Any]) -> Callable[[], None]:
    return lambda: RAN.append(guard.__name__)


async def mounted(scope: Any, receive: Any, send: Any) -> None:
    RAN.append("staff")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def app_of(policy: Any) -> App:
    """Routes of two guards that lie within each other's, a router and a mount."""
    app = App(auth=staff, base_path="/v1", trailing_slash=policy)
    app.route("/x/{n:int}", methods=["GET"])(handler(staff))
    app.route("/x/{n}", methods=["GET", "POST"], auth=admin)(handler(admin))
    app.route("/x/y", methods=["POST"])(handler(staff))
    app.route("/x/y/", methods=["GET"], auth=admin)(handler(admin))
    app.route("/x/{rest:path}", methods=["GET", "DELETE"], auth=admin)(handler(admin))
    app.route("/{rest:path}", methods=["GET"])(handler(staff))
    router = Router(prefix="/r", auth=admin)
    router.get("/{q}")(handler(admin))
    app.include(router)
    app.mount("/m", mounted, lifespan="off")
    return app


APPS = [app_of(policy) for policy in ("ignore", "strict", "redirect")]
SEGMENTS = ["x", "y", "1", "r", "m", "v1", "%2F", "x%2Fy", "..", "%2e%2e", "", "%79", "\u00e9", "%", "%ff"]
BUILDERS: list[Any] = [http.rest, http.v2, http.url, http.alb, http.lattice_v2]


@settings(max_examples=400, deadline=None)
@given(
    app=st.sampled_from(APPS),
    segments=st.lists(st.sampled_from(SEGMENTS), max_size=5),
    method=st.sampled_from(["GET", "HEAD", "POST", "DELETE", "OPTIONS"]),
    caller=st.sampled_from([staff, admin]),
    build=st.sampled_from(BUILDERS),
    is_stamped=st.booleans(),
)
def test_no_path_brings_a_caller_to_a_route_of_another_guard(
    *, app: App, segments: list[str], method: str, caller: Callable[..., Any], build: Any, is_stamped: bool
) -> None:
    RAN.clear()
    event = build(method, "/")
    path = "/" + "/".join(segments)
    event |= {key: path for key in ("path", "rawPath") if key in event}
    if is_stamped:
        stamp = {"lambdarouter_guard": name_of(caller), "lambdarouter_principal": "ada"}
        event["requestContext"]["authorizer"] = {"lambda": stamp} if build is http.v2 else stamp
    else:
        event["headers"] = {"authorization": caller.__name__}
        event.pop("multiValueHeaders", None)
    reply = app(event)
    assert reply["statusCode"] < 500
    # A stamp is API Gateway's to leave, and nobody else's.
    trusted = not is_stamped or build in (http.rest, http.v2)
    assert set(RAN) <= ({caller.__name__} if trusted else set())
