"""What is DynamoDB's own: tables, conditions, lazy deletion, answers that get lost."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from lambdarouter import ConfigurationError
from lambdarouter.core.store import new_owner
from lambdarouter.stores.dynamodb import DynamoDbStore
from tests.servers import REGION, aws_client
from tests.stores.kinds import TABLE, Clock, dynamodb_place

LONG = 3600.0


@pytest.fixture
def client(ministack: str) -> Any:
    return aws_client("dynamodb", dynamodb_place(ministack))


def test_a_table_of_the_definition_has_the_key_and_the_time_to_live(client: Any) -> None:
    name = f"made-{new_owner()}"
    store = DynamoDbStore(name, client=client)

    client.create_table(**store.table_definition)
    client.update_time_to_live(**store.time_to_live)

    table = client.describe_table(TableName=name)["Table"]
    assert table["KeySchema"] == [{"AttributeName": "key", "KeyType": "HASH"}]
    described = client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert (described["AttributeName"], described["TimeToLiveStatus"]) == ("expires", "ENABLED")
    assert store.acquire("key", "ada", LONG) is None
    assert store.acquire("key", "bob", LONG) is not None


def test_a_table_that_exists_keeps_its_names_and_its_other_items(client: Any) -> None:
    name = f"shop-{new_owner()}"
    store = DynamoDbStore(name, key="pk", sort_key="sk", expires="ttl", prefix="once#", client=client)
    client.create_table(**store.table_definition)
    order = {"pk": {"S": "once#key"}, "sk": {"S": "order"}}
    client.put_item(TableName=name, Item=order)

    assert store.acquire("key", "ada", LONG, "mark") is None
    assert store.finish("key", "ada", LONG, "mark", b"reply")
    assert store.swap("key", None, "09:00")
    assert store.read("key") == "09:00"
    entry = store.acquire("key", "bob", LONG)

    assert entry is not None
    assert (entry.done, entry.value) == (True, b"reply")
    items = client.scan(TableName=name)["Items"]
    assert sorted((item["pk"]["S"], item["sk"]["S"]) for item in items) == [
        ("once#key", "lambdarouter"),
        ("once#key", "order"),
        ("once#note:key", "lambdarouter"),
    ]
    assert order in items


def test_an_expired_item_that_is_still_there_is_in_nobodys_way(client: Any) -> None:
    clock, key = Clock(), new_owner()
    store = DynamoDbStore(TABLE, client=client, clock=clock)
    store.acquire(key, "ada", LONG)
    clock.ahead = LONG - 1
    assert store.acquire(key, "bob", LONG) is not None

    clock.ahead = LONG + 0.01

    item = client.get_item(TableName=TABLE, Key={"key": {"S": key}})["Item"]
    assert item["owner"] == {"S": "ada"}
    assert store.acquire(key, "bob", LONG) is None


def test_an_item_is_never_deleted_before_its_time(client: Any) -> None:
    key = new_owner()
    store = DynamoDbStore(TABLE, client=client, clock=lambda: 1_700_000_000.25)
    store.acquire(key, "ada", 10.5)

    item = client.get_item(TableName=TABLE, Key={"key": {"S": key}})["Item"]

    assert item["until"] == {"N": "1700000010750"}
    assert item["expires"] == {"N": "1700000011"}


class Deaf:
    """A client whose first answer to a write gets lost, so that it writes again, as boto3 does."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def twice(**request: Any) -> Any:
            if name in ("put_item", "delete_item"):
                method(**request)
            return method(**request)

        return twice


def test_a_write_whose_answer_was_lost_is_repeated_without_harm(client: Any) -> None:
    store, other, key = DynamoDbStore(TABLE, client=Deaf(client)), DynamoDbStore(TABLE, client=client), new_owner()

    assert store.acquire(key, "ada", LONG) is None
    store.release(key, "ada")
    assert store.acquire(key, "ada", LONG) is None
    assert store.finish(key, "ada", LONG, "", b"reply")
    entry = other.acquire(key, "bob", LONG)
    assert entry is not None
    assert entry.value == b"reply"
    assert store.swap(key, None, "09:00")
    assert store.swap(key, "09:00", "10:00")
    assert other.read(key) == "10:00"


def test_each_step_is_one_request(client: Any) -> None:
    requests: list[str] = []
    client.meta.events.register("before-call.dynamodb", lambda model, **_: requests.append(model.name))
    store, key = DynamoDbStore(TABLE, client=client), new_owner()

    store.acquire(key, "ada", LONG)
    store.acquire(key, "bob", LONG)
    store.finish(key, "ada", LONG)
    store.release(key, "ada")
    store.swap(key, None, "09:00")
    store.swap(key, None, "10:00")
    store.read(key)

    assert requests == ["PutItem", "PutItem", "PutItem", "DeleteItem", "PutItem", "PutItem", "GetItem"]


def test_an_error_of_another_kind_is_the_clients(client: Any) -> None:
    store = DynamoDbStore("no-such-table", client=client)
    for step in (
        lambda: store.acquire("key", "ada", LONG),
        lambda: store.finish("key", "ada", LONG),
        lambda: store.release("key", "ada"),
        lambda: store.read("key"),
        lambda: store.swap("key", None, ""),
    ):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            step()


def test_without_a_client_one_is_made_that_does_not_wait_for_ever(
    ministack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dynamodb_place(ministack)
    for name, value in {
        "AWS_ENDPOINT_URL_DYNAMODB": ministack,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "123456789012",
        "AWS_SECRET_ACCESS_KEY": "none",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # it may have been made with other credentials
    store, key = DynamoDbStore(TABLE), new_owner()

    assert store.acquire(key, "ada", LONG) is None
    assert store.acquire(key, "bob", LONG) is not None
    config = store._connected().meta.config
    assert config.max_pool_connections == 50
    assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (2, 2, 3)


@pytest.mark.parametrize(
    "names",
    [
        {"key": "owner"},
        {"key": "pk", "sort_key": "value"},
        {"expires": "until"},
        {"key": "k", "sort_key": "k"},
        {"key": "expires"},
    ],
    ids=str,
)
def test_names_that_the_items_have_already_are_refused(names: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="these are three attributes, and the items have others named done"):
        DynamoDbStore("once", **names)  # type: ignore[arg-type]
