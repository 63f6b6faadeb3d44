"""The "AWS Lambda function" blocks of Amazon Connect flows.

Shape after "Grant Amazon Connect access to your AWS Lambda functions" in the Connect administrator guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import arn, identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["connect"]


def connect(
    parameters: Mapping[str, str] | None = None,
    *,
    attributes: Mapping[str, str] | None = None,
    channel: str = "VOICE",
    customer: str = "+12065550100",
    queue: str | None = None,
) -> dict[str, Any]:
    """Build the call of a flow's block with these parameters ("connect").

    `attributes`: the contact's. `channel`: VOICE, CHAT, TASK or EMAIL. `customer`: their telephone number. `queue`: the
    name of that in which the contact waits.
    """
    contact = identifier("contact")
    instance = arn("connect", f"instance/{identifier('instance')}")
    return {
        "Name": "ContactFlowEvent",
        "Details": {
            "ContactData": {
                "Attributes": json_value(attributes or {}),
                "Channel": channel,
                "ContactId": contact,
                "CustomerEndpoint": {"Address": customer, "Type": "TELEPHONE_NUMBER"},
                "InitialContactId": contact,
                "InitiationMethod": "INBOUND",
                "InstanceARN": instance,
                "LanguageCode": "en-US",
                "MediaStreams": {"Customer": {"Audio": None}},
                "PreviousContactId": contact,
                "Queue": queue and {"ARN": f"{instance}/queue/{identifier('queue', queue)}", "Name": queue},
                "SystemEndpoint": {"Address": "+12065550101", "Type": "TELEPHONE_NUMBER"},
            },
            "Parameters": json_value(parameters or {}),
        },
    }
