"""Synchronisations of a Cognito Sync dataset.

Shape after "Customizing workflows with Cognito Events" in the Cognito developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import REGION, identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["cognito_sync"]


def cognito_sync(dataset: str, records: Mapping[str, str]) -> dict[str, Any]:
    """Build a synchronisation of `dataset` in which each of `records`, key to text, is replaced ("cognito.sync")."""
    return {
        "version": 2,
        "eventType": "SyncTrigger",
        "region": REGION,
        "identityPoolId": f"{REGION}:{identifier('identity pool')}",
        "identityId": f"{REGION}:{identifier('identity')}",
        "datasetName": dataset,
        "datasetRecords": {key: {"oldValue": "", "newValue": value, "op": "replace"} for key, value in records.items()},
    }
