"""What AWS's mobile clients tell of themselves, as handlers read it from their context. Loaded when one does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["Client", "ClientContext", "CognitoIdentity"]


class CognitoIdentity:
    """Who called through Amazon Cognito; both are None where nobody did."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, told: dict[str, Any]) -> None:
        self.cognito_identity_id: Any = told.get("cognitoIdentityId")
        self.cognito_identity_pool_id: Any = told.get("cognitoIdentityPoolId")

    def __repr__(self) -> str:
        return (
            f"CognitoIdentity([cognito_identity_id={self.cognito_identity_id},"
            f"cognito_identity_pool_id={self.cognito_identity_pool_id}])"
        )


class Client:
    """The mobile client's installation and application."""

    __slots__ = ("app_package_name", "app_title", "app_version_code", "app_version_name", "installation_id")

    def __init__(self, told: dict[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, told.get(name))

    def __repr__(self) -> str:
        return "Client([" + ",".join(f"{name}={getattr(self, name)}" for name in self.__slots__) + "])"


class ClientContext:
    """What a mobile client told of itself: `custom` and `env` as they came, `client` by attribute."""

    __slots__ = ("client", "custom", "env")

    def __init__(self, told: dict[str, Any]) -> None:
        self.custom: Any = told.get("custom")
        self.env: Any = told.get("env")
        client = told.get("client")
        self.client: Client | None = Client(client) if isinstance(client, dict) else None

    def __repr__(self) -> str:
        return f"ClientContext([custom={self.custom},env={self.env},client={self.client}])"
