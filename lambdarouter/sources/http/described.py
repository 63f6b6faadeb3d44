"""What a route's decorator says for the OpenAPI document alone; nothing of it changes what the route does."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lambdarouter.sources.http.trigger import HttpTrigger

__all__ = ["Described", "told_of"]


class Described:
    """`tags`, `summary`, `deprecated`, `operation_id`, `responses` and `documented` of one decorator call."""

    __slots__ = ("deprecated", "documented", "operation_id", "responses", "summary", "tags")

    def __init__(
        self,
        *,
        tags: Sequence[str] = (),
        summary: str | None = None,
        deprecated: bool = False,
        operation_id: str | None = None,
        responses: Mapping[int, Any] | None = None,
        documented: bool = True,
    ) -> None:
        if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
            msg = f'tags is {tags!r}; it is a list of names such as ["orders"]'
            raise ConfigurationError(msg)
        for option, value in (("summary", summary), ("operation_id", operation_id)):
            if value is not None and not (isinstance(value, str) and value):
                msg = f"{option} is {value!r}; it is a text that is not empty"
                raise ConfigurationError(msg)
        for option, told in (("deprecated", deprecated), ("documented", documented)):
            if type(told) is not bool:
                msg = f"{option} is {told!r}; it is True or False"
                raise ConfigurationError(msg)
        for status in responses or ():
            if type(status) is not int or not 100 <= status <= 599:  # noqa: PLR2004 - HTTP's statuses
                msg = f'responses has the key {status!r}; it maps statuses such as 404 to "no such order", or to a type'
                raise ConfigurationError(msg)
        self.tags: tuple[str, ...] = tuple(tags)
        self.summary: str | None = summary
        self.deprecated: bool = deprecated
        self.operation_id: str | None = operation_id
        self.responses: Mapping[int, Any] = dict(responses or {})
        self.documented: bool = documented

    def under(self, tags: Sequence[str]) -> Described:
        """The same, with the tags of a router before its own."""
        twin = Described.__new__(Described)
        for name in Described.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.tags = tuple(dict.fromkeys((*tags, *self.tags)))
        return twin


def told_of(trigger: HttpTrigger) -> Described:
    """What an HTTP trigger says for the document, where it may say nothing."""
    return trigger.described or Described()
