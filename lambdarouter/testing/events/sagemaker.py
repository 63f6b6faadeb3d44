"""The two calls of a SageMaker Ground Truth labeling job.

Shape after "Processing data in a custom labeling workflow with AWS Lambda" in the SageMaker developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, arn, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["consolidation", "prehuman"]


def prehuman(job: str, data_object: Mapping[str, Any]) -> dict[str, Any]:
    """Build the call before an object is shown to workers ("sagemaker.prehuman")."""
    return {
        "version": "2018-10-16",
        "labelingJobArn": arn("sagemaker", f"labeling-job/{job}"),
        "dataObject": json_value(data_object),
    }


def consolidation(job: str, s3_uri: str) -> dict[str, Any]:
    """Build the call when the answers of a batch are there ("sagemaker.consolidation")."""
    return {
        "version": "2018-10-16",
        "labelingJobArn": arn("sagemaker", f"labeling-job/{job}"),
        "labelCategories": [],
        "labelAttributeName": job,
        "roleArn": f"arn:aws:iam::{ACCOUNT}:role/labeling",
        "payload": {"s3Uri": s3_uri},
    }
