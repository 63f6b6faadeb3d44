"""What is SQLite's own: files, processes, waiting, interruptions."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from lambdarouter.stores.sqlite import SqliteStore

LONG = 3600.0


def test_what_one_store_wrote_another_finds_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    first = SqliteStore(path)
    first.acquire("key", "ada", LONG)
    first.finish("key", "ada", LONG, "mark", b"reply")
    first.swap("tick", None, "09:00")
    first.close()

    second = SqliteStore(str(path))
    entry = second.acquire("key", "bob", LONG)

    assert entry is not None
    assert (entry.done, entry.mark, entry.value) == (True, "mark", b"reply")
    assert second.read("tick") == "09:00"


def test_a_closed_store_opens_its_file_again(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "store.db")
    store.close()
    store.acquire("key", "ada", LONG)
    store.close()
    store.close()

    assert store.acquire("key", "bob", LONG) is not None


def test_what_has_expired_is_removed_from_the_file(tmp_path: Path) -> None:
    now = 1000.0
    store = SqliteStore(tmp_path / "store.db", clock=lambda: now)
    for number in range(10):
        store.acquire(str(number), "ada", 60)

    now += 61
    store.acquire("another", "ada", 60)

    with sqlite3.connect(tmp_path / "store.db") as database:
        assert database.execute("SELECT key FROM lambdarouter_entries").fetchall() == [("another",)]
    database.close()


def test_a_writer_waits_for_another_and_gives_up_after_the_timeout(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    patient, hasty = SqliteStore(path, timeout=60), SqliteStore(path, timeout=0.01)
    patient.read("opens the file")
    hasty.read("opens the file")
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        hasty.acquire("key", "ada", LONG)
    threading.Timer(0.05, other.execute, ("COMMIT",)).start()
    assert patient.acquire("key", "ada", LONG) is None
    assert hasty.acquire("key", "bob", LONG) is not None
    other.close()


@pytest.mark.parametrize("lock", ["IMMEDIATE", "EXCLUSIVE"])  # for the first, SQLite itself does not wait
def test_who_opens_a_file_waits_for_those_who_set_it_up(tmp_path: Path, lock: str) -> None:
    path = tmp_path / "store.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE another (key TEXT)")
    other.execute(f"BEGIN {lock}")

    with pytest.raises(sqlite3.OperationalError, match="locked"):
        SqliteStore(path, timeout=0.01).acquire("key", "ada", LONG)
    threading.Timer(0.05, other.execute, ("COMMIT",)).start()
    assert SqliteStore(path, timeout=60).acquire("key", "ada", LONG) is None
    other.close()


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    for number in range(10):
        stores = [SqliteStore(tmp_path / f"{number}.db") for _ in range(8)]
        barrier, won = threading.Barrier(8), list[str]()

        def race(store: SqliteStore, owner: str, barrier: threading.Barrier = barrier, won: list[str] = won) -> None:
            barrier.wait()
            if store.acquire("key", owner, LONG) is None:
                won.append(owner)

        threads = [threading.Thread(target=race, args=(store, str(n))) for n, store in enumerate(stores)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(won) == 1


def test_an_interrupted_step_never_happened_and_the_next_one_works(tmp_path: Path) -> None:
    class StopError(BaseException):
        pass

    armed: list[bool] = []

    def clock() -> float:
        if armed:
            raise StopError
        return 1000.0

    store = SqliteStore(tmp_path / "store.db", clock=clock)
    store.acquire("key", "ada", LONG)
    armed.append(True)
    with pytest.raises(StopError):
        store.finish("key", "ada", LONG)
    armed.clear()

    entry = store.acquire("key", "bob", LONG)
    assert entry is not None
    assert not entry.done


def test_a_file_that_cannot_be_opened_is_sqlites_error_and_may_be_there_later(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "missing" / "store.db")
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        store.acquire("key", "ada", LONG)
    (tmp_path / "missing").mkdir()
    (tmp_path / "missing" / "store.db").write_bytes(b"this is no database, and longer than a header is, by far" * 99)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        store.acquire("key", "ada", LONG)
    (tmp_path / "missing" / "store.db").unlink()

    assert store.acquire("key", "ada", LONG) is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_forked_process_has_a_connection_of_its_own(tmp_path: Path) -> None:
    # In an interpreter without threads, where a fork is harmless.
    code = f"""
import os, sys
from lambdarouter.stores.sqlite import SqliteStore
store = SqliteStore({str(tmp_path / "store.db")!r})
store.acquire("before", "parent", 3600)
child = os.fork()
if child == 0:
    found = store.acquire("before", "child", 3600), store.acquire("after", "child", 3600)
    store.close()
    os._exit(found[0] is None or found[1] is not None)
assert os.waitpid(child, 0)[1] == 0
assert store.acquire("after", "parent", 3600) is not None
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_an_index_serves_the_removal_of_what_has_expired(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "store.db").read("opens the file")
    database = sqlite3.connect(tmp_path / "store.db")
    plan = database.execute("EXPLAIN QUERY PLAN DELETE FROM lambdarouter_entries WHERE until <= 1").fetchall()
    database.close()
    assert "lambdarouter_until" in str(plan)
