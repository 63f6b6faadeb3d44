"""The builders' events against other people's real events of the same source: the same keys, both ways."""

from __future__ import annotations

import gzip
import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.engine.classify import classify
from lambdarouter.testing.events import BUILDERS
from tests.testing.builds import leanest_and_fullest

# Nobody's events of these are among the samples.
UNSEEN = {
    "chime.sip",
    "cloudformation.hook",
    "cloudformation.macro",
    "ecs.deployment",
    "ivs.chat",
    "pipes",
    "s3.test",
    "transfer.workflow",
}
# All samples are of version 2 of the Smart Home API, which Alexa sends no longer.
OUTDATED = {"alexa.home"}

# What a sender, an API's developer or a handler names: not AWS's keys.
FREE = {
    "Attributes",
    "Keys",
    "MessageAttributes",
    "NewImage",
    "OldImage",
    "OldResourceProperties",
    "Parameters",
    "ResourceProperties",
    "_id",
    "arguments",
    "authentication",
    "authorizer",
    "body",
    "claims",
    "clientCert",
    "dataObject",
    "detail",
    "dimensions",
    "fullDocument",
    "headers",
    "messageAttributes",
    "multiValueHeaders",
    "multiValueQueryStringParameters",
    "params",
    "pathParameters",
    "promptSessionAttributes",
    "queryStringParameters",
    "query_string_parameters",
    "requestAttributes",
    "requestHeaders",
    "requestPayload",
    "resolutions",
    "responsePayload",
    "sessionAttributes",
    "stageVariables",
    "updatedFields",
    "userArguments",
    "variables",
}
# And of one source alone.
FREE_OF = {
    "alexa.skill": {"attributes"},
    "appsync.batch": {"identity", "source"},
    "appsync.events": {"payload"},
    "appsync.resolver": {"identity", "prev", "source"},
    "cognito": {"request", "response"},  # as the trigger has them: `request` is an argument
    "dynamodb": {"state"},
    "iot.one_click": {"attributes", "devices"},
    "iot.provisioning": {"parameters"},
    "iot.registry": {"attributes"},
    "kinesis": {"state"},
    "mq.activemq": {"properties"},
}
# What stands under a name of the sender's, and has AWS's keys again.
NAMED = {"datasetRecords", "records", "rmqMessagesByQueue", "slotDetails", "slots"}

HTTP_API_1 = "an HTTP API's payload format 1.0"
API_KEY = "with an API key only"
MUTUAL_TLS = "with mutual TLS only"
STRAY = "a test's own invention"
AMPLIFY = "a mapping template of Amplify's"
AS_REST = "null, or a REST API's key in a test's event"
OLD_MQ = "an earlier spelling, and its keys"
STREAMED = "while the call is streamed"
BATCH_INFO = (
    "approximateArrivalOfFirstRecord",
    "approximateArrivalOfLastRecord",
    "batchSize",
    "endSequenceNumber",
    "shardId",
    "startSequenceNumber",
    "streamArn",
)
# Keys sent and not built, each with the reason, and what is below them.
WITHHELD: dict[str, dict[str, str]] = {
    "http.rest": {
        "version": HTTP_API_1,
        "params": STRAY,
        "query": STRAY,
        "otherField": STRAY,
        "requestContext.operationName": "where the API's definition names its operations",
        "requestContext.identity.apiKey": API_KEY,
        "requestContext.identity.apiKeyId": API_KEY,
        "requestContext.identity.clientCert": MUTUAL_TLS,
        "requestContext.identity.otherField": STRAY,
        "requestContext.identity.vpceId": "private APIs",
        "requestContext.identity.vpcId": "private APIs",
    },
    "http.v2": {
        "requestContext.authentication": MUTUAL_TLS,
        "requestContext.routeId": "WebSocket APIs; in a widely copied sample",
    },
    "http.url": {"stageVariables": STRAY, "pathParameters": STRAY, "requestContext.authentication": STRAY},
    "http.alb": {"resource": STRAY, "stageVariables": STRAY, "pathParameters": STRAY, "version": STRAY},
    "http.lattice_v2": {
        "query_string_parameters": STRAY,
        "requestContext.identity.sessionName": "signed requests",
        "requestContext.identity.x509SanDns": MUTUAL_TLS,
    },
    "authorizer.request_v1": {
        "version": HTTP_API_1,
        "identitySource": HTTP_API_1,
        "authorizationToken": HTTP_API_1,
        "requestContext.identity.apiKey": API_KEY,
        "requestContext.identity.clientCert": MUTUAL_TLS,
        "requestContext.http": STRAY,
        "requestContext.routeKey": STRAY,
        "requestContext.time": STRAY,
        "requestContext.timeEpoch": STRAY,
    },
    "authorizer.request_v2": {"requestContext.authentication": MUTUAL_TLS},
    "authorizer.websocket": {"body": STRAY, "isBase64Encoded": STRAY},
    "cron.rule": {"replay-name": "replays from an archive", "ingestion-time": "EventBridge Pipes and archives"},
    "sns": {
        "Records[].Sns.SigningCertURL": "the spelling of HTTP deliveries",
        "Records[].Sns.UnsubscribeURL": "the spelling of HTTP deliveries",
    },
    "sqs": {
        "Records[].attributes.AWSTraceHeader": "with active tracing",
        "Records[].md5OfMessageAttributes": "newer than AWS's documentation",
    },
    "alarm": {
        "alarmData.configuration.metrics[].expression": "metric math",
        "alarmData.configuration.metrics[].label": "metric math",
        "alarmData.configuration.metrics[].metricStat.unit": "where the alarm names one",
    },
    "alexa.skill": {
        "context.AudioPlayer.offsetInMilliseconds": "while it plays",
        "context.AudioPlayer.token": "while it plays",
        "context.System.user.accessToken": "with account linking",
        "context.System.user.permissions": "where the user granted some",
        "session.user.accessToken": "with account linking",
        "session.user.permissions": "where the user granted some",
    },
    "analytics": {"records[].kinesisFirehoseRecordMetadata": "input from Firehose"},
    "appsync.resolver": {"fieldName": AMPLIFY, "typeName": AMPLIFY},
    "authorizer.appsync": {"requestContext.queryDocument": STRAY},
    "authorizer.iot": {"protocolData.http": "over HTTP or WebSockets"},
    "cloudfront": {
        "Records[].cf.request.body": "where the function's association includes it",
        "Records[].cf.request.origin.s3": "origins in S3",
    },
    "codepipeline": {"CodePipeline.job.data.encryptionKey": "artifacts encrypted with a key of one's own"},
    "connect": {
        "Details.ContactData.MediaStreams.Customer.Audio.StartFragmentNumber": STREAMED,
        "Details.ContactData.MediaStreams.Customer.Audio.StartTimestamp": STREAMED,
        "Details.ContactData.MediaStreams.Customer.Audio.StreamARN": STREAMED,
    },
    "dashboard": {
        "original": "the sample's own parameter",
        "widgetContext.timeRange.zoom": "while the user zooms",
    },
    "documentdb": {
        "events[].event.to": "renames",
        "events[].event.updateDescription.truncatedArrays": "newer versions of the engine",
    },
    "firehose": {
        "records[].kafkaRecordValue": "fed by Amazon MSK",
        "records[].mskRecordMetadata": "fed by Amazon MSK",
        "sourceMSKArn": "fed by Amazon MSK",
    },
    "kafka.msk": {"records.*.0": STRAY, "records.*[].valueSchemaMetadata": "with a schema registry"},
    "kinesis": {"Records[].kinesis.encryptionType": "newer than AWS's documentation"},
    "lex.v1": {
        "currentIntent.slotDetails.*.originalValue": "where Lex resolved a slot's value",
        "currentIntent.slotDetails.*.resolutions": "where Lex resolved a slot's value",
    },
    "lex.v2": {
        "proposedNextState": "where the bot has a next step of its own",
        "transcriptions[].resolvedSlots.dateofBirth": "the sample's own slot",
    },
    "mq.activemq": {
        "messages[].connectionId": OLD_MQ,
        "messages[].correlationID": OLD_MQ,
        "messages[].destination.physicalname": OLD_MQ,
        "messages[].persistent": OLD_MQ,
    },
    "s3": {
        "Records[].glacierEventData": "restored objects",
        "Records[].intelligentTieringEventData": "objects moved to an archive tier",
        "Records[].lifecycleEventData": "transitions of a lifecycle",
        "Records[].replicationEventData": "replication",
        "Records[].responseElements.xAmzId2": "the spelling of AWS's Java library",
        "Records[].responseElements.xAmzRequestId": "the spelling of AWS's Java library",
        "Records[].restoreEventData": STRAY,
        "Records[].s3.object.urlDecodedKey": "of AWS's Java library",
    },
    "s3.object_lambda": {"listObjectsContext": "version 1 of ListObjects"},
    "websocket": {
        **dict.fromkeys(("httpMethod", "path", "pathParameters", "resource", "stageVariables"), AS_REST),
        **{
            f"requestContext.{key}": AS_REST
            for key in ("accountId", "deploymentId", "domainPrefix", "httpMethod", "path", "protocol")
        },
        **{f"requestContext.{key}": AS_REST for key in ("resourceId", "resourcePath")},
        **{
            f"requestContext.{key}": "null, or of mapping templates alone"
            for key in ("error", "integrationLatency", "status")
        },
        **{
            f"requestContext.identity.{key}": AS_REST
            for key in (
                "accessKey",
                "accountId",
                "apiKey",
                "apiKeyId",
                "caller",
                "cognitoAuthenticationProvider",
                "cognitoAuthenticationType",
                "cognitoIdentityId",
                "cognitoIdentityPoolId",
                "principalOrgId",
                "user",
                "userArn",
            )
        },
    },
}
# Keys built that no sample has, with the reason.
ADDED: dict[str, dict[str, str]] = {
    "alexa.skill": {
        "request.intent.confirmationStatus": "newer than the samples",
        "request.intent.slots.*.confirmationStatus": "newer than the samples",
    },
    "appsync.batch": {
        "[].request": "the samples have the rest of the context only",
        "[].request.domainName": "the samples have the rest of the context only",
        "[].request.headers": "the samples have the rest of the context only",
    },
    "authorizer.appsync": {
        "requestContext.channel": "AppSync Events",
        "requestContext.channelNamespaceName": "AppSync Events",
        "requestContext.operation": "AppSync Events",
    },
    "authorizer.vpn": {"aws-client-version": "version 3 of the schema", "groups": "version 3 of the schema"},
    "codecommit": {"Records[].customData": "null where the trigger has none"},
    "connect": {"Details.ContactData.LanguageCode": "newer than the samples"},
    "dashboard": {"region": "an argument's own key"},
    "destination.stream": dict.fromkeys(
        ("KinesisBatchInfo", *(f"KinesisBatchInfo.{key}" for key in BATCH_INFO)),
        "a Kinesis stream's; the sample is a table's",
    ),
    "eventbridge": {"replay-name": "replays from an archive"},
    "kafka.self_managed": {"records.*[].key": "where the record has one"},
    "mq.activemq": {"messages[].correlationId": "AWS's spelling; the samples have others"},
    "s3.batch": {"job.userArguments": "schema 2.0", "tasks[].s3Bucket": "schema 2.0"},
    "sagemaker.consolidation": {"labelCategories": "newer than the sample"},
}
# Keys that all samples have, and only some of what is built.
SOMETIMES: dict[str, dict[str, str]] = {
    "appsync.events": {"events[].id": "no subscriptions", "events[].payload": "no subscriptions"},
    "authorizer.appsync": {"requestContext.operationName": "GraphQL", "requestContext.variables": "GraphQL"},
    "bedrock.function": {f"parameters[].{key}": "functions with parameters" for key in ("name", "type", "value")},
    "dashboard": {"widgetContext.params.original": "the sample's own parameter"},
    "destination": {"responseContext.functionError": "failures"},
    "destination.stream": dict.fromkeys(
        ("DDBStreamBatchInfo", *(f"DDBStreamBatchInfo.{key}" for key in BATCH_INFO)), "a table's stream"
    ),
    "s3.batch": {"tasks[].s3BucketArn": "schema 1.0"},
}


def keys(value: Any, free: set[str], path: str = "") -> Iterator[str]:
    """Every key, with those above it; the elements of a list have one path."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield f"{path}{key}"
            if key in free:
                continue
            named = each.values() if key in NAMED and isinstance(each, dict) else ()
            for below in named:
                yield from keys(below, free, f"{path}{key}.*.")
            if not named:
                yield from keys(each, free, f"{path}{key}.")
    elif isinstance(value, list):
        for each in value:
            yield from keys(each, free, f"{path[:-1]}[].")


def unpacked(event: Any) -> Any:
    """The event; of CloudWatch Logs, with what it has compressed."""
    if isinstance(event, dict) and isinstance(event.get("awslogs", {}).get("data"), str):
        return {"awslogs": {"data": json.loads(gzip.decompress(b64decode(event["awslogs"]["data"])))}}
    return event


@pytest.fixture(scope="module")
def samples(corpus: Path) -> dict[str, list[Any]]:
    """The full samples, by classified name."""
    found: dict[str, list[Any]] = {}
    for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        if entry["quality"] == "full":
            event = json.loads((corpus / entry["path"]).read_text("utf-8"))
            found.setdefault(classify(event), []).append(event)
    return found


@pytest.mark.parametrize("name", sorted(BUILDERS.keys() - UNSEEN - OUTDATED))
def test_a_builder_has_the_keys_of_real_events(name: str, samples: dict[str, list[Any]]) -> None:
    free = FREE | FREE_OF.get(name, set())
    sent = [set(keys(unpacked(event), free)) for event in samples[name]]
    built = [set(keys(unpacked(event), free)) for event in leanest_and_fullest(name)]
    withheld, sometimes = WITHHELD.get(name, {}), SOMETIMES.get(name, {})
    below = {
        key
        for key in set().union(*sent)
        if key.startswith(tuple(f"{each}{mark}" for each in withheld for mark in ".["))
    }

    assert set().union(*sent) - set().union(*built) - below == withheld.keys()
    assert set().union(*built) - set().union(*sent) == ADDED.get(name, {}).keys()
    for event in built:
        # A window may end without records.
        records = any(key.startswith("Records[]") for key in event) or "Records" not in event
        always = {key for key in set.intersection(*sent) if records or not key.startswith("Records[]")}
        assert always - withheld.keys() - below - sometimes.keys() <= event


def test_what_is_not_compared_has_no_samples(samples: dict[str, list[Any]]) -> None:
    assert UNSEEN & samples.keys() == set()
    assert not [event for name in OUTDATED for event in samples[name] if "directive" in event]
