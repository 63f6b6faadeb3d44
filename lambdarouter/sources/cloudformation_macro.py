"""CloudFormation macros: functions that rewrite templates, or parts of them.

::

    @app.cloudformation_macro("Tagged")
    def tagged(fragment: dict, macro: MacroEvent) -> dict:
        return fragment | {"Tags": [{"Key": "owner", "Value": macro.parameters["owner"]}]}

`name` is the macro's name in templates (`Transform: Tagged`, or `Fn::Transform`), or a glob, or a list of them. One
parameter takes the fragment; the handler returns the one that takes its place.

Delivery: synchronous. A handler that raises, is late or does not exist fails the operation, with the error as reason.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros-author.html
"""

from __future__ import annotations

from lambdarouter.core.conversion import any_value
from lambdarouter.core.hook import message_of
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CloudFormationMacroSource", "CloudFormationMacroTrigger", "MacroEvent"]


class MacroEvent(SingleRecord):
    """One fragment to rewrite."""

    _id_path = ("requestId",)

    request_id: str = field("requestId", default="")
    # "123456789012::Tagged".
    transform_id: str = field("transformId")
    # The whole template, or what stands around `Fn::Transform`.
    fragment: Any = field("fragment", of=any_value)
    # What `Fn::Transform` gives it, and what the template was given.
    parameters: dict[str, Any] = field("params", of=dict, default=dict)
    template_parameters: dict[str, Any] = field("templateParameterValues", of=dict, default=dict)
    account_id: str = field("accountId", default="")
    region: str = field("region", default="")

    @property
    def name(self) -> str:
        """The macro's name, without the account."""
        return self.transform_id.rpartition("::")[2]


class CloudFormationMacroSource(SynchronousSource):
    """Fragments: one handler rewrites them."""

    names: tuple[str, ...] = ("cloudformation.macro",)
    decorator = "@app.cloudformation_macro(name)"
    record: type[View] = MacroEvent
    value: str | None = "fragment"

    def origin(self, record: MacroEvent) -> str:
        """The macro, by name."""
        return f"the macro {record.name!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The fragment in the old one's place. Raises TypeError for None: a template would lose it."""
        if value is None:
            msg = "a macro returns the fragment that takes the place of the one it got, not None"
            raise TypeError(msg)
        return {"requestId": match.record.request_id, "status": "success", "fragment": plain(value)}

    def respond(self, event: MacroEvent, outcomes: Sequence[Outcome]) -> dict[str, Any]:
        """The new fragment, or a failure."""
        error = outcomes[0].error
        if error is not None:
            return {"requestId": event.peek("requestId"), "status": "failure", "errorMessage": message_of(error)}
        found: dict[str, Any] = outcomes[0].value
        return found


class CloudFormationMacroTrigger(FilterTrigger):
    """`@app.cloudformation_macro("Tagged")`: rewrite what a template hands to this macro.

    `name`: a macro's name or a glob, or a list of them. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = CloudFormationMacroSource

    def __init__(self, name: str | Sequence[str], **shared: Unpack[Shared]) -> None:
        super().__init__({"name": name}, **shared)
