"""HTTP: one handler for every gateway.

::

    @app.get("/orders/{order_id}", auth=staff)
    def read(order_id: int, verbose: bool = False) -> Order: ...


    @app.route("/orders", methods=["POST"], status=201)
    def create(order: Order) -> Order: ...

Routes answer REST APIs (and HTTP APIs with payload 1.0), HTTP APIs (payload 2.0), function URLs, ALBs and VPC Lattice.

**Parameters.** A name in the path is the path parameter; scalars and lists of scalars are query parameters; anything
else is the JSON body. `Annotated[T, Header() | Query() | Path() | Cookie() | Body() | Depends(f)]` says otherwise.
`Request`, `Identity`, `Context` and, behind a guard, `Allow` are passed by their type.

**Replies.** A model, dataclass, dict, list, number or boolean is JSON, written as the declared return type says; `str`
is text, `bytes` binary, None is 204; a `Response` is sent as it is: `JsonResponse`, `RedirectResponse`, `FileResponse`,
`StreamingResponse`. A handler that yields is streamed. `status=` sets the status of the others. `App(compress=,
security_headers=)` is for all replies, and `cors=` of an app, router or route.

**Errors.** `HttpError` answers its status as problem+json (RFC 9457). A body that is not JSON or not the base64 it
claims to be is 400, a wrong media type 415, a value that does not fit 422 with every reason, an unknown path 404, a
known path with another method 405 with Allow. Anything else a handler raises is 500 without details, and logged.
`@app.exception_handler(of)` answers in the place of an error.

**Guards.** `auth=` names an authorizer. It runs in process before anything of the route does, once per request, unless
API Gateway ran that very guard already: its stamp is in the authorizer context, which only API Gateway fills.
`App(auth=)` and `Router(auth=)` guard all their routes but those with `public=True`.

Delivery: synchronous, exactly one handler, no retries. A request that is not done before the deadline is 504.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from lambdarouter.core.http import check_guard
from lambdarouter.sources.http.path import register_converter
from lambdarouter.sources.http.response import JsonResponse, RedirectResponse, Response, StreamingResponse
from lambdarouter.sources.http.source import HttpSource
from lambdarouter.sources.http.trigger import (
    HttpTrigger,
    check_cors,
    check_limits,
    delete,
    get,
    head,
    options,
    patch,
    post,
    put,
)

__all__ = [
    "HttpSource",
    "HttpTrigger",
    "JsonResponse",
    "RedirectResponse",
    "Response",
    "StreamingResponse",
    "check_cors",
    "check_guard",
    "check_limits",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "register_converter",
]
