"""What AWS lets an argument of an event builder be: the domains that its type does not tell.

`domain(build, parameter, hint, drawn)` is the strategy of one argument, or None where the default stays: a text that is
the trigger's own set-up (an account, a stage) does, and says no more than the other of its kind.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from inspect import Parameter
from typing import Any, Literal, get_origin
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lambdarouter.testing import events
from lambdarouter.testing.events.common import json_text
from lambdarouter.testing.values import HALVES, JSON, TEXT, of_shape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    Drawn: TypeAlias = Mapping[str, Any]
    # A strategy, or what makes one of the arguments that are there already.
    Domain: TypeAlias = SearchStrategy[Any] | Callable[[Drawn], SearchStrategy[Any]]

__all__ = ["domain", "filled", "pairs"]


def _one_of(*values: Any) -> SearchStrategy[Any]:
    return st.sampled_from(values)


def _optional(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.none() | strategy


def _map(values: SearchStrategy[Any], names: SearchStrategy[str] | None = None) -> SearchStrategy[dict[str, Any]]:
    return st.dictionaries(NAME if names is None else names, values, max_size=3)


NAME = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}", fullmatch=True)
_PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=40)
_SOME_TEXT = st.text(min_size=1, max_size=100)
_SEGMENT = st.text(min_size=1, max_size=20).map(lambda text: quote(text, safe=""))
_PATH = st.lists(_SEGMENT, max_size=4).map(lambda segments: "/" + "/".join(segments))
_METHOD = _one_of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_TIME = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - as hypothesis wants its limits
_ADDRESS = st.emails(domains=_one_of("example.com", "example.org"))
_TOKEN = st.from_regex(r"[A-Za-z0-9-]{1,20}", fullmatch=True)
_MANY_OR_ONE = _PRINTABLE | st.lists(_PRINTABLE, min_size=1, max_size=3)
_HEADERS = _optional(
    st.builds(
        lambda some, known: {**some, **known},
        st.dictionaries(_TOKEN.map("X-{}".format), _MANY_OR_ONE, max_size=3),
        st.fixed_dictionaries({}, optional={"Authorization": _PRINTABLE, "Accept": _one_of("*/*", "text/html;q=0.5")}),
    )
)
_TEXTS = _map(TEXT)
_VERDICT = _one_of("PASS", "FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED")
_NUMBER = st.integers(-(10**37), 10**37) | st.decimals(-(10**20), 10**20, places=3)
_ATTRIBUTES = _optional(_map(TEXT | _NUMBER | st.binary(max_size=20)))
_DOCUMENT = _map(JSON, TEXT)


def payloads(binary: bool) -> SearchStrategy[Any]:  # noqa: FBT001 - one of two
    """What a sender may have written: any JSON, text that is none, halves of surrogate pairs, and bytes."""
    return JSON | HALVES | TEXT | st.binary() if binary else JSON | HALVES | TEXT


def filled(template: str) -> SearchStrategy[str]:
    """A path with text in place of each `{parameter}`."""
    ends = template.split("{")
    rest = [end.partition("}")[2] for end in ends[1:]]
    return st.tuples(*[_SEGMENT] * len(rest)).map(
        lambda texts: ends[0] + "".join(text + after for text, after in zip(texts, rest, strict=True))
    )


def pairs(item: SearchStrategy[Any], drawn: Drawn) -> SearchStrategy[Any]:
    """An item before and after a change: of one key, and there at least once. A pair is taken as it is."""
    keys = drawn.get("keys", ("id",))

    def change(new: Any) -> SearchStrategy[Any]:
        if isinstance(new, tuple):
            return st.just(new)
        before = item.map(lambda old: {**old, **{key: new[key] for key in keys}})
        return _one_of((None, new), (new, None)) | before.map(lambda old: (old, new))

    return item.flatmap(change)


def _changes(drawn: Drawn) -> SearchStrategy[Any]:
    return pairs(_item(tuple(drawn.get("keys", ("id",)))), drawn)


@cache
def _item(keys: tuple[str, ...]) -> SearchStrategy[dict[str, Any]]:
    key = st.text(min_size=1, max_size=20) | _NUMBER
    sets = st.sets(TEXT, min_size=1, max_size=3) | st.sets(st.binary(max_size=9), min_size=1, max_size=3)
    scalar = st.none() | st.booleans() | _NUMBER | TEXT | st.binary(max_size=20) | sets
    value = st.recursive(scalar, lambda inner: st.lists(inner, max_size=3) | _map(inner), max_leaves=5)
    own = st.fixed_dictionaries(dict.fromkeys(keys, key))
    return st.builds(lambda rest, keyed: {**rest, **keyed}, _map(value), own)


def _each(records: str, one: SearchStrategy[Any]) -> Callable[[Drawn], SearchStrategy[Any]]:
    """One for all records, or one for each."""

    def made(drawn: Drawn) -> SearchStrategy[Any]:
        count = len(drawn[records])
        return one | st.lists(one, min_size=count, max_size=count)

    return made


def _groups(drawn: Drawn) -> SearchStrategy[Any]:
    groups = _each("bodies", NAME)(drawn)
    return groups if drawn["queue"].endswith(".fifo") else _optional(groups)


def _body(drawn: Drawn) -> SearchStrategy[Any]:
    return st.none() if drawn.get("json") is not None else _optional(TEXT | HALVES | JSON.map(json_text) | st.binary())


# Of parameters that have no default, and of those whose default is None or a time.
_BY_NAME: dict[str, Domain] = {
    "arguments": _optional(_DOCUMENT),
    "body": _body,
    "channel": st.lists(NAME, min_size=1, max_size=3).map(lambda names: "/" + "/".join(names)),
    "cookies": _optional(st.dictionaries(_TOKEN, _TOKEN, max_size=3)),
    "headers": _HEADERS,
    "json": st.none(),
    "key": st.text(min_size=1, max_size=100),
    "method": _METHOD,
    "path": _PATH,
    "query": _optional(st.dictionaries(TEXT, TEXT | st.lists(TEXT, min_size=1, max_size=3), max_size=3)),
    "recipients": _ADDRESS,
    "slots": _optional(_map(_optional(TEXT))),
    "stage_variables": _optional(_TEXTS),
    "time": _TIME,
    "token": _PRINTABLE,
    "username": _SOME_TEXT,
}
# What says how a trigger is set up, or would make a reply travel: nothing that comes from outside.
_SET_UP = {"authorizer", "control", "final", "iam", "identity", "keys", "replay", "response_url", "state", "view_type"}

_CLICK: dict[str, Domain] = {"click": _one_of("SINGLE", "DOUBLE", "LONG")}
_CONFIRMATION = _one_of("None", "Confirmed", "Denied")
_LEX: dict[str, Domain] = {
    "invocation": _one_of("DialogCodeHook", "FulfillmentCodeHook"),
    "confirmation": _CONFIRMATION,
    "session": _optional(_TEXTS),
}
_KAFKA: dict[str, Domain] = {
    "values": _optional(payloads(binary=True)),
    "key": _each("values", _optional(TEXT | st.binary())),
    "partition": _each("values", st.integers(0, 3)),
    "headers": _optional(_map(TEXT | st.binary(max_size=20))),
}
_STATES = _one_of("OK", "ALARM", "INSUFFICIENT_DATA")
_S3: dict[str, Domain] = {"size": st.integers(0, 5 * 2**40), "version_id": _optional(NAME)}

_BY_BUILDER: dict[Callable[..., Any], dict[str, Domain]] = {
    events.alarm: {"state": _STATES, "previous": _STATES, "reason": TEXT},
    events.alexa: {
        "request": _one_of("LaunchRequest", "SessionEndedRequest"),
        "confirmation": _one_of("NONE", "CONFIRMED", "DENIED"),
        "locale": _one_of("en-US", "es-ES", "de-DE"),
    },
    events.alexa_home: {"namespace": NAME.map("Alexa.{}".format)},
    events.analytics: {"data": payloads(binary=True), "stream": _optional(NAME), "retry_hint": st.integers(0, 1000)},
    events.appsync.batch: {"sources": _optional(_DOCUMENT)},
    events.appsync.resolver: {
        "source": _optional(_DOCUMENT),
        "user": _optional(NAME),
        "headers": _optional(_map(_PRINTABLE)),
        "selection": st.lists(NAME, max_size=3),
    },
    events.appsync_authorizer: {"channel": st.none() | st.just("/orders/new")},
    events.authorizer.token: {"token": _PRINTABLE},
    events.bedrock: {"path": _one_of("/orders", "/orders/{orderId}"), "body": _optional(_DOCUMENT)},
    events.chime_sip: {
        "event_type": _one_of("NEW_INBOUND_CALL", "RINGING", "ACTION_SUCCESSFUL", "ACTION_FAILED", "HANGUP"),
        "attributes": _optional(_TEXTS),
    },
    events.cloudformation: {"resource_type": NAME.map("Custom::{}".format), "physical_id": _optional(NAME)},
    events.cloudformation_hook: {
        "target": _one_of("AWS::S3::Bucket", "AWS::SQS::Queue", "STACK", "CHANGE_SET"),
        "point": _one_of("CREATE_PRE_PROVISION", "UPDATE_PRE_PROVISION", "DELETE_PRE_PROVISION"),
        "invocation": st.integers(1, 100),
    },
    events.cloudformation_macro: {"fragment": _DOCUMENT},
    events.cloudfront: {
        "event_type": _one_of("viewer-request", "origin-request", "origin-response", "viewer-response"),
        "uri": _PATH,
        "method": _METHOD,
        "querystring": _PRINTABLE,
        "headers": _optional(st.dictionaries(_TOKEN, _PRINTABLE, max_size=3)),
        "status": st.integers(200, 599),
    },
    events.codecommit: {"refs": NAME.map("refs/heads/{}".format)},
    events.codepipeline: {"parameters": _optional(payloads(binary=False)), "continuation_token": _optional(NAME)},
    events.cognito: {
        "trigger_source": _one_of(
            "PreSignUp_SignUp",
            "PreSignUp_AdminCreateUser",
            "PostConfirmation_ConfirmSignUp",
            "PreAuthentication_Authentication",
            "PostAuthentication_Authentication",
            "CustomMessage_ForgotPassword",
            "DefineAuthChallenge_Authentication",
            "CreateAuthChallenge_Authentication",
            "VerifyAuthChallengeResponse_Authentication",
            "TokenGeneration_HostedAuth",
            "UserMigration_Authentication",
        ),
        "request": st.none(),
        "attributes": _optional(_TEXTS),
    },
    events.cognito_sync: {"records": _TEXTS},
    events.config: {
        "item": _optional(st.fixed_dictionaries({}, optional={"resourceId": NAME, "tags": _TEXTS})),
        "parameters": _optional(_TEXTS),
    },
    events.connect: {"channel": _one_of("VOICE", "CHAT", "TASK"), "queue": _optional(NAME)},
    events.connect_campaign: {"profiles": _DOCUMENT},
    events.dashboard: {"parameters": _optional(_map(JSON)), "forms": _optional(_map(JSON))},
    events.destination: {
        "payload": JSON,
        "response": JSON,
        "condition": _one_of("Success", "RetriesExhausted", "EventAgeExceeded"),
    },
    events.destination_stream: {"size": st.integers(1, 10_000)},
    events.documentdb: {
        "documents": st.builds(lambda rest, id_: {**rest, "_id": id_}, _DOCUMENT, JSON),
        "update": st.none(),
    },
    events.dynamodb: {"changes": _changes, "principal": _optional(st.just("dynamodb.amazonaws.com"))},
    events.ecs_deployment: {"stage": _one_of("PRE_SCALE_UP", "POST_SCALE_UP", "POST_TEST_TRAFFIC_SHIFT")},
    events.eventbridge: {
        "source": NAME.map("shop.{}".format),
        "detail_type": _SOME_TEXT,
        "detail": _DOCUMENT,
        "resources": st.lists(NAME.map("arn:aws:s3:::{}".format), max_size=2),
    },
    events.firehose: {"data": payloads(binary=True), "partition_key": _optional(_SOME_TEXT)},
    events.iot.button: _CLICK,
    events.iot.one_click: _CLICK,
    events.iot.registry: {"operation": _one_of("CREATED", "UPDATED", "DELETED")},
    events.ivs_chat: {"content": _SOME_TEXT},
    events.kafka.msk: _KAFKA,
    events.kafka.self_managed: _KAFKA,
    events.kinesis: {"data": payloads(binary=True), "partition_key": _each("data", _SOME_TEXT)},
    events.lex.v1: _LEX,
    events.lex.v2: _LEX,
    events.logs: {"messages": payloads(binary=False), "extracted": _optional(_TEXTS)},
    events.mq.activemq: {"messages": payloads(binary=True), "properties": _optional(_map(TEXT | st.integers()))},
    events.mq.rabbitmq: {
        "messages": payloads(binary=True),
        "headers": _optional(_map(TEXT | st.integers(-(2**63), 2**63 - 1))),
    },
    events.s3.notification: {
        "keys": _SOME_TEXT,
        "event": _one_of("ObjectCreated:Put", "ObjectCreated:Copy", "ObjectRemoved:Delete", "ObjectRestore:Completed"),
        **_S3,
    },
    events.s3.eventbridge: {"detail_type": _one_of("Object Created", "Object Deleted"), **_S3},
    events.s3_batch: {"keys": _SOME_TEXT, "version_id": _optional(NAME), "arguments": _optional(_TEXTS)},
    events.sagemaker.consolidation: {"s3_uri": NAME.map("s3://example/{}".format)},
    events.sagemaker.prehuman: {"data_object": _DOCUMENT},
    events.secrets: {"token": _optional(NAME), "rotation_token": _optional(NAME)},
    events.ses: {
        "recipients": _ADDRESS | st.lists(_ADDRESS, min_size=1, max_size=3, unique=True),
        "sender": _ADDRESS | _ADDRESS.map("Ada Byron <{}>".format),
        "subject": _optional(TEXT),
        **dict.fromkeys(("spam", "virus", "spf", "dkim", "dmarc"), _VERDICT),
        "dmarc_policy": _one_of("none", "quarantine", "reject"),
        "invocation_type": _one_of("RequestResponse", "Event"),
    },
    events.sns: {
        "messages": payloads(binary=False),
        "subject": _optional(_PRINTABLE),
        "attributes": _optional(_map(TEXT | _NUMBER | st.binary(max_size=20) | st.lists(TEXT | _NUMBER, max_size=3))),
    },
    events.sqs: {
        "bodies": payloads(binary=False),
        "attributes": _ATTRIBUTES,
        "group": _groups,
        "receive_count": st.integers(1, 1000),
        "dead_letter_source": _optional(NAME),
    },
    events.transfer_authorizer: {"protocol": _one_of("SFTP", "FTPS", "FTP"), "username": NAME},
    events.vpn_authorizer: {"username": NAME, "platform": _one_of("linux", "win", "mac")},
    events.websocket: {
        "route_key": _one_of("$connect", "$disconnect", "$default"),
        "message": payloads(binary=True),
        "connection": NAME,
    },
    events.workmail: {"sender": _ADDRESS, "direction": _one_of("INBOUND", "OUTBOUND")},
}


def domain(build: Callable[..., Any], parameter: Parameter, hint: Any, drawn: Drawn) -> SearchStrategy[Any] | None:
    """What this argument may be beside those that are there; None: its default."""
    name, default = parameter.name, parameter.default
    found = _BY_BUILDER.get(build, {}).get(name)
    if found is None:
        is_said = isinstance(default, str) and default and get_origin(hint) is not Literal
        if is_said or name in _SET_UP or parameter.kind is Parameter.VAR_KEYWORD:
            return None
        found = _BY_NAME[name] if name in _BY_NAME else _by_type(parameter, hint)
    return found if isinstance(found, SearchStrategy) else found(drawn)


def _by_type(parameter: Parameter, hint: Any) -> SearchStrategy[Any]:
    if isinstance(parameter.default, int) and not isinstance(parameter.default, bool):
        return st.integers(0, 2**53)
    if hint is str and parameter.default is Parameter.empty:
        return NAME
    return of_shape(hint)
