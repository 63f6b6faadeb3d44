"""Other frameworks' applications below paths of one app, beside its own routes and triggers, in one function."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path
from fastapi import BackgroundTasks, FastAPI, Request as FastApiRequest
from flask import Flask, request as flask_request
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request as StarletteRequest
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from lambdarouter import Allow, App, Deny, Header

SENT: list[str] = []


class Item(BaseModel):
    id: int
    name: str


# FastAPI: typed parameters, background tasks, and its own documentation at /shop/docs.
shop = FastAPI(title="Shop")


@shop.get("/items/{item_id}")
async def item(item_id: int, request: FastApiRequest) -> dict[str, object]:
    return {"id": item_id, "url": str(request.url_for("item", item_id=item_id))}


@shop.post("/items", status_code=201)
async def create(item: Item, later: BackgroundTasks) -> Item:
    later.add_task(SENT.append, f"mail about {item.name}")
    return item


# Starlette, with a lifespan: entered once per environment, whatever the number of requests.
LIFE: list[str] = []


@asynccontextmanager
async def lifespan(application: Starlette) -> AsyncIterator[dict[str, str]]:
    LIFE.append("entered")
    yield {"pool": "a pool of connections"}
    LIFE.append("left")


async def status(request: StarletteRequest) -> JSONResponse:
    return JSONResponse({"pool": request.state.pool, "function": request.scope["aws.context"].function_name})


async def lines(request: StarletteRequest) -> StreamingResponse:
    async def produce() -> AsyncIterator[str]:
        for number in range(3):
            yield f"line {number}\n"

    return StreamingResponse(produce(), media_type="text/plain")


ops = Starlette(routes=[Route("/status", status), Route("/lines", lines)], lifespan=lifespan)


# Django, in one file.
def page(request: HttpRequest, name: str) -> JsonResponse:
    return JsonResponse({"hello": name, "q": request.GET.getlist("q"), "path": request.path})


urlpatterns = [path("hello/<str:name>", page)]
settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="an example's")
site = get_asgi_application()

# Flask: WSGI, in a thread.
old = Flask("old")


@old.post("/form")
def form() -> dict[str, object]:
    return {"fields": flask_request.form.to_dict(), "root": flask_request.script_root}


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow("ada") if token == "Bearer staff" else Deny()


app = App()
app.mount("/shop", shop)
app.mount("/ops", ops, auth=staff)
app.mount("/site", site)
app.mount("/old", old, wsgi=True)


@app.get("/shop/health")
def health() -> dict[str, bool]:
    return {"ok": True}


@app.sns("orders")
def announce(order: Item) -> None:
    SENT.append(f"announced {order.name}")


handler = app
