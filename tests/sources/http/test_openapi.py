"""The OpenAPI document: what handlers say in their signatures, and nothing that is not so."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel, Field, WithJsonSchema

from lambdarouter import (
    Allow,
    App,
    Body,
    ConfigurationError,
    Cookie,
    Deny,
    Depends,
    File,
    FileResponse,
    Form,
    Header,
    Limits,
    Once,
    OpenApi,
    Query,
    RedirectResponse,
    Request,
    Response,
    Router,
    UploadFile,
)
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import TestClient


class Item(BaseModel):
    id: int
    name: str = Field("tea", description="What it is called.", examples=["coffee"])


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: list[str] = []


Pet = Annotated[Cat | Dog, Field(discriminator="kind")]


@dataclass
class Point:
    x: float
    y: float


def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
    return Allow(token)


def document(app: App) -> dict[str, Any]:
    """The app's document, which is valid, and is JSON as it stands."""
    made = app.openapi()
    validate(made)
    assert json.loads(json.dumps(made)) == made
    return made


def operation(app: App, path: str = "/", method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = document(app)["paths"][path][method]
    return found


def parameters(app: App, path: str = "/") -> dict[tuple[str, str], Any]:
    return {(found["in"], found["name"]): found for found in operation(app, path)["parameters"]}


def test_an_app_without_http_routes_has_a_valid_document() -> None:
    app = App()
    app.sns("orders")(lambda: None)

    assert document(app) == {
        "openapi": "3.1.0",
        "info": {"title": "API", "version": "0.1.0"},
        "paths": {},
        "components": {},
    }


def test_the_head_is_what_the_app_says() -> None:
    app = App(
        openapi=OpenApi(
            "Shop",
            "2.1",
            description="Sells.",
            servers=["https://api.example.com/v1"],
            tags={"b": "Second.", "a": "First."},
        )
    )
    app.get("/", tags=["c", "a"])(lambda: None)

    made = document(app)
    assert made["info"] == {"title": "Shop", "version": "2.1", "description": "Sells."}
    assert made["servers"] == [{"url": "https://api.example.com/v1"}]
    assert made["tags"] == [
        {"name": "b", "description": "Second."},
        {"name": "a", "description": "First."},
        {"name": "c"},
    ]


@pytest.mark.parametrize(
    "options",
    [{"title": ""}, {"version": 1}, {"description": None}, {"servers": "https://example.com"}, {"servers": [1]}],
)
def test_a_head_that_is_none_is_refused_at_import(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(options))):
        OpenApi(**options)


def test_parameters_are_told_with_their_place_type_limits_and_default() -> None:
    app = App()

    @app.get("/items/{item_id}")
    def read(
        item_id: int,
        q: str,
        *,
        since: date | None = None,
        limit: Annotated[
            int, Query(), Field(ge=1, le=100, description="How many.", json_schema_extra={"deprecated": True})
        ] = 10,
        tag: Annotated[list[str], Query("tags")] = [],  # noqa: B006
        x_trace: Annotated[UUID | None, Header()] = None,
        session: Annotated[str | None, Cookie()] = None,
    ) -> None: ...

    found = parameters(app, "/items/{item_id}")
    assert found == {
        ("path", "item_id"): {"name": "item_id", "in": "path", "required": True, "schema": {"type": "integer"}},
        ("query", "q"): {"name": "q", "in": "query", "required": True, "schema": {"type": "string"}},
        ("query", "since"): {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
        ("query", "limit"): {
            "name": "limit",
            "in": "query",
            "description": "How many.",
            "deprecated": True,
            "schema": {"type": "integer", "minimum": 1, "maximum": 100, "default": 10},
        },
        ("query", "tags"): {
            "name": "tags",
            "in": "query",
            "schema": {"type": "array", "items": {"type": "string"}, "default": []},
        },
        ("header", "x-trace"): {"name": "x-trace", "in": "header", "schema": {"type": "string", "format": "uuid"}},
        ("cookie", "session"): {"name": "session", "in": "cookie", "schema": {"type": "string"}},
    }


def test_a_path_parameter_that_the_handler_does_not_take_is_told_all_the_same() -> None:
    app = App()
    app.get("/{shop}/items")(lambda: None)

    assert list(parameters(app, "/{shop}/items")) == [("path", "shop")]


def test_the_parameters_of_dependencies_are_the_operations_and_told_once() -> None:
    app = App()

    def paging(page: int = 1, size: int = 20) -> tuple[int, int]:
        return page, size

    def sorting(request: Request, size: int) -> None: ...

    @app.get("/")
    def read(window: Annotated[tuple[int, int], Depends(paging)], how: Annotated[None, Depends(sorting)]) -> None: ...

    found = parameters(app)
    assert list(found) == [("query", "page"), ("query", "size")]
    assert found["query", "size"]["required"]


def test_a_parameter_of_several_types_is_any_of_them_and_never_null() -> None:
    app = App()

    @app.get("/")
    def read(q: int | UUID | None = None) -> None: ...

    assert parameters(app)["query", "q"]["schema"] == {
        "anyOf": [{"type": "integer"}, {"type": "string", "format": "uuid"}]
    }


def test_a_default_that_has_no_json_form_is_left_out() -> None:
    app = App()
    unknown: Any = object()

    @app.get("/")
    def read(q: str = unknown) -> None: ...

    assert parameters(app)["query", "q"]["schema"] == {"type": "string"}


@pytest.mark.parametrize(
    ("annotation", "media", "statuses"),
    [
        (Item, "application/json", {"400", "415", "422"}),
        (dict[str, int], "application/json", {"400", "415", "422"}),
        (Annotated[str, Body()], "text/plain", {"400"}),
        (Annotated[str, Body(), Field(max_length=3)], "text/plain", {"400", "422"}),
        (Annotated[bytes, Body()], "application/octet-stream", {"400"}),
    ],
)
def test_a_body_is_told_with_its_media_type_and_how_it_can_be_refused(
    annotation: Any, media: str, statuses: set[str]
) -> None:
    app = App()

    def create(body: Any) -> None: ...

    create.__annotations__["body"] = annotation
    app.post("/")(create)

    told = operation(app, method="post")
    assert list(told["requestBody"]["content"]) == [media]
    assert told["requestBody"]["required"]
    assert told["responses"].keys() == {"204", *statuses}
    for status in statuses:
        assert list(told["responses"][status]["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(
    ("of_app", "of_route", "told"),
    [
        (None, None, False),
        (Limits(body=9), None, True),
        (None, Limits(body=9), True),
        (Limits(body=9), Limits(), False),
        (Limits(parts=9), None, False),
    ],
)
def test_a_limit_of_bodies_is_a_413_where_it_goes(
    of_app: Limits | None, of_route: Limits | None, *, told: bool
) -> None:
    app = App(limits=of_app)

    @app.post("/", limits=of_route)
    def create(body: Annotated[str, Body()]) -> None: ...

    @app.get("/")
    def read() -> None: ...

    assert ("413" in operation(app, method="post")["responses"]) is told
    assert "413" not in operation(app)["responses"]


def test_an_optional_body_is_not_required() -> None:
    app = App()

    @app.post("/")
    def create(item: Item | None = None) -> None: ...

    assert operation(app, method="post")["requestBody"]["required"] is False


def test_a_body_is_described_by_its_field() -> None:
    app = App()

    @app.post("/")
    def create(text: Annotated[str, Body(), Field(description="A note.", examples=["hello"])]) -> None: ...

    assert operation(app, method="post")["requestBody"] == {
        "required": True,
        "description": "A note.",
        "content": {"text/plain": {"schema": {"type": "string", "examples": ["hello"]}}},
    }


@pytest.mark.parametrize(
    ("returns", "status", "expected"),
    [
        (None, None, {"204": None}),
        (None, 202, {"202": None}),
        (Item, None, {"200": {"application/json": {"$ref": "#/components/schemas/Item"}}}),
        (Item, 201, {"201": {"application/json": {"$ref": "#/components/schemas/Item"}}}),
        (Item | None, None, {"200": {"application/json": {"$ref": "#/components/schemas/Item"}}, "204": None}),
        (Point, None, {"200": {"application/json": {"$ref": "#/components/schemas/Point"}}}),
        (str, None, {"200": {"text/plain": {"type": "string"}}}),
        (bytes, None, {"200": {"application/octet-stream": None}}),
        (str | bytes, None, {"200": {"text/plain": {"type": "string"}, "application/octet-stream": None}}),
        (list[int], None, {"200": {"application/json": {"type": "array", "items": {"type": "integer"}}}}),
        (int | str, None, {"200": {"application/json": {"anyOf": [{"type": "integer"}, {"type": "string"}]}}}),
        (Response, None, {"200": None}),
        (Item | Response, None, {"200": {"application/json": {"$ref": "#/components/schemas/Item"}}}),
        (Response | None, None, {"200": None, "204": None}),
        (Any, None, {"200": {"application/json": {}}}),
    ],
)
def test_replies_are_what_the_return_type_says(returns: Any, status: int | None, expected: dict[str, Any]) -> None:
    app = App()

    def read() -> Any: ...

    read.__annotations__["return"] = returns
    app.get("/", status=status)(read)

    responses = operation(app)["responses"]
    assert {
        status: {media: content.get("schema") for media, content in reply["content"].items()}
        if "content" in reply
        else None
        for status, reply in responses.items()
    } == expected


def test_a_handler_that_does_not_say_what_it_returns_has_a_reply_of_any_content() -> None:
    app = App()

    @app.get("/")
    def read():  # type: ignore[no-untyped-def] # noqa: ANN202
        return 1

    assert operation(app)["responses"] == {"200": {"description": "OK"}}


def test_what_a_model_takes_and_what_it_writes_are_two_schemas_where_they_differ() -> None:
    class Event(BaseModel):
        at: Annotated[int, WithJsonSchema({"type": "string"}, mode="serialization")]

    app = App()

    @app.post("/")
    def create(event: Event) -> Event:
        return event

    names = document(app)["components"]["schemas"].keys()
    assert {"Event-Input", "Event-Output"} <= names


def test_models_of_one_name_from_several_modules_have_names_of_their_own() -> None:
    def model(module: str) -> type[BaseModel]:
        return type("Order", (BaseModel,), {"__module__": module, "__annotations__": {module: int}})

    app = App()
    for module in ("shop", "stock"):

        def create(order: Any) -> None: ...

        create.__annotations__["order"] = model(module)
        app.post(f"/{module}", operation_id=module)(create)

    made = document(app)
    refs = [
        made["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for path in ("/shop", "/stock")
    ]
    assert len(set(refs)) == 2
    assert [list(made["components"]["schemas"][ref]["properties"]) for ref in refs] == [["shop"], ["stock"]]


def test_a_model_called_problem_keeps_its_name() -> None:
    class Problem(BaseModel):
        mine: int

    app = App()

    @app.post("/")
    def create(problem: Problem) -> None: ...

    made = document(app)
    schemas = made["components"]["schemas"]
    assert list(schemas["Problem"]["properties"]) == ["mine"]
    assert "title" in schemas["HttpProblem"]["properties"]
    refused = made["paths"]["/"]["post"]["responses"]["422"]["content"]["application/problem+json"]["schema"]
    assert refused == {"$ref": "#/components/schemas/HttpProblem"}


def test_a_discriminated_union_is_told_with_its_discriminator() -> None:
    app = App()

    @app.post("/")
    def create(pet: Pet) -> Pet:
        return pet

    told = operation(app, method="post")
    schema = told["requestBody"]["content"]["application/json"]["schema"]
    assert schema["discriminator"] == {
        "propertyName": "kind",
        "mapping": {"cat": "#/components/schemas/Cat", "dog": "#/components/schemas/Dog"},
    }
    assert told["responses"]["200"]["content"]["application/json"]["schema"]["discriminator"] == schema["discriminator"]


def test_examples_and_descriptions_of_fields_are_kept() -> None:
    app = App()

    @app.post("/")
    def create(item: Item) -> None: ...

    name = document(app)["components"]["schemas"]["Item"]["properties"]["name"]
    assert (name["examples"], name["description"], name["default"]) == (["coffee"], "What it is called.", "tea")


def test_the_docstring_is_summary_and_description() -> None:
    app = App()

    @app.get("/")
    def read() -> None:
        """Read it all,
        at once.

        It may take a while.

        - really
        """  # noqa: D205

    assert operation(app)["summary"] == "Read it all, at once."
    assert operation(app)["description"] == "It may take a while.\n\n- really"


def test_the_decorator_has_the_last_word() -> None:
    app = App()

    @app.get("/", summary="Short.", tags=["a"], deprecated=True, operation_id="fetch", responses={404: "Gone"})
    def read() -> None:
        """Long."""

    told = operation(app)
    assert (told["summary"], told["tags"], told["deprecated"], told["operationId"]) == ("Short.", ["a"], True, "fetch")
    assert told["responses"]["404"]["description"] == "Gone"
    assert list(told["responses"]["404"]["content"]) == ["application/problem+json"]


def test_other_replies_are_told_by_text_by_type_and_as_openapi_has_them() -> None:
    app = App()
    raw = {"description": "A picture", "content": {"image/png": {}}}

    @app.get("/", responses={200: raw, 302: "Elsewhere", 404: None, 409: Item})
    def read() -> Response:
        return Response()

    replies = operation(app)["responses"]
    assert replies["200"] == raw
    assert replies["302"] == {"description": "Elsewhere"}
    assert replies["404"]["description"] == "Not Found"
    assert replies["409"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Item"}}}


def test_a_response_that_is_told_by_its_status_has_no_other() -> None:
    app = App()

    @app.get("/", responses={303: "Elsewhere"})
    def read() -> Response:
        return Response()

    assert operation(app)["responses"].keys() == {"303"}


def test_a_route_may_stay_out_of_the_document() -> None:
    app = App()
    app.get("/secret", documented=False)(lambda: None)

    assert document(app)["paths"] == {}


def test_operation_ids_are_function_names_where_these_are_unique_and_unique_where_not() -> None:
    app = App()
    router = Router(prefix="/v2")

    def read() -> None: ...
    def write() -> None: ...
    def both() -> None: ...

    app.get("/once")(read)
    app.get("/a")(write)
    app.post("/b")(write)
    app.get("/c/{x}")(both)
    router.get("/c")(both)
    app.include(router)

    ids = {
        (path, method): told["operationId"]
        for path, item in document(app)["paths"].items()
        for method, told in item.items()
    }
    assert ids == {
        ("/once", "get"): "read",
        ("/a", "get"): "write_get",
        ("/b", "post"): "write_post",
        ("/c/{x}", "get"): "both_get_c__x",
        ("/v2/c", "get"): "both_get_v2_c",
    }


def test_an_operation_id_that_is_given_holds_for_each_method_and_only_once() -> None:
    app = App()
    app.route("/a", methods=["GET", "POST"], operation_id="x")(lambda: None)
    assert [told["operationId"] for told in document(app)["paths"]["/a"].values()] == ["x_get", "x_post"]

    app.get("/b", operation_id="x_get")(lambda: None)
    with pytest.raises(ConfigurationError, match="'x_get' is given to several"):
        app.openapi()


def test_a_name_that_would_take_a_given_operation_id_gets_another() -> None:
    app = App()

    def read() -> None: ...

    app.get("/a")(read)
    app.get("/b", operation_id="read")(lambda: None)

    assert operation(app, "/a")["operationId"] == "read_get"


def test_a_guard_is_a_security_scheme_and_its_refusals_are_told() -> None:
    app = App()
    app.get("/", auth=staff)(lambda: None)
    app.get("/open")(lambda: None)

    made = document(app)
    assert made["components"]["securitySchemes"] == {"staff": {"type": "http", "scheme": "bearer"}}
    told = made["paths"]["/"]["get"]
    assert told["security"] == [{"staff": []}]
    assert {"401", "403"} <= told["responses"].keys()
    assert "parameters" not in told
    assert "security" not in made["paths"]["/open"]["get"]


def test_a_guards_credentials_are_told_from_its_parameters() -> None:
    def key(x_api_key: Annotated[str, Header()], shop: Annotated[str, Query()], sid: Annotated[str, Cookie()]) -> Allow:
        return Allow(x_api_key)

    def whole(request: Request) -> Allow:
        return Allow("x")

    app = App()
    app.get("/a", auth=key)(lambda: None)
    app.get("/b", auth=whole)(lambda: None)

    made = document(app)
    assert made["components"]["securitySchemes"] == {
        "key_x_api_key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "key_shop": {"type": "apiKey", "in": "query", "name": "shop"},
        "key_sid": {"type": "apiKey", "in": "cookie", "name": "sid"},
        "whole": {"type": "http", "scheme": "bearer"},
    }
    assert made["paths"]["/a"]["get"]["security"] == [{"key_x_api_key": [], "key_shop": [], "key_sid": []}]


def test_what_a_guard_takes_can_be_said() -> None:
    app = App(openapi=OpenApi(security_schemes={"staff": {"type": "http", "scheme": "basic"}}))
    app.get("/", auth=staff)(lambda: None)

    assert document(app)["components"]["securitySchemes"] == {"staff": {"type": "http", "scheme": "basic"}}


def test_guards_of_one_name_are_two_schemes() -> None:
    def other() -> Any:
        def staff(token: Annotated[str, Header("x-token")]) -> Allow:
            return Allow(token)

        return staff

    app = App()
    app.get("/a", auth=staff)(lambda: None)
    app.get("/b", auth=other())(lambda: None)
    app.get("/c", auth=staff)(lambda: None)

    made = document(app)
    assert len(made["components"]["securitySchemes"]) == 2
    assert made["paths"]["/a"]["get"]["security"] == made["paths"]["/c"]["get"]["security"] == [{"staff": []}]
    assert made["paths"]["/b"]["get"]["security"] != [{"staff": []}]


def test_errors_stand_only_where_they_can_occur() -> None:
    app = App()

    @app.get("/plain")
    def plain(q: str = "", tag: list[str] | None = None, name: str | None = None) -> str:
        return q

    @app.get("/text/{name}")
    def text(name: str) -> str:
        return name

    @app.get("/number/{number}")
    def number(number: int) -> str:
        return str(number)

    @app.get("/needs")
    def needs(q: str) -> str:
        return q

    @app.get("/converts")
    def converts(page: int = 1) -> str:
        return str(page)

    replies = {path: set(item["get"]["responses"]) for path, item in document(app)["paths"].items()}
    assert replies == {
        "/plain": {"200"},
        "/text/{name}": {"200", "400"},
        "/number/{number}": {"200", "400", "422"},
        "/needs": {"200", "422"},
        "/converts": {"200", "422"},
    }


def test_a_converter_is_the_parameters_type_and_its_refusal_is_404() -> None:
    app = App()

    @app.get("/{a:int}/{b:float}/{c:uuid}/{d}/{e:path}")
    def untaken() -> None: ...

    @app.get("/typed/{a:int}/{b:uuid}")
    def typed(a: int, b: UUID) -> None: ...

    @app.get("/otherwise/{a:int}")
    def otherwise(a: Annotated[int, Field(ge=3)]) -> None: ...

    @app.get("/bare/{a:int}/{b:path}")
    def bare(a, b: str) -> None: ...  # type: ignore[no-untyped-def] # noqa: ANN001

    kinds = {name: found["schema"] for (_, name), found in parameters(app, "/{a}/{b}/{c}/{d}/{e}").items()}
    assert kinds == {
        "a": {"type": "integer"},
        "b": {"type": "number"},
        "c": {"type": "string", "format": "uuid"},
        "d": {"type": "string", "minLength": 1},
        "e": {"type": "string"},
    }
    assert parameters(app, "/bare/{a}/{b}")["path", "a"]["schema"] == {"type": "integer"}
    assert parameters(app, "/bare/{a}/{b}")["path", "b"]["schema"] == {"type": "string"}
    replies = {path: set(item["get"]["responses"]) for path, item in document(app)["paths"].items()}
    assert replies == {
        "/{a}/{b}/{c}/{d}/{e}": {"204", "400", "404"},
        "/typed/{a}/{b}": {"204", "400", "404"},
        "/otherwise/{a}": {"204", "400", "404", "422"},
        "/bare/{a}/{b}": {"204", "400", "404"},
    }


def test_routes_that_differ_in_their_converters_alone_are_all_in_the_document() -> None:
    app = App()

    def by_number(name: int, verbose: bool = False) -> None: ...  # noqa: FBT001, FBT002

    app.get("/{name}", operation_id="by_name")(lambda name: name)
    app.get("/{name:int}")(by_number)
    app.get("/{name:uuid}", operation_id="by_uuid")(lambda name: name)

    paths = document(app)["paths"]
    assert {path: item["get"]["operationId"] for path, item in paths.items()} == {
        "/{name}": "by_name",
        "/{name_}": "by_number",
        "/{name__}": "by_uuid",
    }
    assert [item["get"]["parameters"][0]["name"] for item in paths.values()] == ["name", "name_", "name__"]


class Filters(BaseModel):
    page: Annotated[int, Field(ge=1, description="Which page.")] = 1
    sort_by: str
    tag: list[str] = []
    since: date | None = None
    other: str = Field("x", alias="other_name")


@dataclass
class Client:
    user_agent: str
    accept_language: str = "en"


def test_the_fields_of_a_group_are_parameters_of_their_own() -> None:
    app = App()

    @app.get("/")
    def read(filters: Annotated[Filters, Query()], client: Annotated[Client, Header()], q: str = "") -> None: ...

    found = parameters(app)
    assert list(found) == [
        ("query", "page"),
        ("query", "sort_by"),
        ("query", "tag"),
        ("query", "since"),
        ("query", "other_name"),
        ("header", "user-agent"),
        ("header", "accept-language"),
        ("query", "q"),
    ]
    assert found["query", "page"] == {
        "name": "page",
        "in": "query",
        "description": "Which page.",
        "schema": {"type": "integer", "minimum": 1, "default": 1},
    }
    assert found["query", "since"]["schema"] == {"type": "string", "format": "date"}
    assert [name for name, parameter in found.items() if parameter.get("required")] == [
        ("query", "sort_by"),
        ("header", "user-agent"),
    ]
    assert "422" in operation(app)["responses"]


def test_no_field_of_a_group_that_may_be_left_out_is_required() -> None:
    app = App()

    @app.get("/")
    def read(filters: Annotated[Filters | None, Query()] = None) -> None: ...

    assert not any(parameter.get("required") for parameter in parameters(app).values())


def test_a_group_in_a_header_with_an_alias_has_the_aliass_name() -> None:
    class Trace(BaseModel):
        trace_id: str = Field(alias="X_Trace")

    app = App()

    @app.get("/")
    def read(trace: Annotated[Trace, Header()]) -> None: ...

    assert list(parameters(app)) == [("header", "X_Trace")]


def test_a_form_is_a_body_in_either_encoding() -> None:
    app = App()

    @app.post("/")
    def create(
        name: Annotated[str, Form()],
        copies: Annotated[int | None, Form()] = None,
        tag: Annotated[list[str], Form()] = [],  # noqa: B006
    ) -> None: ...

    told = operation(app, method="post")
    assert told["requestBody"]["required"]
    schemas = [content["schema"] for content in told["requestBody"]["content"].values()]
    assert list(told["requestBody"]["content"]) == ["application/x-www-form-urlencoded", "multipart/form-data"]
    assert (
        schemas
        == [
            {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "copies": {"type": "integer"},
                    "tag": {"type": "array", "items": {"type": "string"}, "default": []},
                },
                "required": ["name"],
            }
        ]
        * 2
    )
    assert {"400", "413", "415", "422"} <= told["responses"].keys()


def test_a_form_with_files_is_multipart() -> None:
    app = App()

    @app.post("/")
    def create(cover: UploadFile, pages: list[UploadFile], raw: Annotated[bytes, File()] = b"") -> None: ...

    content = operation(app, method="post")["requestBody"]["content"]
    binary = {"type": "string", "format": "binary"}
    assert content == {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"cover": binary, "pages": {"type": "array", "items": binary}, "raw": binary},
                "required": ["cover", "pages"],
            }
        }
    }


def test_a_form_that_is_a_model_is_told_by_its_name_alone_and_with_other_fields() -> None:
    app = App()

    @app.post("/a")
    def alone(item: Annotated[Item, Form()]) -> None: ...

    @app.post("/b")
    def beside(item: Annotated[Item, Form()], note: Annotated[str, Form()] = "") -> None: ...

    reference = {"$ref": "#/components/schemas/Item"}
    media = "application/x-www-form-urlencoded"
    alone_content, beside_content = (operation(app, path, "post")["requestBody"]["content"] for path in ("/a", "/b"))
    assert alone_content[media]["schema"] == reference
    assert beside_content[media]["schema"] == {
        "allOf": [reference, {"type": "object", "properties": {"note": {"type": "string", "default": ""}}}]
    }


def test_an_idempotency_key_is_a_header_and_its_refusals_are_told() -> None:
    app = App(store=MemoryStore())
    app.post("/a", once=True)(lambda: None)
    app.post("/b", once=Once(required=False))(lambda: None)
    app.post("/c", once=Once(lambda request: "x"))(lambda: None)

    made = document(app)["paths"]
    (key,) = made["/a"]["post"]["parameters"]
    assert (key["name"], key["in"], key["required"]) == ("Idempotency-Key", "header", True)
    assert "required" not in made["/b"]["post"]["parameters"][0]
    assert "parameters" not in made["/c"]["post"]
    assert {"400", "409", "422"} <= made["/a"]["post"]["responses"].keys()


@pytest.mark.parametrize(
    ("returns", "options", "expected"),
    [
        (RedirectResponse, {}, {"3XX"}),
        (RedirectResponse, {"responses": {303: "Elsewhere"}}, {"303"}),
        (RedirectResponse | None, {}, {"204", "3XX"}),
        (FileResponse, {}, {"200", "206", "304", "412", "416"}),
        (Item, {"etag": True}, {"200", "304"}),
        (Item | RedirectResponse, {"status": 201}, {"201", "3XX"}),
    ],
)
def test_response_classes_say_their_statuses(returns: Any, options: dict[str, Any], expected: set[str]) -> None:
    app = App()

    def read() -> Any: ...

    read.__annotations__["return"] = returns
    app.get("/", **options)(read)

    assert operation(app)["responses"].keys() == expected


def test_an_app_that_is_private_keeps_its_document_private_unless_it_is_public() -> None:
    for public, status in ((False, 401), (True, 200)):
        app = App(auth=staff, openapi=OpenApi(path="/openapi.json", docs="/docs", public=public))
        for path in ("/openapi.json", "/docs"):
            assert TestClient(app).get(path).reply["statusCode"] == status


def test_a_route_that_is_open_in_a_private_app_needs_no_credentials() -> None:
    app = App(auth=staff)
    app.get("/private")(lambda: None)
    app.get("/open", public=True)(lambda: None)

    made = document(app)["paths"]
    assert made["/private"]["get"]["security"] == [{"staff": []}]
    assert "security" not in made["/open"]["get"]


class Opaque:
    pass


class Odd(BaseModel):
    call: Callable[[], None]


@dataclass
class Odder:
    held: Opaque


@pytest.mark.parametrize(("kind", "message"), [(Odd, "has no JSON schema"), (Odder, "pydantic cannot validate")])
@pytest.mark.parametrize("of", ["body", "return"])
def test_a_type_without_a_schema_is_named_with_its_handler(kind: type, message: str, of: str) -> None:
    app = App()

    def odd(body: Any) -> Any: ...

    odd.__annotations__[of] = kind
    app.post("/ok")(lambda: None)
    app.post("/odd")(odd)

    with pytest.raises(ConfigurationError, match=message) as caught:
        app.openapi()
    assert "test_openapi.test_a_type_without_a_schema_is_named_with_its_handler.<locals>.odd (" in str(caught.value)


def test_a_partial_is_no_summary_of_partials() -> None:
    app = App()

    def read(size: int) -> None:
        """Read it."""

    app.get("/")(partial(read, 3))

    assert operation(app)["summary"] == "Read it."


def test_a_route_that_is_added_later_is_in_the_document_and_nothing_is_made_twice() -> None:
    app = App()
    app.get("/a")(lambda: None)
    first = app.openapi()
    assert app.openapi() is first

    app.get("/b", operation_id="b")(lambda: None)
    assert list(app.openapi()["paths"]) == ["/a", "/b"]


def test_a_type_that_pydantic_does_not_know_is_named_with_its_handler() -> None:
    class Open(BaseModel):
        later: "Never"  # type: ignore[name-defined] # noqa: F821

    app = App()

    def create(body: Any) -> None: ...

    create.__annotations__["body"] = Open
    app.post("/")(create)

    with pytest.raises(ConfigurationError, match="create"):
        app.openapi()


def test_nothing_of_the_document_is_loaded_until_somebody_asks() -> None:
    script = """
import json, sys
from lambdarouter import App, OpenApi
app = App(openapi=OpenApi("Shop", path="/openapi.json", docs="/docs"))
@app.get("/")
def read(q: str = "") -> dict[str, str]:
    return {"q": q}
event = {"version": "2.0", "rawPath": "/", "headers": {}, "requestContext": {"http": {"method": "GET"}}}
assert app(event)["statusCode"] == 200
heavy = {"pydantic", "inspect", "asyncio", "base64", "importlib.resources"}
rooms = {name for name in sys.modules if name.startswith("lambdarouter.sources.http.")}
print(json.dumps(sorted(heavy & sys.modules.keys() | {name.rpartition(".")[2] for name in rooms})))
"""
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}\n{script}"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(json.loads(ran.stdout))
    assert not loaded & {"pydantic", "inspect", "asyncio", "base64", "importlib.resources"}
    assert not loaded & {"document", "operation", "inputs", "schemas", "page", "mount"}
    assert "openapi" in loaded
