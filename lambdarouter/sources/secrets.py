"""Secrets Manager: rotate secrets, step by step, under the guards of AWS's own templates.

::

    @app.secrets("shop/db-*")
    class Database(SecretRotation):
        def create(self, current: Secret) -> dict: ...

        def set(self, pending: Secret, current: Secret) -> None: ...

        def test(self, pending: Secret) -> None: ...

`secret` is a secret's name or ARN, or a glob of either. A rotation says how a new value is made, how it is set where it
counts, and how it is tried; reading and storing it, and making it current, is done for it. Each step can be repeated.
This needs boto3 (`lambdarouter[aws]`) and the permissions `secretsmanager:DescribeSecret`, `GetSecretValue`,
`PutSecretValue` and `UpdateSecretVersionStage`. A function that takes a `RotationEvent` gets the bare steps instead.

Delivery: asynchronous. A step that raises fails the rotation, which Secrets Manager tries again from the start.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.aws import client
from lambdarouter.core.check import check_resources
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.view import field
from lambdarouter.errors import ConfigurationError, InvalidEventError, MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared, Trigger
    from lambdarouter.core.view import View

    Value = str | bytes | dict[str, Any]

__all__ = ["RotationEvent", "Secret", "SecretRotation", "SecretsSource", "SecretsTrigger"]

_SUFFIX = 7  # a secret's ARN ends in a hyphen and six characters
# The user guide's spelling beside the one that is sent.
_STEPS = {name: step for step in ("create", "set", "test", "finish") for name in (f"{step}Secret", f"{step}_secret")}


class RotationEvent(SingleRecord):
    """One step of a rotation."""

    secret_id: str = field("SecretId")
    # Of the version that is to become the current one.
    token: str = field("ClientRequestToken")
    # Of a rotation across accounts, to be handed on with the new value.
    rotation_token: str | None = field("RotationToken", default=None)

    @property
    def id(self) -> str:
        """The version's token and the step."""
        return f"{self.peek('ClientRequestToken')}/{self.peek('Step')}"

    @property
    def step(self) -> str:
        """One of "create", "set", "test" and "finish". Raises `InvalidEventError` for any other."""
        name = self.peek("Step")
        if name not in _STEPS:
            msg = f"Step is {name!r}, expected one of {', '.join(_STEPS)}"
            raise InvalidEventError(msg)
        return _STEPS[name]

    @property
    def secret(self) -> str:
        """The secret's name."""
        if not self.secret_id.startswith("arn:"):
            return self.secret_id
        return self.secret_id.partition(":secret:")[2][:-_SUFFIX]

    @property
    def names(self) -> list[str]:
        """What a trigger may call the secret."""
        return [self.secret, self.secret_id]


class Secret:
    """One version of a secret. It shows its value to nobody who does not ask for it."""

    __slots__ = ("arn", "value", "version_id")

    def __init__(self, arn: str, version_id: str, value: str | bytes) -> None:
        self.arn: str = arn
        self.version_id: str = version_id
        self.value: str | bytes = value

    def json(self) -> dict[str, Any]:
        """The value as the object that AWS's databases and templates keep. Raises ValueError where it is none."""
        try:
            value = codec.decode(self.value, "secret")
        except MalformedPayloadError:
            value = None  # and no error that holds the secret
        if not isinstance(value, dict):
            msg = f"the secret {self.arn} holds no JSON object"
            raise ValueError(msg)  # noqa: TRY004 - its type is right, what it holds is not
        return value

    def __repr__(self) -> str:
        return f"<Secret {self.arn} {self.version_id}>"


class SecretRotation:
    """How a secret is rotated. Subclass it, and decorate the class with `@app.secrets(...)`; it is made once.

    Methods may be async. Each runs again where Secrets Manager repeats a step.
    """

    def create(self, current: Secret) -> Value | Awaitable[Value]:
        """Make a new value: text, bytes, or an object that is kept as JSON. The one method that has to be there."""
        raise NotImplementedError

    def set(self, pending: Secret, current: Secret) -> Awaitable[None] | None:
        """Set the new value where it counts (a database's user, say); by default there is nothing to do.

        It is not called where the new value passes `test` already.
        """
        return None

    def test(self, pending: Secret) -> Awaitable[None] | None:
        """Try the new value, and raise where it does not work; by default it is trusted."""
        return None

    async def __call__(self, event: RotationEvent) -> None:
        """Take one step, unless it has been taken."""
        rotation = _Rotation(event)
        if not rotation.check():
            return
        if event.step == "create":
            if rotation.pending() is None:
                rotation.store(await _awaited(self.create(rotation.current())))
        elif event.step == "set":
            pending = rotation.needed()
            if not await self._works(pending):
                await _awaited(self.set(pending, rotation.current()))
        elif event.step == "test":
            await _awaited(self.test(rotation.needed()))
        else:
            rotation.finish()

    async def _works(self, pending: Secret) -> bool:
        if type(self).test is SecretRotation.test:
            return False
        try:
            await _awaited(self.test(pending))
        except Exception:  # noqa: BLE001 - user code, and the usual case: it is still to be set
            return False
        return True


async def _awaited(value: Any) -> Any:
    return await value if hasattr(value, "__await__") else value


class _Rotation:
    """What AWS's templates do around the four steps."""

    __slots__ = ("_api", "_event", "_versions")

    def __init__(self, event: RotationEvent) -> None:
        self._event = event
        self._api = client("secretsmanager")
        self._versions: dict[str, list[str]] = {}

    def check(self) -> bool:
        """Whether there is something to do. Raises ValueError where the rotation is not one of this secret's."""
        secret, token = self._event.secret_id, self._event.token
        told = self._api.describe_secret(SecretId=secret)
        self._versions = told.get("VersionIdsToStages") or {}
        if not told.get("RotationEnabled"):
            msg = f"the secret {secret} has no rotation enabled"
            raise ValueError(msg)
        if token not in self._versions:
            msg = f"the secret {secret} has no version {token}: the rotation was cancelled, or never begun"
            raise ValueError(msg)
        if "AWSCURRENT" in self._versions[token]:
            return False
        if "AWSPENDING" not in self._versions[token]:
            msg = f"the version {token} of the secret {secret} is not AWSPENDING, but {self._versions[token]}"
            raise ValueError(msg)
        return True

    def current(self) -> Secret:
        """The version in use."""
        return self._read(VersionStage="AWSCURRENT")

    def pending(self) -> Secret | None:
        """The version to be, once it has a value."""
        try:
            return self._read(VersionId=self._event.token, VersionStage="AWSPENDING")
        except self._api.exceptions.ResourceNotFoundException:
            return None

    def needed(self) -> Secret:
        """The version to be. Raises ValueError where the step that makes it was left out."""
        pending = self.pending()
        if pending is None:
            msg = f"the version {self._event.token} of the secret {self._event.secret_id} has no value yet"
            raise ValueError(msg)
        return pending

    def store(self, value: Any) -> None:
        """Keep a new value as the version to be."""
        if isinstance(value, dict):
            value = codec.encode(value)
        if not isinstance(value, (str, bytes)) or not value:
            # The value itself is nobody's to see.
            msg = f"create() returns the new value as text, bytes or an object, not {type(value).__name__}"
            raise TypeError(msg)
        kind = "SecretString" if isinstance(value, str) else "SecretBinary"
        token = self._event.rotation_token
        self._api.put_secret_value(
            SecretId=self._event.secret_id,
            ClientRequestToken=self._event.token,
            VersionStages=["AWSPENDING"],
            **{kind: value},
            **({} if token is None else {"RotationToken": token}),
        )

    def finish(self) -> None:
        """Make the version to be the current one."""
        old = next((version for version, stages in self._versions.items() if "AWSCURRENT" in stages), None)
        self._api.update_secret_version_stage(
            SecretId=self._event.secret_id,
            VersionStage="AWSCURRENT",
            MoveToVersionId=self._event.token,
            **({} if old is None else {"RemoveFromVersionId": old}),
        )

    def _read(self, **which: str) -> Secret:
        told = self._api.get_secret_value(SecretId=self._event.secret_id, **which)
        value = told["SecretString"] if "SecretString" in told else told["SecretBinary"]
        return Secret(told["ARN"], told["VersionId"], value)


class SecretsSource(SynchronousSource):
    """Rotations: one class for a secret, called for each step."""

    names: tuple[str, ...] = ("secrets",)
    decorator = "@app.secrets(secret)"
    record: type[View] = RotationEvent

    def origin(self, record: RotationEvent) -> str:
        """The secret, by name."""
        return f"the rotation of the secret {record.secret!r}"

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan a function, or the steps of a `SecretRotation`."""
        if not isinstance(fn, type):
            return super().plan(fn, trigger)
        if not issubclass(fn, SecretRotation) or fn.create is SecretRotation.create:
            msg = "a rotation is a class of SecretRotation with a create() that makes the new value"
            raise ConfigurationError(msg)
        return super().plan(fn(), trigger)

    def result(self, match: Match, value: Any) -> None:
        """Nothing: Secrets Manager looks at no value."""

    def respond(self, event: RotationEvent, outcomes: Sequence[Outcome]) -> None:
        """Null, or the error."""
        super().respond(event, outcomes)


class SecretsTrigger(FilterTrigger):
    """`@app.secrets("shop/db-*")`: rotate this secret.

    `secret`: a name or an ARN, or a glob of either, or a list of them. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = SecretsSource
    reads: Mapping[str, str] = {"secret": "names"}

    def __init__(self, secret: str | Sequence[str], **shared: Unpack[Shared]) -> None:
        super().__init__({"secret": secret}, **shared)
        check_resources("secret", secret, "secretsmanager", marks="/_+=.@-", kind="secret:")

    def describe(self) -> str:
        """The secrets."""
        return self._named["secret"].text
