"""Requests of CloudFormation, as the function behind a custom resource gets them.

Shape after "Custom resource request objects" in the CloudFormation user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import arn, identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

__all__ = ["cloudformation"]


def cloudformation(
    request_type: Literal["Create", "Update", "Delete"],
    resource_type: str = "Custom::Thing",
    properties: Mapping[str, Any] | None = None,
    *,
    old_properties: Mapping[str, Any] | None = None,
    logical_id: str = "Thing",
    physical_id: str | None = None,
    stack: str = "shop",
    response_url: str | None = None,
) -> dict[str, Any]:
    """Build a request for a custom resource ("cloudformation").

    `physical_id` is there on Update and Delete, `old_properties` on Update. Without a `response_url` the event is the
    one of the CDK's provider framework, and the reply is returned instead of being put.
    """
    token = arn("lambda", "function:shop")
    event: dict[str, Any] = {
        "RequestType": request_type,
        "ServiceToken": token,
        "StackId": arn("cloudformation", f"stack/{stack}/{identifier('stack', stack)}"),
        "RequestId": identifier(request_type, stack, logical_id),
        "ResourceType": resource_type,
        "LogicalResourceId": logical_id,
        "ResourceProperties": {"ServiceToken": token, **json_value(properties or {})},
    }
    if response_url is not None:
        event["ResponseURL"] = response_url
    if request_type != "Create":
        event["PhysicalResourceId"] = physical_id or f"{logical_id}-1"
    if request_type == "Update":
        event["OldResourceProperties"] = {"ServiceToken": token, **json_value(old_properties or {})}
    return event
