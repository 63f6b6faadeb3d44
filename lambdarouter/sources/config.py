"""Config: handlers that evaluate resources for a custom AWS Config rule.

::

    @app.config("encrypted-buckets")
    def encrypted(event: ConfigEvent) -> Compliance:
        return Compliance.COMPLIANT if event.item["configuration"] else Compliance.NON_COMPLIANT


    @app.config("enough-volumes")
    def enough(parameters: dict, event: ConfigEvent) -> list[Evaluation]: ...

`rule` is the rule's name, or a glob. One parameter takes the rule's parameters, validated: Config sends their values as
text. A handler of a rule that is triggered by changes may return the `Compliance` of the changed resource; any handler
may return an `Evaluation`, a list of them, or None for none. A resource that was deleted, or that has left the rule's
scope, is NOT_APPLICABLE without the handler.

The evaluations go through Config's API, 100 in a call. This needs boto3 (`lambdarouter[aws]`) and the permission
`config:PutEvaluations`.

Delivery: asynchronous. An invocation that raises is repeated (twice by default); Config knows no failure.
https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_lambda-functions.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum

from lambdarouter.core import codec
from lambdarouter.core.aws import client
from lambdarouter.core.conversion import timestamp
from lambdarouter.core.route import Declined, Delivery
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.view import field
from lambdarouter.errors import InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["Compliance", "ConfigEvent", "ConfigSource", "ConfigTrigger", "Evaluation"]

_DELETED = ("ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded")
_AT_ONCE = 100
_LONGEST_ANNOTATION = 256


class Compliance(StrEnum):
    """What Config is told of a resource."""

    COMPLIANT = "COMPLIANT"
    NON_COMPLIANT = "NON_COMPLIANT"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class Evaluation:
    """The compliance of one resource. `annotation` says why; Config keeps 256 characters of it.

    `at`: when it was so; by default when the event says that the item was captured, or the notification made.
    """

    __slots__ = ("annotation", "at", "compliance", "resource_id", "resource_type")

    def __init__(
        self,
        resource_type: str,
        resource_id: str,
        compliance: Compliance,
        *,
        annotation: str | None = None,
        at: datetime | None = None,
    ) -> None:
        self.resource_type: str = resource_type
        self.resource_id: str = resource_id
        self.compliance: Compliance = Compliance(compliance)
        self.annotation: str | None = annotation
        self.at: datetime | None = at

    def __repr__(self) -> str:
        return f"<Evaluation {self.resource_type} {self.resource_id} {self.compliance}>"


def _text_of_an_object(raw: Any) -> dict[str, Any]:
    """Config writes these as JSON in a string."""
    value = codec.decode(raw, "event") if isinstance(raw, str) else raw
    if not isinstance(value, dict):
        raise TypeError
    return value


class ConfigEvent(SingleRecord):
    """One evaluation that Config asks for.

    https://docs.aws.amazon.com/config/latest/developerguide/evaluate-config_develop-rules_example-events.html
    """

    invoking_event: dict[str, Any] = field("invokingEvent", of=_text_of_an_object)
    parameters: dict[str, Any] = field("ruleParameters", of=_text_of_an_object, default=dict)
    result_token: str = field("resultToken")
    rule: str = field("configRuleName", default="")
    rule_arn: str = field("configRuleArn", default="")
    rule_id: str = field("configRuleId", default="")
    account_id: str = field("accountId", default="")
    execution_role_arn: str = field("executionRoleArn", default="")
    left_scope: bool = field("eventLeftScope", of=bool, default=False)

    @property
    def message_type(self) -> str:
        """What caused it, such as "ConfigurationItemChangeNotification" or "ScheduledNotification"."""
        found = self.invoking_event.get("messageType")
        return found if isinstance(found, str) else ""

    @property
    def item(self) -> dict[str, Any]:
        """The configuration item that changed, or the summary of one that is too large; empty for a schedule."""
        for name in ("configurationItem", "configurationItemSummary"):
            item = self.invoking_event.get(name)
            if isinstance(item, dict):
                return item
        return {}

    @property
    def at(self) -> datetime:
        """When the item was captured, or the notification made."""
        text = self.item.get("configurationItemCaptureTime") or self.invoking_event.get("notificationCreationTime")
        try:
            return timestamp(text)
        except (ValueError, TypeError):
            return datetime.now(UTC)

    def about_item(self, compliance: Compliance) -> Evaluation:
        """The compliance of the item that changed. Raises `InvalidEventError` where there is none."""
        kind, name = self.item.get("resourceType"), self.item.get("resourceId")
        if not isinstance(kind, str) or not isinstance(name, str):
            msg = (
                f"invokingEvent holds no configuration item ({self.message_type or 'no messageType'}), so a handler's "
                "Compliance is nobody's: return Evaluation(resource_type, resource_id, compliance)"
            )
            raise InvalidEventError(msg)
        return Evaluation(kind, name, compliance)


class ConfigSource(SynchronousSource):
    """Custom rules: one handler, whose evaluations Config is told."""

    names: tuple[str, ...] = ("config",)
    decorator = "@app.config(rule)"
    record: type[View] = ConfigEvent
    value: str | None = "parameters"
    reserve: float = 3.0

    def match(self, record: ConfigEvent, routes: Any) -> Sequence[Match | Outcome]:
        """The first route of the rule; none for a resource that is not there any more."""
        found = super().match(record, routes)
        gone = record.left_scope or record.item.get("configurationItemStatus") in _DELETED
        if gone and record.item and found[0].route is not None:
            return (Declined(record, found[0].route, "the resource was deleted, or has left the rule's scope"),)
        return found

    def origin(self, record: ConfigEvent) -> str:
        """The rule, by name."""
        return f"the Config rule {record.rule!r}"

    def result(self, match: Match, value: Any) -> list[Evaluation]:
        """The evaluations. Raises TypeError for what is none."""
        if isinstance(value, str):
            return [match.record.about_item(Compliance(value))]
        several = value if isinstance(value, (list, tuple)) else [] if value is None else [value]
        for each in several:
            if not isinstance(each, Evaluation):
                msg = f"a Config rule's handler returns a Compliance or Evaluations, not {each!r:.60}"
                raise TypeError(msg)
        return list(several)

    def respond(self, event: ConfigEvent, outcomes: Sequence[Outcome]) -> Any:
        """Put the evaluations; an error is raised: Config has no failure, and Lambda tries again."""
        outcome = outcomes[0]
        super().respond(event, outcomes)
        evaluations = outcome.value if outcome.status == "ok" else None
        if isinstance(outcome, Declined) and event.item:
            evaluations = [event.about_item(Compliance.NOT_APPLICABLE)]
        if not evaluations:
            return None
        return Delivery(lambda: _put(event, evaluations))


def _put(event: ConfigEvent, evaluations: list[Evaluation]) -> None:
    at = event.at
    told = [
        {
            "ComplianceResourceType": each.resource_type,
            "ComplianceResourceId": each.resource_id,
            "ComplianceType": each.compliance.value,
            "OrderingTimestamp": each.at or at,
            **({"Annotation": each.annotation[:_LONGEST_ANNOTATION]} if each.annotation else {}),
        }
        for each in evaluations
    ]
    # A rule that is tried out has this token, and nothing is kept.
    trial = event.result_token == "TESTMODE"  # noqa: S105 - a word of AWS's
    for start in range(0, len(told), _AT_ONCE):
        client("config").put_evaluations(
            Evaluations=told[start : start + _AT_ONCE], ResultToken=event.result_token, TestMode=trial
        )


class ConfigTrigger(FilterTrigger):
    """`@app.config("encrypted-buckets")`: evaluate resources for this rule.

    `rule`: a rule's name or a glob, or a list of them. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = ConfigSource

    def __init__(self, rule: str | Sequence[str], **shared: Unpack[Shared]) -> None:
        super().__init__({"rule": rule}, **shared)
