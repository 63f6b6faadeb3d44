"""What every store promises, shown with each of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from lambdarouter.core.store import Entry, Store, key_of, new_owner
from tests.pace import in_real_time, seconds
from tests.stores.kinds import SHARED, Clock, opened

KINDS = ("memory", *SHARED)
LONG = 3600.0


class Subject:
    """A store under test, a name that no other test's keys begin with, and the passing of time."""

    def __init__(self, kind: str, place: str) -> None:
        self.kind = kind
        self.clock = Clock()
        self.place = place
        self.prefix = f"{new_owner()}:"
        self.store = self.another()

    def another(self) -> Store:
        """The same store once more, with connections of its own; memory has only itself."""
        if self.kind == "memory" and hasattr(self, "store"):
            return self.store
        return opened(self.kind, self.place, self.clock, self.prefix)

    def wait(self, time_: float) -> None:
        """Redis has a clock of its own; the others' is put forward."""
        if self.kind == "redis":
            time.sleep(time_)
        else:
            self.clock.ahead += time_


@pytest.fixture(params=KINDS)
def subject(request: pytest.FixtureRequest, place_of: Callable[[str], str]) -> Subject:
    return Subject(request.param, place_of(request.param))


@pytest.fixture
def store(subject: Subject) -> Store:
    return subject.store


def test_a_free_key_is_acquired_and_then_stands_in_everybody_elses_way(store: Store) -> None:
    assert store.acquire("key", "ada", LONG, "mark") is None

    entry = store.acquire("key", "bob", LONG, "another")

    assert entry is not None
    assert (entry.done, entry.owner, entry.mark, entry.value) == (False, "ada", "mark", b"")
    assert LONG - 60 < entry.seconds <= LONG + 0.001


def test_the_holder_renews_its_lease_by_acquiring_the_key_again(subject: Subject) -> None:
    subject.store.acquire("key", "ada", 60)

    assert subject.store.acquire("key", "ada", LONG) is None

    entry = subject.store.acquire("key", "bob", 60)
    assert entry is not None
    assert entry.seconds > 60


def test_one_keys_lease_is_nothing_to_another_key(store: Store) -> None:
    store.acquire("key", "ada", LONG)

    assert store.acquire("key2", "bob", LONG) is None


@in_real_time
@pytest.mark.parametrize("kind", KINDS)
def test_a_lease_ends_with_its_time_and_not_before(kind: str, place_of: Callable[[str], str]) -> None:
    subject, lease = Subject(kind, place_of(kind)), seconds(0.3)
    subject.store.acquire("key", "ada", lease)

    subject.wait(lease / 3)
    entry = subject.store.acquire("key", "bob", lease)
    subject.wait(lease)

    assert entry is not None
    assert 0 < entry.seconds < lease
    assert subject.store.acquire("key", "bob", lease) is None


def test_what_is_done_stays_done_for_everybody_and_keeps_mark_and_value(store: Store) -> None:
    value = bytes(range(256))
    store.acquire("key", "ada", LONG, "mark")

    assert store.finish("key", "ada", LONG, "mark", value)

    for owner in ("ada", "bob"):
        entry = store.acquire("key", owner, LONG, "another")
        assert entry is not None
        assert (entry.done, entry.owner, entry.mark, entry.value) == (True, "ada", "mark", value)


@in_real_time
@pytest.mark.parametrize("kind", KINDS)
def test_a_done_marker_ends_with_its_time(kind: str, place_of: Callable[[str], str]) -> None:
    subject, ttl = Subject(kind, place_of(kind)), seconds(0.2)
    subject.store.acquire("key", "ada", LONG)
    subject.store.finish("key", "ada", ttl)

    subject.wait(ttl * 1.1)

    assert subject.store.acquire("key", "bob", LONG) is None


def test_to_finish_twice_is_to_finish_once(store: Store) -> None:
    store.acquire("key", "ada", LONG)

    assert store.finish("key", "ada", LONG, "", b"reply")
    assert store.finish("key", "ada", LONG, "", b"reply")

    entry = store.acquire("key", "bob", LONG)
    assert entry is not None
    assert entry.value == b"reply"


@pytest.mark.parametrize("done", [False, True])
def test_nobody_finishes_what_another_has_by_now(store: Store, done: bool) -> None:  # noqa: FBT001
    store.acquire("key", "bob", LONG)
    if done:
        store.finish("key", "bob", LONG, "", b"bob's")

    assert not store.finish("key", "ada", LONG, "", b"ada's")

    entry = store.acquire("key", "ada", LONG)
    assert entry is not None
    assert (entry.owner, entry.done) == ("bob", done)


@in_real_time
@pytest.mark.parametrize("kind", KINDS)
def test_work_that_outlived_its_lease_is_marked_done_if_nobody_took_the_key(
    kind: str, place_of: Callable[[str], str]
) -> None:
    subject, lease = Subject(kind, place_of(kind)), seconds(0.05)
    subject.store.acquire("key", "ada", lease)
    subject.wait(lease * 2)

    assert subject.store.finish("key", "ada", LONG)

    entry = subject.store.acquire("key", "bob", LONG)
    assert entry is not None
    assert entry.done


def test_a_released_key_is_free(store: Store) -> None:
    store.acquire("key", "ada", LONG)

    store.release("key", "ada")

    assert store.acquire("key", "bob", LONG) is None


def test_only_the_owners_lease_is_released_and_never_a_done_marker(store: Store) -> None:
    store.acquire("leased", "ada", LONG)
    store.acquire("done", "ada", LONG)
    store.finish("done", "ada", LONG)

    store.release("leased", "bob")
    store.release("done", "ada")
    store.release("nothing", "ada")

    assert store.acquire("leased", "bob", LONG) is not None
    assert store.acquire("done", "bob", LONG) is not None


def test_a_note_is_what_was_swapped_in_last(store: Store) -> None:
    assert store.read("tick") is None
    assert store.swap("tick", None, "09:00")
    assert store.swap("tick", "09:00", "10:00 – später")
    assert store.read("tick") == "10:00 – später"


def test_a_note_is_swapped_only_for_what_it_is(store: Store) -> None:
    assert not store.swap("tick", "09:00", "10:00")
    assert store.swap("tick", None, "09:00")

    assert not store.swap("tick", None, "10:00")
    assert not store.swap("tick", "08:00", "10:00")
    assert not store.swap("tick", "", "10:00")

    assert store.read("tick") == "09:00"


def test_notes_and_entries_do_not_meet(store: Store) -> None:
    store.acquire("key", "ada", LONG)
    assert store.swap("key", None, "note")
    store.release("key", "ada")

    assert store.read("key") == "note"
    assert store.acquire("key", "bob", LONG) is None


def test_keys_may_be_long_and_hold_anything_that_is_ascii(store: Store) -> None:
    for key in ("x" * 1000, "arn:aws:sqs:eu-west-1:123456789012:jobs/{a}%00'\"\n", key_of("once", "f", "h", "Ω" * 9)):
        assert store.acquire(key, "ada", LONG) is None
        entry = store.acquire(key, "bob", LONG)
        assert entry is not None


def test_fifty_threads_race_for_one_key_and_one_wins(subject: Subject) -> None:
    stores = [subject.store, *(subject.another() for _ in range(4))]
    barrier = threading.Barrier(50)
    won: list[str] = []

    def race(store: Store, owner: str) -> None:
        barrier.wait()
        won.extend(key for key in ("first", "second", "third") if store.acquire(key, owner, LONG) is None)
        if store.swap("note", None, owner):
            won.append("note")

    threads = [threading.Thread(target=race, args=(stores[n % 5], f"owner-{n}")) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == ["first", "note", "second", "third"]


# Any sequence of steps, against a model ---------------------------------------------------------------------


class Model:
    """The protocol in its plainest form."""

    def __init__(self) -> None:
        self.now = 0.0
        self.entries: dict[str, tuple[str, bool, str, bytes, float]] = {}
        self.notes: dict[str, str] = {}

    def standing(self, key: str) -> tuple[str, bool, str, bytes] | None:
        found = self.entries.get(key)
        return None if found is None or found[4] <= self.now else found[:4]

    def acquire(self, key: str, owner: str, time_: float, mark: str) -> tuple[str, bool, str, bytes] | None:
        standing = self.standing(key)
        if standing is not None and (standing[1] or standing[0] != owner):
            return standing
        self.entries[key] = (owner, False, mark, b"", self.now + time_)
        return None

    def finish(self, key: str, owner: str, time_: float, mark: str, value: bytes) -> bool:
        standing = self.standing(key)
        if standing is not None and standing[0] != owner:
            return False
        self.entries[key] = (owner, True, mark, value, self.now + time_)
        return True

    def release(self, key: str, owner: str) -> None:
        standing = self.standing(key)
        if standing is not None and standing[0] == owner and not standing[1]:
            del self.entries[key]

    def read(self, key: str) -> str | None:
        return self.notes.get(key)

    def swap(self, key: str, old: str | None, new: str) -> bool:
        if self.notes.get(key) != old:
            return False
        self.notes[key] = new
        return True


keys, owners = st.sampled_from("pq"), st.sampled_from(("ada", "bob"))
times = st.sampled_from((100.0, 1000.0))
texts = st.sampled_from(("", "a", "b"))
steps = st.one_of(
    st.tuples(st.just("acquire"), keys, owners, times, texts),
    st.tuples(st.just("finish"), keys, owners, times, texts, st.sampled_from((b"", b"\xff\x00"))),
    st.tuples(st.just("release"), keys, owners),
    st.tuples(st.just("read"), keys),
    st.tuples(st.just("swap"), keys, st.none() | texts, texts),
    st.tuples(st.just("wait"), st.sampled_from((60.0, 500.0))),
)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_the_steps_a_store_does_what_the_model_does(kind: str, place_of: Callable[[str], str]) -> None:
    place = place_of(kind)

    @settings(max_examples=25, suppress_health_check=list(HealthCheck))
    @given(st.lists(steps, max_size=25))
    def check(taken: list[tuple[Any, ...]]) -> None:
        subject, model = Subject(kind, place), Model()
        # SQLite has no prefix: its keys get one.
        prefix = subject.prefix if kind == "sqlite" else ""
        for name, *args in taken:
            if name == "wait":
                if kind != "redis":
                    model.now += args[0]
                    subject.wait(args[0])
                continue
            found = getattr(subject.store, name)(prefix + args[0], *args[1:])
            if isinstance(found, Entry):
                found = (found.owner, found.done, found.mark, found.value)
            assert found == getattr(model, name)(*args)

    check()
