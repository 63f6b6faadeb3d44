"""Evaluations that AWS Config asks for.

Shape after "Example events for AWS Config rules" in the AWS Config developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, arn, iso_millis, json_text, opaque_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["config"]


def config(
    rule: str,
    item: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    *,
    left_scope: bool = False,
) -> dict[str, Any]:
    """Build an evaluation for `rule` ("config"): of a configuration item that changed, or without one on a schedule.

    `item`: what its keys are to be, such as `resourceType` and `resourceId`, in place of a bucket's.
    """
    invoking: dict[str, Any]
    if item is None:
        invoking = {
            "awsAccountId": ACCOUNT,
            "notificationCreationTime": iso_millis(MOMENT),
            "messageType": "ScheduledNotification",
            "recordVersion": "1.0",
        }
    else:
        whole = {
            "configurationItemCaptureTime": iso_millis(MOMENT),
            "configurationItemStatus": "OK",
            "configurationItemVersion": "1.3",
            "awsAccountId": ACCOUNT,
            "awsRegion": REGION,
            "resourceType": "AWS::S3::Bucket",
            "resourceId": "uploads",
            "resourceName": "uploads",
            "ARN": "arn:aws:s3:::uploads",
            "tags": {},
            "relationships": [],
            "configuration": {},
            **item,
        }
        invoking = {
            "configurationItemDiff": None,
            "configurationItem": whole,
            "notificationCreationTime": iso_millis(MOMENT),
            "messageType": "ConfigurationItemChangeNotification",
            "recordVersion": "1.3",
        }
    return {
        "version": "1.0",
        "invokingEvent": json_text(invoking),
        "ruleParameters": json_text(parameters or {}),
        "resultToken": opaque_id("result", rule),
        "eventLeftScope": left_scope,
        "executionRoleArn": f"arn:aws:iam::{ACCOUNT}:role/config",
        "configRuleArn": arn("config", f"config-rule/config-rule-{rule}"),
        "configRuleName": rule,
        "configRuleId": f"config-rule-{rule}",
        "accountId": ACCOUNT,
    }
