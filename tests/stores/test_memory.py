"""What is the memory store's own: it does not grow with what has expired."""

from __future__ import annotations

from lambdarouter.stores.memory import MemoryStore


def test_what_has_expired_is_removed_before_the_store_grows() -> None:
    now = 0.0
    store = MemoryStore(clock=lambda: now)
    for number in range(2500):
        now += 1
        store.acquire(str(number), "ada", 100)

    assert len(store._entries) <= 1000
    assert store.acquire("2499", "bob", 100) is not None
