"""Rotations: the four steps, their guards, and a whole rotation against an emulator of Secrets Manager."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, RotationEvent, Secret, SecretRotation
from lambdarouter.core import aws
from lambdarouter.testing.events import secrets
from tests.aws_endpoint import Endpoint, endpoint
from tests.servers import aws_client

TOKEN = "7f0c1f5e-3a68-4f3a-9a5e-5a5b6c7d8e9f"
ROTATION = "0b9a2c1e-5a68-4f3a-9a5e-5a5b6c7d8e9f"
OLD = "11111111-3a68-4f3a-9a5e-5a5b6c7d8e9f"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop/db-AbCdEf"


@pytest.fixture
def service() -> Iterator[Endpoint]:
    with endpoint() as server:
        server.answers["DescribeSecret"] = described({OLD: ["AWSCURRENT"], TOKEN: ["AWSPENDING"]})
        yield server


def described(versions: dict[str, list[str]], *, enabled: bool = True) -> dict[str, Any]:
    return {"ARN": ARN, "RotationEnabled": enabled, "VersionIdsToStages": versions}


def valued(current: str, pending: str | None) -> Any:
    """Answer GetSecretValue: the version to be has no value until it is put."""

    def answer(arguments: dict[str, Any]) -> Any:
        if arguments["VersionStage"] == "AWSCURRENT":
            return {"ARN": ARN, "VersionId": OLD, "SecretString": current}
        if pending is None:
            return "ResourceNotFoundException"
        return {"ARN": ARN, "VersionId": TOKEN, "SecretString": pending}

    return answer


class Rotation(SecretRotation):
    """Keeps what it is asked for; a password works once it is set."""

    made: list[str]
    working = {"one"}  # noqa: RUF012 - each test makes a class of its own

    def create(self, current: Secret) -> dict[str, Any]:
        return current.json() | {"password": "two"}

    async def set(self, pending: Secret, current: Secret) -> None:
        assert current.json()["password"] in self.working
        self.working.add(pending.json()["password"])

    def test(self, pending: Secret) -> None:
        if pending.json()["password"] not in self.working:
            raise ConnectionError("access denied")


def rotating(**attributes: Any) -> App:
    app = App()
    app.secrets("shop/*")(type("Database", (Rotation,), {"working": {"one"}, **attributes}))
    return app


def event(step: Any, **options: Any) -> Any:
    return secrets(step, "shop/db", token=TOKEN, **options)


def changes(service: Endpoint) -> list[tuple[str, dict[str, Any]]]:
    return [call for call in service.calls if call[0] not in ("DescribeSecret", "GetSecretValue")]


@pytest.mark.parametrize("step", ["createSecret", "create_secret"])
def test_a_new_value_is_made_from_the_current_one_and_kept_as_the_version_to_be(service: Endpoint, step: str) -> None:
    service.answers["GetSecretValue"] = valued('{"user":"ada","password":"one"}', None)

    assert rotating()(event(step, rotation_token=ROTATION)) is None

    [(operation, arguments)] = changes(service)
    assert operation == "PutSecretValue"
    assert json.loads(arguments.pop("SecretString")) == {"user": "ada", "password": "two"}
    assert arguments == {
        "SecretId": ARN,
        "ClientRequestToken": TOKEN,
        "VersionStages": ["AWSPENDING"],
        "RotationToken": ROTATION,
    }


def test_a_value_that_has_been_made_is_not_made_again(service: Endpoint) -> None:
    service.answers["GetSecretValue"] = valued('{"password":"one"}', '{"password":"two"}')

    rotating(create=lambda self, current: 1 // 0)(event("createSecret"))

    assert changes(service) == []


@pytest.mark.parametrize(("value", "kind"), [("text", "SecretString"), (b"bytes", "SecretBinary")])
def test_a_value_may_be_text_or_bytes(service: Endpoint, value: Any, kind: str) -> None:
    service.answers["GetSecretValue"] = valued("{}", None)

    rotating(create=lambda self, current: value)(event("createSecret"))

    assert kind in changes(service)[0][1]


@pytest.mark.parametrize("value", [None, 5, "", ["x"]])
def test_a_value_of_another_kind_is_an_error_that_does_not_show_it(service: Endpoint, value: Any) -> None:
    service.answers["GetSecretValue"] = valued("{}", None)

    error = rotating(create=lambda self, current: value).complete(event("createSecret")).error

    assert isinstance(error, TypeError)
    assert f"not {type(value).__name__}" in str(error)
    assert changes(service) == []


def test_a_value_is_set_once_and_tried(service: Endpoint) -> None:
    service.answers["GetSecretValue"] = valued('{"password":"one"}', '{"password":"two"}')
    app, sets = App(), []

    @app.secrets("shop/db")
    class Database(Rotation):
        working = {"one"}  # noqa: RUF012

        async def set(self, pending: Secret, current: Secret) -> None:
            sets.append(pending.version_id)
            await super().set(pending, current)

    assert isinstance(app.complete(event("testSecret")).error, ConnectionError)
    for _ in range(2):
        app(event("setSecret"))
    app(event("testSecret"))

    assert sets == [TOKEN]
    assert Database.working == {"one", "two"}


def test_without_a_test_of_ones_own_a_value_is_set_each_time(service: Endpoint) -> None:
    service.answers["GetSecretValue"] = valued("one", "two")
    app, sets = App(), []

    @app.secrets("*")
    class Key(SecretRotation):
        def create(self, current: Secret) -> str:
            return "two"

        def set(self, pending: Secret, current: Secret) -> None:
            sets.append((pending.value, current.value))

    for step in ("setSecret", "setSecret", "testSecret"):
        app(event(step))

    assert sets == [("two", "one")] * 2


def test_without_a_set_of_ones_own_the_value_lives_in_secrets_manager_alone(service: Endpoint) -> None:
    service.answers["GetSecretValue"] = valued("one", "two")
    app = App()
    app.secrets("*")(type("Key", (SecretRotation,), {"create": lambda self, current: "two"}))

    assert app(event("setSecret")) is None
    assert changes(service) == []


def test_the_version_to_be_becomes_the_current_one(service: Endpoint) -> None:
    rotating()(event("finishSecret", rotation_token=ROTATION))

    assert changes(service) == [
        (
            "UpdateSecretVersionStage",
            {
                "SecretId": ARN,
                "VersionStage": "AWSCURRENT",
                "MoveToVersionId": TOKEN,
                "RemoveFromVersionId": OLD,
            },
        )
    ]


def test_the_first_version_of_all_is_taken_from_no_other(service: Endpoint) -> None:
    service.answers["DescribeSecret"] = described({TOKEN: ["AWSPENDING"]})

    rotating()(event("finishSecret"))

    assert "RemoveFromVersionId" not in changes(service)[0][1]


STEPS = ["createSecret", "setSecret", "testSecret", "finishSecret"]


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_current_already_is_done(service: Endpoint, step: str) -> None:
    service.answers["DescribeSecret"] = described({TOKEN: ["AWSPENDING", "AWSCURRENT"]})

    assert rotating()(event(step)) is None
    assert [operation for operation, _ in service.calls] == ["DescribeSecret"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    ("told", "said"),
    [
        (described({TOKEN: ["AWSPENDING"]}, enabled=False), "has no rotation enabled"),
        (described({OLD: ["AWSCURRENT"]}), "the rotation was cancelled, or never begun"),
        ({"ARN": ARN, "RotationEnabled": True}, "the rotation was cancelled, or never begun"),
        (described({TOKEN: ["AWSPREVIOUS"]}), "is not AWSPENDING"),
    ],
)
def test_the_guards_of_awss_templates_stand_before_every_step(
    service: Endpoint, step: str, told: dict[str, Any], said: str
) -> None:
    service.answers["DescribeSecret"] = told

    completion = rotating().complete(event(step))

    assert said in str(completion.error)
    assert changes(service) == []


@pytest.mark.parametrize("step", ["setSecret", "testSecret"])
def test_a_step_without_a_value_is_an_error(service: Endpoint, step: str) -> None:
    service.answers["GetSecretValue"] = valued("{}", None)

    assert "has no value yet" in str(rotating().complete(event(step)).error)


def test_a_secret_never_shows_its_value() -> None:
    for secret in (Secret(ARN, OLD, "s3cret"), Secret(ARN, OLD, "[1]")):
        assert repr(secret) == f"<Secret {ARN} {OLD}>"
        with pytest.raises(ValueError, match="holds no JSON object") as caught:
            secret.json()
        assert "s3cret" not in str(caught.value)


def test_a_function_gets_the_bare_steps() -> None:
    app = App()
    steps = []

    @app.secrets([ARN, "other"])
    def rotate(event: RotationEvent) -> None:
        steps.append((event.step, event.secret, event.token, event.rotation_token))

    app(event("create_secret", rotation_token="r"))
    app(secrets("finishSecret", "other", token=TOKEN) | {"RotationToken": None})
    app(event("testSecret") | {"SecretId": "other", "RotationToken": None})

    assert steps == [
        ("create", "shop/db", TOKEN, "r"),
        ("finish", "other", TOKEN, None),
        ("test", "other", TOKEN, None),
    ]


def test_a_step_that_does_not_exist_is_an_error(service: Endpoint) -> None:
    error = rotating().complete(event("dropSecret")).error

    assert "Step is 'dropSecret', expected one of" in str(error)


@pytest.mark.parametrize("wrong", [int, SecretRotation, type("Empty", (SecretRotation,), {})])
def test_a_class_that_is_no_rotation_is_refused_at_import(wrong: type) -> None:
    with pytest.raises(ConfigurationError, match="a class of SecretRotation with a create"):
        App().secrets("*")(wrong)


def test_a_whole_rotation_against_an_emulator_each_step_twice(ministack: str, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = aws_client("secretsmanager", ministack)
    arn = manager.create_secret(Name="shop/db", SecretString='{"user":"ada","password":"one"}')["ARN"]
    function = "arn:aws:lambda:eu-west-1:123456789012:function:rotation"
    manager.rotate_secret(SecretId=arn, RotationLambdaARN=function, RotateImmediately=False)
    # The emulator makes no version without a value, so that createSecret finds one.
    manager.put_secret_value(
        SecretId=arn,
        ClientRequestToken=TOKEN,
        SecretString='{"user":"ada","password":"two"}',
        VersionStages=["AWSPENDING"],
    )
    monkeypatch.setattr(aws, "_clients", {"secretsmanager": manager})
    app = rotating()

    for step in STEPS:
        for _ in range(2):
            app(secrets(step, arn, token=TOKEN))  # type: ignore[arg-type]

    assert json.loads(manager.get_secret_value(SecretId=arn)["SecretString"])["password"] == "two"
    stages = manager.describe_secret(SecretId=arn)["VersionIdsToStages"]
    assert "AWSCURRENT" in stages[TOKEN]
    manager.close()
