"""CodeCommit: a handler for the triggers of a repository.

::

    @app.codecommit("shop", branch="main")
    def pushed(push: CodeCommitRecord) -> None: ...

`repository` is the repository's name or a glob, or a list of them, and says whose pushes the handler takes. `branch`
and `tag` are names or globs of what was pushed to, or lists of them; other pushes are declined. `CodeCommitRecord` is
passed by its type.

Delivery: asynchronous, at least once. All matching handlers run and are joined; if any raises, the invocation fails,
and Lambda runs all of them again. A push to a repository that no route names fails the invocation.
https://docs.aws.amazon.com/codecommit/latest/userguide/how-to-notify-lambda.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters
from lambdarouter.core.conversion import timestamp
from lambdarouter.core.single import FilterTrigger
from lambdarouter.core.source import Source
from lambdarouter.core.view import Event, Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CodeCommitEvent", "CodeCommitRecord", "CodeCommitSource", "CodeCommitTrigger"]


def _list_of_references(raw: Any) -> list[dict[str, Any]]:
    if not isinstance(raw, list):
        raise TypeError
    return [each for each in raw if isinstance(each, dict)]


class CodeCommitRecord(Record):
    """One run of a repository's trigger."""

    event_id: str = field("eventId", default="")
    event_name: str = field("eventName", default="")
    time: datetime = field("eventTime", of=timestamp)
    trigger_name: str = field("eventTriggerName", default="")
    repository_arn: str = field("eventSourceARN", default="")
    region: str = field("awsRegion", default="")
    user_arn: str = field("userIdentityARN", default="")
    # What the trigger's author had it send along.
    custom_data: str | None = field("customData", default=None)
    # Each with "commit" and "ref", and "created" or "deleted" where they hold.
    references: list[dict[str, Any]] = field("codecommit", "references", of=_list_of_references, default=list)

    @property
    def id(self) -> str:
        """CodeCommit's id of the event with its index, as the parts of one share it; or its place."""
        found = self.peek("eventId")
        return f"{found}#{self._index}" if found else self.locate()

    @property
    def repository(self) -> str:
        """The repository's name."""
        return self.repository_arn.rpartition(":")[2]

    @property
    def branches(self) -> list[str]:
        """The branches that were pushed to."""
        return self._named("refs/heads/")

    @property
    def tags(self) -> list[str]:
        """The tags that were pushed."""
        return self._named("refs/tags/")

    def _named(self, prefix: str) -> list[str]:
        refs = (each.get("ref") for each in self.references)
        return [ref.removeprefix(prefix) for ref in refs if isinstance(ref, str) and ref.startswith(prefix)]


class CodeCommitEvent(Event):
    """The event of a trigger."""


class CodeCommitSource(Source):
    """Pushes: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("codecommit",)
    decorator = "@app.codecommit(repository)"
    event: type[Event] = CodeCommitEvent
    record: type[View] = CodeCommitRecord

    def origin(self, record: CodeCommitRecord) -> str:
        """The repository."""
        return f"the CodeCommit repository {record.repository!r}"


class CodeCommitTrigger(FilterTrigger):
    """`@app.codecommit("shop", branch="main")`: run when this repository is pushed to.

    `repository`: its name or a glob, or a list of them; without, any. `branch`, `tag`: what was pushed to. `shared`:
    the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = CodeCommitSource
    reads: Mapping[str, str] = {"branch": "branches", "tag": "tags"}

    def __init__(
        self,
        repository: str | Sequence[str] | None = None,
        *,
        branch: str | Sequence[str] | None = None,
        tag: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"repository": repository}, {"branch": branch, "tag": tag}, **shared)
        check_characters("repository", repository, "_-.")
