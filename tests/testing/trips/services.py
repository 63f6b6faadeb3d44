"""What services ask a function to do."""

from __future__ import annotations

from tests.testing.trips.trip import AT, ORDER, SENT, TIME, Trip

__all__ = ["TRIPS"]


TRIPS = {
    "alarm": Trip(
        "errors",
        "OK",
        previous="ALARM",
        reason="all is well",
        time=TIME,
        reads={"name": "errors", "state": "OK", "previous_state": "ALARM", "reason": "all is well", "time": AT},
    ),
    "cloudformation": Trip(
        "Update",
        "Custom::Shelf",
        {"books": "12"},
        old_properties={"books": "11"},
        logical_id="L",
        physical_id="P",
        stack="st",
        response_url="https://example.com/put",
        reads={
            "request_type": "Update",
            "resource_type": "Custom::Shelf",
            "properties": {"books": "12"},
            "old_properties": {"books": "11"},
            "logical_id": "L",
            "physical_id": "P",
            "stack": "st",
            "response_url": "https://example.com/put",
        },
    ),
    "cloudformation.hook": Trip(
        "AWS::SQS::Queue",
        {"QueueName": "q"},
        point="DELETE_PRE_PROVISION",
        logical_id="Q",
        invocation=2,
        callback_context={"n": 1},
        reads={
            "target": "AWS::SQS::Queue",
            "properties": {"QueueName": "q"},
            "point": "DELETE_PRE_PROVISION",
            "logical_id": "Q",
            "invocation": 2,
            "callback_context": {"n": 1},
        },
    ),
    "cloudformation.macro": Trip(
        "Tagged",
        {"Type": "T"},
        {"owner": "ada"},
        template_parameters={"p": "v"},
        reads={
            "name": "Tagged",
            "fragment": {"Type": "T"},
            "parameters": {"owner": "ada"},
            "template_parameters": {"p": "v"},
        },
    ),
    "codedeploy": Trip("d-1", reads={"deployment_id": "d-1"}),
    "codepipeline": Trip(
        ORDER,
        function="f",
        continuation_token="c",
        reads={"parameters": SENT, "function": "f", "continuation_token": "c"},
    ),
    "cognito": Trip(
        "TokenGeneration_Authentication",
        {"scopes": ["s"]},
        user="zoe",
        attributes={"custom:a": "b"},
        pool="eu-west-1_p",
        client="c",
        version="2",
        reads={
            "trigger_source": "TokenGeneration_Authentication",
            "scopes": ["s"],
            "user_name": "zoe",
            lambda record: record.user_attributes["custom:a"]: "b",
            "user_pool_id": "eu-west-1_p",
            "client_id": "c",
            "version": "2",
        },
    ),
    "cognito.sync": Trip(
        "settings",
        {"volume": "11"},
        reads={"dataset": "settings", lambda record: record.records["volume"]["newValue"]: "11"},
    ),
    "config": Trip(
        "encrypted",
        {"resourceId": "b"},
        {"kms": "true"},
        left_scope=True,
        reads={
            "rule": "encrypted",
            lambda record: record.item["resourceId"]: "b",
            "parameters": {"kms": "true"},
            "left_scope": True,
        },
    ),
    "cron.rule": Trip(TIME, rule="nightly", reads={"time": AT, "rule": "nightly"}),
    "cron.scheduler": Trip(TIME, schedule="office/nightly", reads={"time": AT, "rule": "office/nightly"}),
    "dashboard": Trip(
        "shop",
        {"region": "eu"},
        title="Orders",
        forms={"f": "v"},
        reads={"dashboard": "shop", "parameters": {"region": "eu"}, "title": "Orders", "forms": {"f": "v"}},
    ),
    "ecs.deployment": Trip("PRE_SCALE_UP", {"a": 1}, reads={"stage": "PRE_SCALE_UP", "details": {"a": 1}}),
    "iot.button": Trip("LONG", serial="G1", reads={"click": "LONG", "serial_number": "G1"}),
    "iot.one_click": Trip(
        "LONG", device="D", placement="hall", reads={"click": "LONG", "device_id": "D", "placement": "hall"}
    ),
    "iot.provisioning": Trip("sensors", {"a": "b"}, reads={"template": "sensors", "parameters": {"a": "b"}}),
    "iot.registry": Trip("lamp", "DELETED", reads={"thing_name": "lamp", "operation": "DELETED"}),
    "s3.object_lambda": Trip(
        "HEAD",
        "report.txt",
        access_point="redacted",
        reads={
            "operation": "HEAD",
            lambda record: "/report.txt" in record.url: True,
            lambda record: record.access_point.rpartition("/")[2]: "redacted",
        },
    ),
    "sagemaker.consolidation": Trip("reviews", "s3://b/k", reads={"job": "reviews", "s3_uri": "s3://b/k"}),
    "sagemaker.prehuman": Trip("reviews", {"source": "s"}, reads={"job": "reviews", "data_object": {"source": "s"}}),
    "secrets": Trip(
        "testSecret",
        "shop/db",
        token="t",
        rotation_token="r",
        reads={"step": "test", "secret": "shop/db", "token": "t", "rotation_token": "r"},
    ),
    "transfer.workflow": Trip(
        "in/a.csv",
        bucket="b",
        username="zoe",
        workflow="w-1",
        reads={"key": "in/a.csv", "bucket": "b", "username": "zoe", "workflow": "w-1"},
    ),
    "workmail": Trip(
        "a@example.com",
        "b@example.com",
        sender="zoe@example.com",
        subject="Hi",
        direction="OUTBOUND",
        reads={
            "recipients": ["a@example.com", "b@example.com"],
            "sender": "zoe@example.com",
            "subject": "Hi",
            "direction": "OUTBOUND",
        },
    ),
}
