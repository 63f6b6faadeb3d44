"""FastAPI behind Mangum."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from fastapi import FastAPI, Request

    from tests.benchmarks.cases import Handler


def _app() -> "FastAPI":
    from fastapi import FastAPI

    return FastAPI(openapi_url=None)


def _served(app: "FastAPI") -> "Handler":
    from mangum import Mangum

    return Mangum(app, lifespan="off")


def _static(app: "Any") -> None:
    @app.get("/static")
    async def static() -> dict[str, object]:
        return {"ok": True, "n": 1}


def api(gateway: str) -> "Handler":
    app = _app()
    _static(app)

    @app.get("/items/{item_id}")
    async def item(item_id: str) -> dict[str, object]:
        return {"id": item_id}

    return _served(app)


missing = api
awaiting = api


def orders(gateway: str) -> "Handler":
    from tests.benchmarks.order import Order

    app = _app()

    @app.post("/orders")
    async def create(order: Order) -> Order:
        return order

    return _served(app)


def routed(gateway: str) -> "Handler":
    from fastapi import APIRouter

    router = APIRouter()
    _static(router)
    app = _app()
    app.include_router(router)
    return _served(app)


def rescued(gateway: str) -> "Handler":
    from fastapi.responses import JSONResponse

    app = _app()
    _static(app)

    @app.exception_handler(KeyError)
    async def answer(request: "Request", error: Exception) -> JSONResponse:
        return JSONResponse({"missing": str(error)}, 500)

    return _served(app)


def dependent(gateway: str) -> "Handler":
    from typing import Annotated

    from fastapi import Depends

    app = _app()

    async def number() -> int:
        return 1

    @app.get("/static")
    async def static(n: Annotated[int, Depends(number)]) -> dict[str, object]:
        return {"ok": True, "n": n}

    return _served(app)


def layered(gateway: str) -> "Handler":
    app = _app()

    @app.middleware("http")
    async def layer(request: "Request", call_next: "Any") -> "Any":
        return await call_next(request)

    _static(app)
    return _served(app)


def cors(gateway: str) -> "Handler":
    from fastapi.middleware.cors import CORSMiddleware

    app = _app()
    origins, methods, headers = ["https://example.com"], ["GET"], ["content-type"]
    app.add_middleware(CORSMiddleware, allow_origins=origins, allow_methods=methods, allow_headers=headers)
    _static(app)
    return _served(app)


def plain(gateway: str, routes: int) -> "Handler":
    app = _app()
    for number in range(routes):

        @app.get(f"/svc{number}/items/{{item_id}}")
        async def read(item_id: str) -> dict[str, object]:
            return {"id": item_id, "ok": True}

    return _served(app)


def static(gateway: str, routes: int) -> "Handler":
    app = _app()
    for number in range(routes):

        @app.get(f"/page{number}")
        async def read() -> dict[str, object]:
            return {"ok": True}

    return _served(app)


def typed(gateway: str, routes: int) -> "Handler":
    from tests.benchmarks.order import Order

    app = _app()
    for number in range(routes):

        @app.post(f"/svc{number}/orders")
        async def create(order: Order) -> Order:
            return order

    return _served(app)


def sized(size: int) -> "Handler":
    app = _app()
    data = "x" * size

    @app.get("/big")
    async def large() -> dict[str, object]:
        return {"data": data}

    return _served(app)
