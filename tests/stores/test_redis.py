"""What is Redis's own: clients, prefixes, a server that is not there."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import redis

from lambdarouter import App, ConfigurationError, StoreError
from lambdarouter.core.store import new_owner
from lambdarouter.stores.redis import RedisStore
from lambdarouter.testing import events
from tests.servers import free_port

LONG = 3600.0


@pytest.mark.parametrize("options", [{}, {"decode_responses": True}, {"protocol": 2}, {"protocol": 3}], ids=str)
def test_any_client_of_redis_py_will_do(redis_port: int, options: dict[str, Any]) -> None:
    with redis.Redis(port=redis_port, **options) as client:
        store, key = RedisStore(client), new_owner()
        assert store.acquire(key, "ada", LONG, "mark") is None
        assert store.finish(key, "ada", LONG, "mark", b"\xff\x00")
        entry = store.acquire(key, "bob", LONG)
        assert entry is not None
        assert (entry.done, entry.owner, entry.mark, entry.value) == (True, "ada", "mark", b"\xff\x00")
        assert store.swap(key, None, "ü")
        assert store.read(key) == "ü"


def test_a_cluster_client_finds_each_keys_node(redis_port: int) -> None:
    client = redis.RedisCluster(host="127.0.0.1", port=redis_port)
    store, prefix = RedisStore(client), new_owner()
    for number in range(20):
        assert store.acquire(f"{prefix}:{number}", "ada", LONG) is None
        assert store.acquire(f"{prefix}:{number}", "bob", LONG) is not None
        store.release(f"{prefix}:{number}", "ada")
    client.close()


def test_all_keys_begin_with_the_prefix_and_expire(redis_port: int) -> None:
    with redis.Redis(port=redis_port) as client:
        prefix = new_owner()
        store = RedisStore(client, prefix=f"{prefix}:")
        store.acquire("key", "ada", 60)
        store.swap("key", None, "09:00")
        keys: Any = client.keys(f"{prefix}*")
        assert sorted(keys) == [f"{prefix}:key".encode(), f"{prefix}:note:key".encode()]
        left: Any = client.pttl(f"{prefix}:key")
        assert 50_000 < left <= 60_000
        assert client.ttl(f"{prefix}:note:key") == -1


@pytest.mark.parametrize("client", [None, 6379, object()])
def test_what_is_neither_a_url_nor_a_client_is_refused(client: Any) -> None:
    with pytest.raises(ConfigurationError, match="takes the URL of a server, or a client of redis-py"):
        RedisStore(client)


def test_a_server_that_is_not_there_is_the_clients_error_and_the_calls_failure() -> None:
    app = App(store=RedisStore(f"redis://127.0.0.1:{free_port()}"))

    @app.sns("orders", once=True)
    def announce(message: str) -> None: ...

    with pytest.raises(StoreError) as caught:
        app(events.sns("orders", "17"))
    assert isinstance(caught.value.__cause__, redis.ConnectionError)


@pytest.mark.parametrize(
    ("module", "others"),
    [
        ("memory", ["boto3", "redis", "sqlite3"]),
        ("sqlite", ["boto3", "redis"]),
        ("dynamodb", ["boto3", "botocore", "redis", "sqlite3"]),
        ("redis", ["boto3", "redis", "sqlite3"]),
    ],
)
def test_importing_a_store_loads_no_client_before_it_is_used(module: str, others: list[str]) -> None:
    code = f"import sys, lambdarouter.stores.{module}; print([name for name in {others} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("[]\n", "")
