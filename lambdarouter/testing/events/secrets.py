"""Steps of a rotation by Secrets Manager.

Shape after "Lambda rotation functions" in the Secrets Manager user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import arn, identifier

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Literal

__all__ = ["secrets"]


def secrets(
    step: Literal["createSecret", "setSecret", "testSecret", "finishSecret"],
    secret: str,
    *,
    token: str | None = None,
    rotation_token: str | None = None,
) -> dict[str, Any]:
    """Build one step of the rotation of `secret`, a name or an ARN ("secrets"); `token` is the new version's id."""
    return {
        "Step": step,
        "SecretId": secret if secret.startswith("arn:") else arn("secretsmanager", f"secret:{secret}-AbCdEf"),
        "ClientRequestToken": token or identifier("rotation", secret),
        "RotationToken": rotation_token or identifier("rotation of", secret, step),
    }
