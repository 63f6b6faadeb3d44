"""What asks a function for a yes or no: AppSync, IoT, Transfer Family, Client VPN and IVS Chat.

Shapes after each service's page on Lambda authorizers and handlers.
"""

from __future__ import annotations

from base64 import b64encode

from lambdarouter.testing.events.common import ACCOUNT, arn, identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Literal

__all__ = [
    "appsync_authorizer",
    "iot_authorizer",
    "iot_provisioning",
    "ivs_chat",
    "transfer_authorizer",
    "vpn_authorizer",
]


def appsync_authorizer(
    token: str,
    *,
    api: str = "abcdefghijklmnopqrstuvwxyz",
    query: str = "query Orders { orders { id } }",
    operation_name: str | None = None,
    variables: Mapping[str, Any] | None = None,
    operation: Literal["EVENT_CONNECT", "EVENT_SUBSCRIBE", "EVENT_PUBLISH"] | None = None,
    channel: str | None = None,
) -> dict[str, Any]:
    """Build a request to AppSync that asks to be let in ("authorizer.appsync").

    It is one of GraphQL, or, with an `operation`, one of AppSync Events on a `channel`.
    """
    context: dict[str, Any] = {"apiId": api, "accountId": ACCOUNT, "requestId": identifier("appsync", token)}
    if operation is None:
        context |= {"queryString": query, "operationName": operation_name, "variables": json_value(variables or {})}
    else:
        context |= {"operation": operation, "channelNamespaceName": None, "channel": channel}
        if channel is not None:
            context["channelNamespaceName"] = channel.strip("/").split("/")[0]
    return {
        "authorizationToken": token,
        "requestContext": context,
        "requestHeaders": {"host": f"{api}.appsync-api.eu-west-1.amazonaws.com", "authorization": token},
    }


def iot_authorizer(
    token: str = "",
    *,
    username: str = "",
    password: str | bytes = "",
    client_id: str = "device-1",
    signature_verified: bool = False,
) -> dict[str, Any]:
    """Build a connection to AWS IoT Core over MQTT that asks to be let in ("authorizer.iot")."""
    secret = password.encode() if isinstance(password, str) else password
    return {
        "token": token,
        "signatureVerified": signature_verified,
        "protocols": ["tls", "mqtt"],
        "protocolData": {
            "tls": {"serverName": "iot.example.com"},
            "mqtt": {"username": username, "password": b64encode(secret).decode(), "clientId": client_id},
        },
        "connectionMetadata": {"id": identifier("iot", client_id)},
    }


def transfer_authorizer(
    username: str, password: str = "", *, protocol: str = "SFTP", server: str = "s-1234567890abcdef0"
) -> dict[str, Any]:
    """Build a login to a server of Transfer Family ("authorizer.transfer"); without a password, it is one by key."""
    return {
        "username": username,
        "password": password,
        "protocol": protocol,
        "serverId": server,
        "sourceIp": "198.51.100.7",
    }


def vpn_authorizer(
    username: str = "ada",
    *,
    endpoint: str = "cvpn-endpoint-1234567890abcdef0",
    platform: str = "linux",
    schema: str = "v3",
) -> dict[str, Any]:
    """Build a connection to Client VPN that asks to be let in ("authorizer.vpn")."""
    return {
        "connection-id": f"cvpn-connection-{identifier('vpn', username)[:8]}",
        "endpoint-id": endpoint,
        "common-name": f"{username}.example.com",
        "username": username,
        "platform": platform,
        "platform-version": "6.8",
        "public-ip": "198.51.100.7",
        "client-openvpn-version": "2.6.12",
        "aws-client-version": "5.2.0",
        "groups": "",
        "schema-version": schema,
    }


def iot_provisioning(template: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Build a device that asks to be provisioned by `template` ("iot.provisioning")."""
    return {
        "claimCertificateId": "claim",
        "certificateId": identifier("certificate", template).replace("-", ""),
        "certificatePem": "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "templateArn": arn("iot", f"provisioningtemplate/{template}"),
        "clientId": "device-1",
        "parameters": json_value(parameters or {}),
    }


def ivs_chat(
    content: str,
    *,
    room: str = "support",
    sender: str = "ada",
    attributes: Mapping[str, str] | None = None,
    sender_attributes: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build a message on its way into a chat room ("ivs.chat")."""
    return {
        "Content": content,
        "MessageId": identifier("chat", content)[:12],
        "RoomArn": arn("ivschat", f"room/{room}"),
        "Attributes": json_value(attributes or {}),
        "Sender": {"UserId": sender, "Ip": "198.51.100.7", "Attributes": json_value(sender_attributes or {})},
    }
