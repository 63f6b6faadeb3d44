"""Who may connect, log in, be provisioned or say something: AppSync, IoT, Transfer Family, Client VPN, IVS Chat."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lambdarouter import (
    Allow,
    App,
    AppSyncAllow,
    AppSyncAuthorization,
    ChatMessage,
    ChatReview,
    Deny,
    IotAllow,
    IotAuthorizerEvent,
    ProvisioningRequest,
    TransferAllow,
    TransferLogin,
    VpnConnection,
)
from lambdarouter.testing.events import (
    appsync_authorizer,
    iot_authorizer,
    iot_provisioning,
    ivs_chat,
    transfer_authorizer,
    vpn_authorizer,
)

# Handlers' values that are no verdict: what a forgotten return gives, above all.
SILENCE = [None, 1, "yes", {"isAuthorized": True}]


# --- AppSync ---------------------------------------------------------------------------------------------------------


def test_appsync_lets_in_with_a_context_denied_fields_and_a_time_to_live() -> None:
    app = App()

    @app.appsync_authorizer(api="shop")
    def session(request: AppSyncAuthorization) -> Allow | Deny:
        assert (request.query, request.operation_name) == ("query Q { a }", "Q")
        if request.token != "staff":
            return Deny()
        return AppSyncAllow("ada", role="staff", level=3, denied_fields=["Mutation.delete"], ttl=0)

    build: Any = lambda token: appsync_authorizer(token, api="shop", query="query Q { a }", operation_name="Q")  # noqa: E731

    assert app(build("eve")) == {"isAuthorized": False}
    assert app(build("staff")) == {
        "isAuthorized": True,
        "resolverContext": {"principal": "ada", "role": "staff", "level": 3},
        "deniedFields": ["Mutation.delete"],
        "ttlOverride": 0,
    }


def test_appsync_decides_itself_what_an_allow_leaves_out() -> None:
    app = App()
    app.appsync_authorizer()(lambda: AppSyncAllow("ada"))
    assert app(appsync_authorizer("t")) == {"isAuthorized": True, "resolverContext": {"principal": "ada"}}


def test_appsync_events_have_their_own_name_for_the_context() -> None:
    app = App()

    @app.appsync_authorizer()
    async def session(request: AppSyncAuthorization) -> Allow:
        return Allow(f"{request.operation} {request.namespace} {request.channel}")

    event = appsync_authorizer("t", operation="EVENT_SUBSCRIBE", channel="/orders/17")

    assert app(event) == {
        "isAuthorized": True,
        "handlerContext": {"principal": "EVENT_SUBSCRIBE orders /orders/17"},
    }


@pytest.mark.parametrize("value", SILENCE)
def test_appsync_takes_silence_for_no_yes(value: Any) -> None:
    app = App()
    app.appsync_authorizer()(lambda: value)

    assert "is no verdict" in str(app.complete(appsync_authorizer("t")).error)


def test_a_context_that_appsync_would_not_take_is_an_error() -> None:
    app = App()
    app.appsync_authorizer()(lambda: Allow("ada", groups=["staff"]))

    assert "the context 'groups' is ['staff']" in str(app.complete(appsync_authorizer("t")).error)


# --- IoT -------------------------------------------------------------------------------------------------------------

POLICY = {"Version": "2012-10-17", "Statement": []}


def test_iot_lets_a_device_in_with_its_policies() -> None:
    app = App()

    @app.iot_authorizer()
    def device(request: IotAuthorizerEvent) -> IotAllow | Deny:
        if request.password != b"s\xffcret":
            return Deny()
        return IotAllow("device1", [POLICY], disconnect_after=600, refresh_after=400)

    assert app(iot_authorizer(password="x")) == {"isAuthenticated": False}
    assert app(iot_authorizer(password=b"s\xffcret")) == {
        "isAuthenticated": True,
        "principalId": "device1",
        "disconnectAfterInSeconds": 600,
        "refreshAfterInSeconds": 400,
        "policyDocuments": [json.dumps(POLICY, separators=(",", ":"))],
    }


def test_a_password_that_is_no_base64_refuses_the_device_and_is_logged(capfd: pytest.CaptureFixture[str]) -> None:
    app = App()
    app.iot_authorizer()(read_password)
    event = iot_authorizer()
    event["protocolData"]["mqtt"]["password"] = "=="

    assert app(event) == {"isAuthenticated": False}
    assert "protocolData.mqtt.password" in capfd.readouterr().err


def read_password(request: IotAuthorizerEvent) -> IotAllow:
    return IotAllow(request.password.decode(), [])


@pytest.mark.parametrize("value", SILENCE)
def test_iot_takes_silence_for_no_yes(value: Any) -> None:
    app = App()
    app.iot_authorizer()(lambda: value)

    assert app(iot_authorizer()) == {"isAuthenticated": False}


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: IotAllow("device-1", []), "1 to 128 letters and digits"),
        (lambda: IotAllow("", []), "1 to 128 letters and digits"),
        (lambda: IotAllow("d" * 129, []), "1 to 128 letters and digits"),
        (lambda: IotAllow("d", [POLICY] * 11), "11 policies, and IoT takes 10"),
        (lambda: IotAllow("d", [{"x": "x" * 3000}]), "and IoT takes 2048"),
    ],
    ids=["hyphen", "empty", "long", "policies", "policy"],
)
def test_what_iot_would_not_take_is_an_error_where_it_is_made(make: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        make()
    assert repr(IotAllow("d", [POLICY])) == "IotAllow('d')"


def test_iot_asks_which_devices_are_provisioned() -> None:
    app = App()

    @app.iot_provisioning("sensors")
    def known(parameters: dict[str, str], request: ProvisioningRequest) -> bool | dict[str, str]:
        assert request.template == "sensors"
        number = parameters["SerialNumber"]
        return {"ThingName": f"sensor-{number}"} if number == "S-1" else number == "S-2"

    assert app(iot_provisioning("sensors", {"SerialNumber": "S-1"})) == {
        "allowProvisioning": True,
        "parameterOverrides": {"ThingName": "sensor-S-1"},
    }
    assert app(iot_provisioning("sensors", {"SerialNumber": "S-2"})) == {"allowProvisioning": True}
    assert app(iot_provisioning("sensors", {"SerialNumber": "S-3"})) == {"allowProvisioning": False}


@pytest.mark.parametrize("value", [None, 1, "yes", []])
def test_a_hook_that_says_nothing_provisions_no_device(value: Any) -> None:
    app = App()
    app.iot_provisioning()(lambda: value)

    assert app(iot_provisioning("sensors")) == {"allowProvisioning": False}


# --- Transfer Family -------------------------------------------------------------------------------------------------


def test_transfer_lets_a_user_in_by_password_or_key() -> None:
    app = App()

    @app.transfer_authorizer(server="s-1*", protocol=["SFTP", "FTPS"])
    def user(login: TransferLogin) -> TransferAllow | Deny:
        if login.password:
            return TransferAllow("role", home="/uploads/ada") if login.password == "secret" else Deny()
        return TransferAllow(
            "role",
            home={"/": "/uploads/ada"},
            policy=POLICY,
            public_keys=["ssh-ed25519 AAAA"],
            posix=(1000, 100),
        )

    assert app(transfer_authorizer("ada", "wrong")) == {}
    assert app(transfer_authorizer("ada", "secret", protocol="FTP")) == {}
    assert app(transfer_authorizer("ada", "secret")) == {
        "Role": "role",
        "HomeDirectoryType": "PATH",
        "HomeDirectory": "/uploads/ada",
    }
    assert app(transfer_authorizer("ada")) == {
        "Role": "role",
        "HomeDirectoryType": "LOGICAL",
        "HomeDirectoryDetails": '[{"Entry":"/","Target":"/uploads/ada"}]',
        "Policy": json.dumps(POLICY, separators=(",", ":")),
        "PublicKeys": ["ssh-ed25519 AAAA"],
        "PosixProfile": {"Uid": 1000, "Gid": 100},
    }
    assert repr(TransferAllow("role", policy=POLICY)) == "TransferAllow('role')"


@pytest.mark.parametrize("value", SILENCE)
def test_transfer_takes_silence_for_no_yes(value: Any) -> None:
    app = App()
    app.transfer_authorizer()(lambda: value)

    assert app(transfer_authorizer("ada")) == {}


# --- Client VPN ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "called"),
    [
        ("v1", "error-msg-on-failed-posture-compliance"),
        ("v2", "error-msg-on-denied-connection"),
        ("v3", "error-msg-on-denied-connection"),
    ],
)
def test_vpn_answers_with_all_keys_of_the_events_schema(schema: str, called: str) -> None:
    app = App()

    @app.vpn_authorizer()
    def laptop(connection: VpnConnection) -> Allow | Deny:
        if connection.platform == "windows":
            return Deny(message="not for Windows" + "!" * 300, posture=["os"])
        return Allow(connection.username, posture=["ok"])

    assert app(vpn_authorizer(schema=schema)) == {
        "allow": True,
        called: "",
        "posture-compliance-statuses": ["ok"],
        "schema-version": schema,
    }
    refused = app(vpn_authorizer(platform="windows", schema=schema))
    assert (refused["allow"], refused["posture-compliance-statuses"]) == (False, ["os"])
    assert refused[called].startswith("not for Windows!")
    assert len(refused[called]) == 255


def test_vpn_takes_a_single_posture_status_for_one() -> None:
    app = App()
    app.vpn_authorizer()(lambda: Deny(posture="os"))
    assert app(vpn_authorizer())["posture-compliance-statuses"] == ["os"]


@pytest.mark.parametrize("value", SILENCE)
def test_vpn_takes_silence_for_no_yes_and_shows_no_internals(value: Any) -> None:
    app = App()
    app.vpn_authorizer()(lambda: value)
    event = vpn_authorizer()
    del event["schema-version"]

    assert app(event) == {
        "allow": False,
        "error-msg-on-denied-connection": "",
        "posture-compliance-statuses": [],
        "schema-version": "v3",
    }


# --- IVS Chat --------------------------------------------------------------------------------------------------------


def test_messages_are_let_in_changed_or_kept_out() -> None:
    app = App()

    @app.ivs_chat("*/support")
    def review(content: str, message: ChatMessage) -> str | ChatReview | Deny:
        if content == "spam":
            return Deny(reason=17)
        if content == "loud":
            return ChatReview(attributes={"tone": "loud"})
        return content.upper()

    kept = {"MessageId": "m"}
    assert app(ivs_chat("spam")) == {"ReviewResult": "DENY", "Content": "spam", "Attributes": {"reason": "17"}}
    assert app(ivs_chat("loud")) == {"ReviewResult": "ALLOW", "Content": "loud", "Attributes": {"tone": "loud"}}
    assert app(ivs_chat("hello", attributes=kept)) == {
        "ReviewResult": "ALLOW",
        "Content": "HELLO",
        "Attributes": kept,
    }


@pytest.mark.parametrize("value", [None, 1, True, {"ReviewResult": "ALLOW"}])
def test_a_review_that_says_nothing_keeps_the_message_out(value: Any) -> None:
    app = App()
    app.ivs_chat()(lambda: value)

    assert app(ivs_chat("hello"))["ReviewResult"] == "DENY"
