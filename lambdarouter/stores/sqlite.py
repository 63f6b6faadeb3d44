"""A store in one file, for one machine: development, tests, a server of your own.

::

    app = App(store=SqliteStore("/var/lib/shop/once.db"))

Threads and processes may share the file, on a local disk (SQLite's locks do not work on most network file systems; on
Lambda, `/tmp` belongs to one execution environment). Writing waits for other writers, `timeout` seconds at most.
https://www.sqlite.org/wal.html
"""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import contextmanager
from time import monotonic, sleep, time

from lambdarouter.core.store import Entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["SqliteStore"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS lambdarouter_entries (
    key TEXT PRIMARY KEY, owner TEXT NOT NULL, done INTEGER NOT NULL, mark TEXT NOT NULL, value BLOB NOT NULL,
    until REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lambdarouter_until ON lambdarouter_entries (until);
CREATE TABLE IF NOT EXISTS lambdarouter_notes (key TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
"""


class SqliteStore:
    """Entries and notes in two tables of an SQLite database, which are made where they are missing.

    `path`: the file. `timeout`: how long to wait for another writer, in seconds; then `sqlite3.OperationalError`.
    `clock` tells the time in seconds; tests have one of their own.
    """

    blocking = True

    def __init__(
        self, path: str | os.PathLike[str], *, timeout: float = 5.0, clock: Callable[[], float] = time
    ) -> None:
        self._path = path
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        # One for all threads, which take turns anyway: SQLite has one writer.
        self._connection: sqlite3.Connection | None = None
        self._process = 0

    def acquire(self, key: str, owner: str, seconds: float, mark: str = "") -> Entry | None:
        """See `Store.acquire`."""
        with self._writing() as database:
            now = self._clock()
            database.execute("DELETE FROM lambdarouter_entries WHERE until <= ?", (now,))
            standing = self._standing(database, key, now)
            if standing is not None and (standing.done or standing.owner != owner):
                return standing
            _put(database, key, owner, done=False, mark=mark, value=b"", until=now + seconds)
            return None

    def finish(self, key: str, owner: str, seconds: float, mark: str = "", value: bytes = b"") -> bool:
        """See `Store.finish`."""
        with self._writing() as database:
            now = self._clock()
            standing = self._standing(database, key, now)
            if standing is not None and standing.owner != owner:
                return False
            _put(database, key, owner, done=True, mark=mark, value=value, until=now + seconds)
            return True

    def release(self, key: str, owner: str) -> None:
        """See `Store.release`."""
        with self._writing() as database:
            database.execute("DELETE FROM lambdarouter_entries WHERE key = ? AND owner = ? AND NOT done", (key, owner))

    def read(self, key: str) -> str | None:
        """See `Store.read`."""
        with self._writing() as database:
            return _note(database, key)

    def swap(self, key: str, old: str | None, new: str) -> bool:
        """See `Store.swap`."""
        with self._writing() as database:
            if _note(database, key) != old:
                return False
            database.execute("INSERT OR REPLACE INTO lambdarouter_notes VALUES (?, ?)", (key, new))
            return True

    def close(self) -> None:
        """Close the file; the next step opens it again."""
        with self._lock:
            if self._connection is not None and self._process == os.getpid():
                self._connection.close()
            self._connection = None

    def __del__(self) -> None:
        self.close()

    def _standing(self, database: sqlite3.Connection, key: str, now: float) -> Entry | None:
        found = database.execute(
            "SELECT owner, done, mark, value, until FROM lambdarouter_entries WHERE key = ? AND until > ?", (key, now)
        ).fetchone()
        if found is None:
            return None
        owner, done, mark, value, until = found
        return Entry(done=bool(done), owner=owner, mark=mark, value=value, seconds=until - now)

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that has the file to itself: nobody writes between what it reads and what it writes."""
        with self._lock:
            database = self._open()
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            finally:
                # An error, or an interruption at the deadline: nothing of it happened.
                if database.in_transaction:
                    database.execute("ROLLBACK")

    def _open(self) -> sqlite3.Connection:
        # A connection must not be used by a process that was forked with it.
        if self._connection is None or self._process != os.getpid():
            database = sqlite3.connect(self._path, timeout=self._timeout, isolation_level=None, check_same_thread=False)
            try:
                self._prepare(database)
            except BaseException:
                database.close()
                raise
            self._connection, self._process = database, os.getpid()
        return self._connection

    def _prepare(self, database: sqlite3.Connection) -> None:
        """Set the file up. Where others do so at the same time, SQLite does not wait for them by itself."""
        until = monotonic() + self._timeout
        while True:
            try:
                _set_up(database)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or monotonic() > until:
                    raise
            sleep(0.01)


def _set_up(database: sqlite3.Connection) -> None:
    # With a write-ahead log readers do not wait; a marker that was written must survive a power cut, hence FULL.
    if database.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('lambdarouter_entries', 'lambdarouter_notes')"
    if database.execute(tables).fetchone()[0] < 2:  # noqa: PLR2004 - entries and notes
        database.executescript(f"BEGIN IMMEDIATE;{_SCHEMA}COMMIT;")


def _put(
    database: sqlite3.Connection, key: str, owner: str, *, done: bool, mark: str, value: bytes, until: float
) -> None:
    database.execute(
        "INSERT OR REPLACE INTO lambdarouter_entries VALUES (?, ?, ?, ?, ?, ?)", (key, owner, done, mark, value, until)
    )


def _note(database: sqlite3.Connection, key: str) -> str | None:
    found = database.execute("SELECT text FROM lambdarouter_notes WHERE key = ?", (key,)).fetchone()
    return None if found is None else found[0]
