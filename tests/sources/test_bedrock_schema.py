"""The schemas of action groups, from the handlers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from openapi_spec_validator import OpenAPIV30SpecValidator
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema
from typing_extensions import Doc

from lambdarouter import App, BedrockCall, ConfigurationError, Depends, Router
from lambdarouter.sources.http.openapi import OpenApi
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import bedrock

Text = Annotated[str, "A text."]


class Line(BaseModel):
    """A line of an order."""

    sku: str = Field(description="The article.")
    pieces: int | None = Field(default=None, gt=0, lt=100)
    pair: tuple[int, str] | None = None


class Forbidding(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Size(Enum):
    """How large."""

    SMALL = "s"
    LARGE = "l"


class Tree(BaseModel):
    children: list[Tree] = []


def shop_of(shop_id: Annotated[int, "The shop."]) -> int:
    return shop_id


def api(app: App, group: str | None = None) -> dict[str, Any]:
    document = app.bedrock_api_schema(group)
    OpenAPIV30SpecValidator(document).validate()
    return document


def operation_of(fn: Callable[..., Any], method: str = "POST", path: str = "/x") -> dict[str, Any]:
    app = App()
    app.bedrock(method, path)(fn)
    operation: dict[str, Any] = api(app)["paths"][path][method.lower()]
    return operation


def body_of(fn: Callable[..., Any]) -> dict[str, Any]:
    properties: dict[str, Any] = operation_of(fn)["requestBody"]["content"]["application/json"]["schema"]["properties"]
    return properties


def function_of(fn: Callable[..., Any], **options: Any) -> dict[str, Any]:
    app = App()
    app.bedrock_function("work", **options)(fn)
    (made,) = app.bedrock_function_schema()["functions"]
    assert isinstance(made, dict)
    return made


def described(annotation: Any, default: Any = None, *, required: bool = True) -> Callable[..., Any]:
    """A handler with one parameter, of this type."""

    def work(value: Any) -> None:
        """Work."""

    work.__annotations__ = {"value": annotation}
    if not required:
        work.__defaults__ = (default,)
    return work


# --- API schemas -----------------------------------------------------------------------------------------------------


def test_an_operation_has_an_id_a_description_its_parameters_and_its_reply() -> None:
    app = App()

    @app.bedrock("GET", "/orders/{orderId}", require_confirmation=True)
    def read(
        order_id: Annotated[int, "The number of the order."],
        call: BedrockCall,
        since: Annotated[date | None, Field(description="From then on.")] = None,
        most: Annotated[int, Doc("How many at most.")] = 10,
    ) -> Line:
        """Look up an order.

        When the user asks
        for one.
        """
        raise NotImplementedError

    assert api(app) == {
        "openapi": "3.0.0",
        "info": {"title": "API", "version": "0.1.0"},
        "paths": {
            "/orders/{orderId}": {
                "get": {
                    "operationId": "read",
                    "description": "Look up an order. When the user asks for one.",
                    "parameters": [
                        {
                            "name": "orderId",
                            "in": "path",
                            "description": "The number of the order.",
                            "required": True,
                            "schema": {"type": "integer"},
                        },
                        {
                            "name": "since",
                            "in": "query",
                            "description": "From then on.",
                            "required": False,
                            "schema": {"type": "string", "format": "date"},
                        },
                        {
                            "name": "most",
                            "in": "query",
                            "description": "How many at most.",
                            "required": False,
                            "schema": {"type": "integer", "default": 10},
                        },
                    ],
                    "responses": {
                        "200": {
                            "description": "A line of an order.",
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "type": "object",
                                        "description": "A line of an order.",
                                        "required": ["sku"],
                                        "properties": {
                                            "sku": {"type": "string", "description": "The article."},
                                            "pieces": {
                                                "type": "integer",
                                                "nullable": True,
                                                "minimum": 0,
                                                "exclusiveMinimum": True,
                                                "maximum": 100,
                                                "exclusiveMaximum": True,
                                            },
                                            "pair": {
                                                "type": "array",
                                                "nullable": True,
                                                "minItems": 2,
                                                "maxItems": 2,
                                                "items": {"type": "string"},
                                            },
                                        },
                                    }
                                }
                            },
                        }
                    },
                    "x-requireConfirmation": "ENABLED",
                }
            }
        },
    }


def test_what_does_not_stand_in_the_path_of_a_post_is_in_its_body() -> None:
    def create(shop: Text, line: Annotated[Line, "What to order."], note: Text = "none") -> None:
        """Place an order."""

    made = operation_of(create, "POST", "/{shop}/orders")

    assert [parameter["name"] for parameter in made["parameters"]] == ["shop"]
    assert made["requestBody"]["required"] is True
    schema = made["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["line"]
    assert schema["properties"]["line"]["description"] == "What to order. A line of an order."
    assert schema["properties"]["line"]["properties"]["sku"] == {"type": "string", "description": "The article."}
    assert schema["properties"]["note"] == {"type": "string", "default": "none", "description": "A text."}
    assert made["responses"] == {"200": {"description": "Success"}}


def test_a_post_whose_body_may_be_left_out_says_so_and_one_without_arguments_has_none() -> None:
    optional = operation_of(described(Text, "x", required=False))

    assert optional["requestBody"]["required"] is False
    assert "required" not in optional["requestBody"]["content"]["application/json"]["schema"]

    def ping() -> None:
        """Ping."""

    assert operation_of(ping).keys() == {"operationId", "description", "responses"}


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (Literal["s", "l"], {"type": "string", "description": "It. One of: s, l."}),
        (Literal[1] | None, {"type": "integer", "description": "It. One of: 1."}),
        (Literal["a", 1], {"type": "string", "description": "It. One of: a, 1."}),
        (Literal["a"], {"type": "string", "description": "It. One of: a."}),
        (Size, {"type": "string", "description": "It. How large. One of: s, l."}),
        (Annotated[str, WithJsonSchema({"enum": ["a", None]})], {"type": "string", "description": "It. One of: a."}),
        (int | str, {"type": "string", "description": "It."}),
        (int | float, {"type": "number", "description": "It."}),
        (list[int] | None, {"type": "array", "items": {"type": "integer"}, "description": "It."}),
        (list, {"type": "array", "items": {}, "description": "It."}),
        (
            dict[str, int],
            {"type": "object", "additionalProperties": {"type": "integer"}, "description": "It."},
        ),
        (
            Annotated[str, WithJsonSchema({"type": ["string", "integer", "null"]})],
            {"type": "string", "description": "It."},
        ),
        (
            Annotated[list[Any], WithJsonSchema({"type": "array", "items": True})],
            {"type": "array", "items": {}, "description": "It."},
        ),
        (
            Annotated[int, Field(description="A number.")] | Annotated[str, Field(description="A name.")],
            {"type": "string", "description": "It. A number. A name."},
        ),
        (
            dict[str, bool | None],
            {
                "type": "object",
                "additionalProperties": {"type": "boolean", "nullable": True},
                "description": "It.",
            },
        ),
        (Forbidding, {"type": "object", "additionalProperties": False, "properties": {}, "description": "It."}),
        (None, {"description": "It."}),
        (
            list[int] | bool,
            {"anyOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "boolean"}], "description": "It."},
        ),
        (Any, {"description": "It."}),
    ],
)
def test_types_are_put_into_what_bedrock_knows_of_openapi(annotation: Any, schema: dict[str, Any]) -> None:
    assert body_of(described(Annotated[annotation, "It."])) == {"value": schema}


def test_each_group_has_its_own_document_and_routes_without_one_are_in_all() -> None:
    app = App(openapi=OpenApi("Shop", "1.4"))
    for group, path in (("orders", "/orders"), ("st*", "/stock"), (None, "/ping")):
        app.bedrock("POST", path, action_group=group)(described(Text))

    assert api(app, "orders")["paths"].keys() == {"/orders", "/ping"}
    assert api(app, "stock")["paths"].keys() == {"/stock", "/ping"}
    assert api(app)["paths"].keys() == {"/orders", "/stock", "/ping"}
    assert api(app)["info"] == {"title": "Shop", "version": "1.4"}


def test_operation_ids_differ_where_functions_have_one_name() -> None:
    app = App()
    for method, path in (("POST", "/a"), ("POST", "/b-c"), ("GET", "/b-c")):
        app.bedrock(method, path)(described(Text))

    paths = api(app)["paths"]

    ids = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert ids == ["work", "work_post_b_c", "work_get_b_c"]


def test_the_arguments_of_dependencies_are_the_operations_too() -> None:
    app = App()

    @app.bedrock("GET", "/orders")
    def orders(shop: Annotated[int, Depends(shop_of)]) -> int:
        """List the orders."""
        return shop

    (parameter,) = api(app)["paths"]["/orders"]["get"]["parameters"]

    assert (parameter["name"], parameter["required"]) == ("shop_id", True)
    reply = TestClient(app).invoke(bedrock("GET", "/orders", {parameter["name"]: 7})).unwrap()
    assert reply["response"]["responseBody"] == {"application/json": {"body": "7"}}


def test_routes_of_routers_are_in_the_document() -> None:
    app, router = App(), Router()
    router.bedrock("POST", "/x")(described(Text))
    app.include(router)

    assert api(app)["paths"].keys() == {"/x"}


def no_docstring(value: Text) -> None: ...


def too_long() -> None: ...


too_long.__doc__ = "x" * 1201


@pytest.mark.parametrize(
    ("fn", "method", "path", "message"),
    [
        (no_docstring, "POST", "/x", "has no docstring"),
        (too_long, "POST", "/x", "1201 characters"),
        (described(str), "POST", "/x", "'value' has no description"),
        (described(Annotated[Tree, "A tree."]), "POST", "/x", "Tree holds itself"),
        (described(Annotated[Line, "A line."]), "GET", "/x", "'value' is no plain value or list"),
        (described(Annotated[Any, "Any."]), "DELETE", "/x", "'value' is no plain value or list"),
        (described(Text), "GET", "/x/{id}", r"the path has \{id\}"),
        (described(Text), "GET", "*", "a path starts with a slash"),
        (described(Text), "P*", "/x", r"no operation P\*"),
    ],
)
def test_what_bedrock_cannot_take_is_refused_with_its_place(
    fn: Callable[..., Any], method: str, path: str, message: str
) -> None:
    app = App()
    app.bedrock(method, path)(fn)

    with pytest.raises(ConfigurationError, match=message) as caught:
        app.bedrock_api_schema()

    assert "test_bedrock_schema.py" in str(caught.value)


def test_an_id_that_bedrock_does_not_take_is_refused() -> None:
    app = App()
    fn = described(Text)
    fn.__qualname__ = "read__order"
    app.bedrock("POST", "/x")(fn)

    with pytest.raises(ConfigurationError, match="read__order"):
        app.bedrock_api_schema()


def test_two_handlers_of_one_operation_and_a_group_without_any_are_refused() -> None:
    app = App()
    for group in ("a", "b"):
        app.bedrock("POST", "/x", action_group=group)(described(Text))

    with pytest.raises(ConfigurationError, match="POST /x has several handlers"):
        app.bedrock_api_schema()
    with pytest.raises(ConfigurationError, match=r"no route of the action group 'c' made with @app\.bedrock\("):
        app.bedrock_api_schema("c")
    with pytest.raises(ConfigurationError, match=r"no route made with @app\.bedrock_function"):
        app.bedrock_function_schema()


# --- function schemas ------------------------------------------------------------------------------------------------


def test_a_function_has_its_name_its_description_and_its_parameters() -> None:
    app = App()

    @app.bedrock_function("placeOrder", action_group="orders", require_confirmation=True)
    def place(
        item: Annotated[str, "The article."],
        tags: Annotated[list[str], "Labels."],
        price: Annotated[float, Field(description="In euros.", gt=0)],
        pieces: Annotated[int, "How many."] = 1,
        gift: Annotated[bool | None, "Whether to wrap it."] = None,
    ) -> None:
        """Place an order."""

    @app.bedrock_function(["ping", "pong"])
    def ping() -> None:
        """See whether it is there."""

    assert app.bedrock_function_schema("orders") == {
        "functions": [
            {
                "name": "placeOrder",
                "description": "Place an order.",
                "parameters": {
                    "item": {"type": "string", "description": "The article.", "required": True},
                    "tags": {"type": "array", "description": "Labels.", "required": True},
                    "price": {"type": "number", "description": "In euros.", "required": True},
                    "pieces": {"type": "integer", "description": "How many.", "required": False},
                    "gift": {"type": "boolean", "description": "Whether to wrap it.", "required": False},
                },
                "requireConfirmation": "ENABLED",
            },
            {"name": "ping", "description": "See whether it is there."},
            {"name": "pong", "description": "See whether it is there."},
        ]
    }
    assert [each["name"] for each in app.bedrock_function_schema("others")["functions"]] == ["ping", "pong"]


def test_an_argument_that_may_be_none_is_not_required() -> None:
    assert function_of(described(Annotated[int | None, "It."]))["parameters"]["value"]["required"] is False


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        (Annotated[Line, "A line."], "'value' is object; a function takes string"),
        (Annotated[dict[str, str], "Pairs."], "'value' is object"),
        (Annotated[list[Line], "Lines."], "'value' is a list of anything but such"),
        (Annotated[Any, "Anything."], "'value' is of no one type"),
        (Annotated[str, "x" * 501], "501 characters; Bedrock takes 500"),
        (int, "'value' has no description"),
    ],
)
def test_what_a_function_cannot_take_is_refused_with_its_place(annotation: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        function_of(described(annotation))

    assert "test_bedrock_schema.py" in str(caught.value)


def test_more_parameters_than_the_quota_are_refused_and_a_higher_quota_is_told() -> None:
    app = App()

    @app.bedrock_function("work")
    def work(*, a: Text, b: Text, c: Text, d: Text, e: Text, f: Text) -> None:
        """Work."""

    with pytest.raises(ConfigurationError, match="6 parameters, and Bedrock's quota is 5"):
        app.bedrock_function_schema()
    assert len(app.bedrock_function_schema(max_parameters=6)["functions"][0]["parameters"]) == 6


def test_names_that_are_globs_or_twice_there_are_refused() -> None:
    app = App()
    app.bedrock_function("order*")(described(Text))
    with pytest.raises(ConfigurationError, match=r"'order\*'"):
        app.bedrock_function_schema()

    app = App()
    app.bedrock_function("work", action_group="a")(described(Text))
    app.bedrock_function("work", action_group="b")(described(Text))
    with pytest.raises(ConfigurationError, match="'work' has several handlers"):
        app.bedrock_function_schema()
    assert len(app.bedrock_function_schema("a")["functions"]) == 1


def test_a_parameter_of_a_name_that_bedrock_does_not_take_is_refused() -> None:
    app = App()

    @app.bedrock_function("work")
    def work(two__lines: Text) -> None:
        """Work."""

    with pytest.raises(ConfigurationError, match="two__lines"):
        app.bedrock_function_schema()
