"""What a scenario file may say, as pydantic models: `docs/scenarios.md` tells it for people."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, PositiveFloat, PositiveInt, model_validator

from lambdarouter.testing.sends import Send, Sends

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

__all__ = ["SENDS", "Expectation", "Given", "Invocation", "Scenario"]

_REQUESTS = ("invoke", "get", "post", "put", "patch", "delete", "head", "options", "request", "authorize", "tick")
SENDS = (*_REQUESTS, *(name for name, value in vars(Sends).items() if isinstance(value, Send)))
"""The methods of a client by which an invocation may be sent."""


class _Strict(BaseModel):
    """Knows all its keys, and takes text for no number."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True, frozen=True)


class Given(_Strict):
    """The circumstances of an invocation: the arguments of `client.given`."""

    timeout: PositiveFloat | None = None
    memory: PositiveInt | None = None
    tenant_id: str | None = None
    env: dict[str, str | None] | None = None


class Expectation(_Strict):
    """What is to come of an invocation. Only what is said is looked at, and that nothing else has failed."""

    source: str | None = None
    ran: list[str] | None = None
    failed: list[Annotated[int, Field(ge=0)]] | None = None
    error: str | None = None
    reply: JsonValue = None
    status: int | None = None
    headers: dict[str, str | list[str] | None] | None = None
    body: JsonValue = Field(default=None, alias="json")
    text: str | None = None
    allowed: bool | None = None

    def says(self, name: str) -> bool:
        """Whether the file has this key."""
        return name in self.model_fields_set


class Invocation(_Strict):
    """One invocation: an `event`, or the name of a client's method with its arguments."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, JsonValue]

    name: str | None = None
    event: JsonValue = None
    given: Given = Given()
    expect: Expectation = Expectation()

    @model_validator(mode="after")
    def _sends_one(self) -> Self:
        unknown = [name for name in self.__pydantic_extra__ if name not in SENDS]
        if unknown:
            msg = f"there is no key {unknown[0]!r}; it has name, given, expect, and event or a method of the client"
            raise ValueError(msg)
        sends = [*(["event"] if "event" in self.model_fields_set else []), *self.__pydantic_extra__]
        if len(sends) != 1:
            msg = f"it sends {' and '.join(sends) or 'nothing'}: give an event, or one method of the client"
            raise ValueError(msg)
        if not isinstance(self.arguments, dict):
            msg = f"{sends[0]} is {self.arguments!r:.80}; it is a mapping of the method's arguments"
            raise ValueError(msg)  # noqa: TRY004 - what pydantic takes
        return self

    @property
    def method(self) -> str:
        """The client's method that sends it: "invoke" for an event."""
        return next(iter(self.__pydantic_extra__), "invoke")

    @property
    def arguments(self) -> Any:
        """What the method is called with."""
        return next(iter(self.__pydantic_extra__.values()), {"event": self.event})


class Scenario(_Strict):
    """A file: `invocations` that share one app, its lifespan, its store and the client's cookies."""

    invocations: Annotated[list[Invocation], Field(min_length=1)]
    app: str | None = None
    region: str | None = None
    env: dict[str, str | None] = {}
    _where: str = "a scenario"

    def model_post_init(self, context: str | None, /) -> None:
        """Keep the name of the file, which the reader gives as the context."""
        self._where = context or self._where

    @property
    def where(self) -> str:
        """The file's name, for errors."""
        return self._where

    @property
    def environment(self) -> Mapping[str, str | None]:
        """The variables that are set while it runs; None for one that is not to be there."""
        region = {} if self.region is None else {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        return {**region, **self.env}
