"""A store in Redis or Valkey: the fastest of those that machines share.

::

    app = App(store=RedisStore("rediss://cache.example.com:6379"))

Needs the extra `lambdarouter[redis]`. Each step is one script, which the server runs alone, of one key: it works in a
cluster too. The server's clock counts. Redis may forget: what a failover loses, or an eviction takes
(`maxmemory-policy`: use `noeviction`), is handled again.
https://redis.io/docs/latest/develop/programmability/eval-intro/
"""

from __future__ import annotations

import threading
from math import ceil

from lambdarouter.core.store import Entry
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["RedisStore"]

# An entry is a hash of owner, done, mark and value that expires. PTTL tells how long it still stands.
_ACQUIRE = """
local found = redis.call('HMGET', KEYS[1], 'owner', 'done', 'mark', 'value')
if found[1] and (found[2] == '1' or found[1] ~= ARGV[1]) then
  return {found[1], found[2], found[3], found[4], redis.call('PTTL', KEYS[1])}
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'done', '0', 'mark', ARGV[3], 'value', '')
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return false
"""
_FINISH = """
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner and owner ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'done', '1', 'mark', ARGV[3], 'value', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""
_RELEASE = """
local found = redis.call('HMGET', KEYS[1], 'owner', 'done')
if found[1] == ARGV[1] and found[2] == '0' then redis.call('DEL', KEYS[1]) end
return 1
"""
_SWAP = """
local found = redis.call('GET', KEYS[1])
if ARGV[1] == '0' then if found then return 0 end
elseif found ~= ARGV[2] then return 0 end
redis.call('SET', KEYS[1], ARGV[3])
return 1
"""


class RedisStore:
    """Entries and notes as keys of a Redis or Valkey server or cluster.

    `client`: a URL, whose connection is made when it is first needed and waits two seconds for an answer; or a
    `redis.Redis` or `redis.RedisCluster`. `prefix`: what all keys begin with.
    """

    blocking = True

    def __init__(self, client: Any, *, prefix: str = "lambdarouter:") -> None:
        if not isinstance(client, str) and not hasattr(client, "execute_command"):
            msg = f"RedisStore takes the URL of a server, or a client of redis-py; {client!r} is neither"
            raise ConfigurationError(msg)
        self._url = client if isinstance(client, str) else ""
        self._client = None if isinstance(client, str) else client
        self._lock = threading.Lock()
        self._prefix = prefix

    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        """See `Store.acquire`."""
        found = self._run(_ACQUIRE, key, owner, _milliseconds(seconds), mark)
        if found is None:
            return None
        holder, done, standing, value, left = found
        return Entry(done=done == b"1", owner=holder.decode(), mark=standing.decode(), value=value, seconds=left / 1000)

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        """See `Store.finish`."""
        return bool(self._run(_FINISH, key, owner, _milliseconds(seconds), mark, value))

    def release(self, key: str, owner: str) -> None:
        """See `Store.release`."""
        self._run(_RELEASE, key, owner)

    def read(self, key: str) -> str | None:
        """See `Store.read`."""
        found = self._run("return redis.call('GET', KEYS[1])", f"note:{key}")
        return None if found is None else found.decode()

    def swap(self, key: str, old: str | None, new: str) -> bool:
        """See `Store.swap`."""
        return bool(self._run(_SWAP, f"note:{key}", "0" if old is None else "1", old or "", new))

    def _run(self, script: str, key: str, *args: str | int | bytes) -> Any:
        # A client may be set to decode replies as text, which a stored reply need not be.
        return self._connected().execute_command("EVAL", script, 1, self._prefix + key, *args, NEVER_DECODE=True)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                import redis  # noqa: PLC0415 - only where it is used

                self._client = redis.Redis.from_url(self._url, socket_timeout=2, socket_connect_timeout=2)
            return self._client


def _milliseconds(seconds: float) -> int:
    return max(1, ceil(seconds * 1000))
