"""A zip of an app, driven by an emulator of AWS: the right handler runs the right number of times.

The emulator has no Docker here and runs the function in a process of its own, with its own Python. What it cannot show:
permissions, throttling, real timeouts, retries of asynchronous invocations after a delay, and dead-letter queues of
streams; its event source mappings for streams retry a failed batch without end.
"""

from __future__ import annotations

import importlib.util
import io
import json
import time
import urllib.error
import urllib.request
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.testing.events import sns

ROOT = Path(__file__).parents[2]
# Of what the app imports at run time, all is Python: it runs in whatever interpreter the emulator has.
PACKAGES = ["lambdarouter", "anyio", "idna", "sniffio", "typing_extensions", "structlog"]
SECONDS = 60.0


def packed() -> bytes:
    """The app and all that it imports."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.write(Path(__file__).with_name("app.py"), "app.py")
        for package in PACKAGES:
            spec = importlib.util.find_spec(package)
            if spec is None:
                continue
            assert spec.origin is not None
            base = Path(spec.origin)
            files = [base] if base.name != "__init__.py" else sorted(base.parent.rglob("*.py"))
            root = base.parent if base.name != "__init__.py" else base.parent.parent
            for file in files:
                archive.write(file, str(file.relative_to(root)))
    return buffer.getvalue()


class Cloud:
    """The emulator's services, the function, and the calls it has noted."""

    def __init__(self, endpoint: str, calls: Path) -> None:
        self.endpoint = endpoint
        self._calls = calls
        self.function = "monolith"
        code = {"ZipFile": packed()}
        self.arn: str = self.client("lambda").create_function(
            FunctionName=self.function,
            Runtime="python3.12",
            Role="arn:aws:iam::123456789012:role/lambda",
            Handler="app.handler",
            Code=code,
            Timeout=20,
            MemorySize=512,
            Environment={"Variables": {"CALLS": str(calls)}},
        )["FunctionArn"]
        # A cold start is longer than the queues' visibility timeouts.
        self.client("lambda").get_waiter("function_active_v2").wait(FunctionName=self.function)
        self.client("lambda").invoke(FunctionName=self.function, Payload=json.dumps(sns("news", "warm")))

    def client(self, service: str) -> Any:
        import boto3

        client: Any = boto3.client  # the stubs want to know the service
        # In the account that requests without credentials belong to: those to the API and to the function URL.
        account = {"aws_access_key_id": "test", "aws_secret_access_key": "none"}
        return client(service, endpoint_url=self.endpoint, region_name="eu-west-1", **account)

    def map(self, source: str, **options: Any) -> None:
        """Let an event source mapping call the function."""
        self.client("lambda").create_event_source_mapping(
            EventSourceArn=source,
            FunctionName=self.function,
            FunctionResponseTypes=["ReportBatchItemFailures"],
            **options,
        )

    def calls(self, kind: str) -> list[str]:
        """What was noted of a kind, in order."""
        lines = self._calls.read_text("utf-8").splitlines() if self._calls.exists() else []
        return [line.partition(" ")[2] for line in lines if line.startswith(f"{kind} ")]

    def wait(self, kind: str, done: Callable[[list[str]], bool]) -> list[str]:
        """The calls of a kind, once they are done and a moment has brought no more."""
        until = time.monotonic() + SECONDS
        while not done(self.calls(kind)):
            assert time.monotonic() < until, (kind, self.calls(kind))
            time.sleep(0.1)
        time.sleep(0.5)
        return self.calls(kind)

    def queue(self, name: str, **attributes: str) -> tuple[str, str]:
        """A queue's URL and ARN."""
        client = self.client("sqs")
        url: str = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        arn: str = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return url, arn

    def get(self, url: str, **headers: str) -> tuple[int, Any]:
        """An HTTP request's status and body."""
        request = urllib.request.Request(url, headers=headers)  # noqa: S310 - the emulator's
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                return error.code, None


@pytest.fixture(scope="module")
def cloud(ministack: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    cloud = Cloud(ministack, tmp_path_factory.mktemp("calls") / "calls")
    yield cloud
    client = cloud.client("lambda")
    for mapping in client.list_event_source_mappings(FunctionName=cloud.function)["EventSourceMappings"]:
        client.delete_event_source_mapping(UUID=mapping["UUID"])
    client.delete_function(FunctionName=cloud.function)


def test_failed_messages_come_again_and_end_in_the_dead_letter_queue_and_the_others_run_once(cloud: Cloud) -> None:
    dead, dead_arn = cloud.queue("jobs-dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "2"})
    jobs, arn = cloud.queue("jobs", VisibilityTimeout="3", RedrivePolicy=redrive)
    client = cloud.client("sqs")
    bodies = ["a", "bad-1", "b", "c", "bad-2"]
    client.send_message_batch(QueueUrl=jobs, Entries=[{"Id": f"m{n}", "MessageBody": b} for n, b in enumerate(bodies)])
    cloud.map(arn, BatchSize=10)

    found: dict[str, int] = {}
    until = time.monotonic() + SECONDS
    while len(found) < 2 and time.monotonic() < until:
        for message in client.receive_message(QueueUrl=dead, MaxNumberOfMessages=10).get("Messages", []):
            found[message["Body"]] = 1
        time.sleep(0.2)
    assert sorted(found) == ["bad-1", "bad-2"]
    assert Counter(cloud.calls("sqs")) == {"a": 1, "b": 1, "c": 1, "bad-1": 2, "bad-2": 2}


def test_the_groups_of_a_fifo_queue_run_in_order(cloud: Cloud) -> None:
    url, arn = cloud.queue("ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    client = cloud.client("sqs")
    for number in range(12):
        client.send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="ab"[number % 2])
    cloud.map(arn, BatchSize=10)
    calls = cloud.wait("fifo", lambda calls: len(calls) >= 12)
    assert [int(line[2:]) for line in calls if line[0] == "a"] == [0, 2, 4, 6, 8, 10]
    assert [int(line[2:]) for line in calls if line[0] == "b"] == [1, 3, 5, 7, 9, 11]


def test_a_notification_of_a_topic_runs_its_handler_once(cloud: Cloud) -> None:
    client = cloud.client("sns")
    topic = client.create_topic(Name="news")["TopicArn"]
    client.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=cloud.arn)
    client.publish(TopicArn=topic, Message="hello")
    assert cloud.wait("sns", lambda calls: len(calls) >= 2) == ["warm", "hello"]


def test_an_object_runs_the_handler_whose_filter_it_fits(cloud: Cloud) -> None:
    client = cloud.client("s3")
    client.create_bucket(Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client.put_bucket_notification_configuration(
        Bucket="uploads",
        NotificationConfiguration={
            "LambdaFunctionConfigurations": [{"LambdaFunctionArn": cloud.arn, "Events": ["s3:ObjectCreated:*"]}]
        },
    )
    client.put_object(Bucket="uploads", Key="no.jpg", Body=b"x")
    client.put_object(Bucket="uploads", Key="summer holiday+1.txt", Body=b"x")
    assert cloud.wait("s3", lambda calls: len(calls) >= 1) == ["summer holiday+1.txt"]


def test_an_object_comes_through_a_topic_and_a_queue(cloud: Cloud) -> None:
    s3, sns = cloud.client("s3"), cloud.client("sns")
    _, arn = cloud.queue("scans-queue")
    topic = sns.create_topic(Name="scans")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    cloud.map(arn)
    s3.create_bucket(Bucket="scans", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    configuration = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="scans", NotificationConfiguration=configuration)
    s3.put_object(Bucket="scans", Key="page 1.pdf", Body=b"x")
    assert cloud.wait("s3-sns-sqs", lambda calls: len(calls) >= 1) == ["page 1.pdf"]


def test_an_event_of_a_bus_runs_the_handler_that_names_it(cloud: Cloud) -> None:
    client = cloud.client("events")
    client.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop.orders"]}))
    client.put_targets(Rule="orders", Targets=[{"Id": "1", "Arn": cloud.arn}])
    entry = {"Source": "shop.orders", "DetailType": "OrderPlaced", "Detail": json.dumps({"id": 17})}
    client.put_events(Entries=[entry])
    assert cloud.wait("eventbridge", lambda calls: len(calls) >= 1) == ["17"]


def test_the_changes_of_a_table_run_once_each_and_a_declined_one_holds_up_nothing(cloud: Cloud) -> None:
    client = cloud.client("dynamodb")
    stream = client.create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )["TableDescription"]["LatestStreamArn"]
    cloud.map(stream, StartingPosition="TRIM_HORIZON")
    client.put_item(TableName="orders", Item={"id": {"S": "x"}, "n": {"N": "1"}})
    client.delete_item(TableName="orders", Key={"id": {"S": "x"}})  # which the route's filter declines
    client.put_item(TableName="orders", Item={"id": {"S": "y"}, "n": {"N": "2"}})
    client.put_item(TableName="orders", Item={"id": {"S": "y"}, "n": {"N": "3"}})
    calls = cloud.wait("dynamodb", lambda calls: len(calls) >= 3)
    assert sorted(calls) == ["INSERT x 1", "INSERT y 2", "MODIFY y 3"]
    assert calls.index("INSERT y 2") < calls.index("MODIFY y 3")


def test_the_records_of_a_stream_run_in_order_of_their_key(cloud: Cloud) -> None:
    client = cloud.client("kinesis")
    client.create_stream(StreamName="clicks", ShardCount=1)
    client.get_waiter("stream_exists").wait(StreamName="clicks", WaiterConfig={"Delay": 1})
    arn = client.describe_stream(StreamName="clicks")["StreamDescription"]["StreamARN"]
    cloud.map(arn, StartingPosition="TRIM_HORIZON")
    for number in range(6):
        client.put_record(StreamName="clicks", Data=str(number).encode(), PartitionKey="ab"[number % 2])
    calls = cloud.wait("kinesis", lambda calls: len(calls) >= 6)
    assert [line for line in calls if line[0] == "a"] == ["a 0", "a 2", "a 4"]
    assert [line for line in calls if line[0] == "b"] == ["b 1", "b 3", "b 5"]


def test_an_http_api_asks_the_authorizer_first_and_a_function_url_the_guard(cloud: Cloud) -> None:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="shop", ProtocolType="HTTP")
    integration = client.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=cloud.arn, PayloadFormatVersion="2.0"
    )["IntegrationId"]
    uri = f"arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{cloud.arn}/invocations"
    authorizer = client.create_authorizer(
        ApiId=api["ApiId"],
        Name="session",
        AuthorizerType="REQUEST",
        AuthorizerUri=uri,
        IdentitySource=["$request.header.Authorization"],
        AuthorizerPayloadFormatVersion="2.0",
        EnableSimpleResponses=True,
        AuthorizerResultTtlInSeconds=0,
    )["AuthorizerId"]
    for path, guard in (("/private", {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer}), ("/public", {})):
        client.create_route(ApiId=api["ApiId"], RouteKey=f"GET {path}", Target=f"integrations/{integration}", **guard)
    client.create_stage(ApiId=api["ApiId"], StageName="$default", AutoDeploy=True)
    at = f"{cloud.endpoint}/_aws/execute-api/{api['ApiId']}/$default"

    assert cloud.get(f"{at}/public")[0] == 200
    assert cloud.get(f"{at}/private")[0] == 401
    assert cloud.get(f"{at}/private", Authorization="Bearer no")[0] == 403
    assert cloud.calls("http") == ["public"]
    status, body = cloud.get(f"{at}/private", Authorization="Bearer ok")
    assert (status, body) == (200, {"hello": "ada"})
    assert cloud.calls("http") == ["public", "private"]
    # The guard ran where the gateway asked, and not again in the process.
    assert cloud.calls("authorizer") == ["Bearer no", "Bearer ok"]

    config = cloud.client("lambda").create_function_url_config(FunctionName=cloud.function, AuthType="NONE")
    url = f"{cloud.endpoint}/_aws/lambda-url/{config['FunctionUrl'].split('//')[1].partition('.')[0]}"
    assert cloud.get(f"{url}/public")[0] == 200
    assert cloud.get(f"{url}/private")[0] in (401, 403)
    assert cloud.get(f"{url}/private", Authorization="Bearer ok") == (200, {"hello": "ada"})
    assert cloud.calls("http") == ["public", "private", "public", "private"]
