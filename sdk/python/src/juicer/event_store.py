"""What a receiver of events remembers, and how it finds out that something is missing."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from typing import Dict, Final, Optional, Protocol, Sequence, Set, Tuple


@dataclass(frozen=True)
class Gap:
    """Events between ``after`` and ``before`` (included) have not arrived; they may still."""

    after: int
    before: int


class Store(Protocol):
    """What a receiver remembers. Several threads may use it at once."""

    def claim(self, event_id: str) -> bool:
        """Whether this event is neither done nor being handled; from now on it is."""

    def release(self, event_id: str) -> None:
        """It was not handled after all."""

    def done(self, event_id: str) -> None:
        """It was handled. Until then a crash must leave it unhandled, not lost."""

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event that was handled; says what is missing before it."""

    def position(self) -> int:
        """Everything up to this number has been handled."""

    def move(self, sequence: int) -> None:
        """Everything up to this number has been handled, for it was fetched in order."""


class Progress:
    """Up to where everything has arrived, and what came too early. Pure."""

    def __init__(self, position: int = 0, early: Sequence[Tuple[int, int]] = ()) -> None:
        self.position = position
        #: By the number of the event before it.
        self.early: Dict[int, int] = dict(early)

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event; says what is missing before it."""
        if previous > self.position:
            self.early[previous] = sequence
            return Gap(self.position, previous)
        self.move(sequence)
        return None

    def move(self, sequence: int) -> None:
        """Everything up to this number is here, and what came early may join."""
        self.position = max(self.position, sequence)
        for previous in sorted(self.early):
            if previous <= self.position:
                self.position = max(self.position, self.early.pop(previous))


class MemoryStore:
    """Remembers until the program ends. For tests; use SQLiteStore, or your own database."""

    def __init__(self, position: int = 0) -> None:
        self._done: Set[str] = set()
        self._progress = Progress(position)
        self._lock = threading.Lock()

    def claim(self, event_id: str) -> bool:
        """Whether this event is neither done nor being handled; from now on it is."""
        with self._lock:
            new = event_id not in self._done
            self._done.add(event_id)
            return new

    def release(self, event_id: str) -> None:
        """It was not handled after all."""
        with self._lock:
            self._done.discard(event_id)

    def done(self, event_id: str) -> None:
        """It was handled."""

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event that was handled; says what is missing before it."""
        with self._lock:
            return self._progress.arrived(sequence, previous)

    def position(self) -> int:
        """Everything up to this number has been handled."""
        return self._progress.position

    def move(self, sequence: int) -> None:
        """Everything up to this number has been handled."""
        with self._lock:
            self._progress.move(sequence)


_TABLES: Final = """
CREATE TABLE IF NOT EXISTS done (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS place (one INTEGER PRIMARY KEY CHECK (one = 1), position INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS early (previous INTEGER PRIMARY KEY, sequence INTEGER NOT NULL);
INSERT OR IGNORE INTO place VALUES (1, 0);
"""


class SQLiteStore:
    """Remembers in a file. One process at a time.

    An event whose handler was interrupted by a crash is handled again: make the handler's
    own change once per ``event.id``.
    """

    def __init__(self, path: str) -> None:
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._db.executescript(_TABLES)
        self._busy: Set[str] = set()
        self._lock = threading.Lock()

    def claim(self, event_id: str) -> bool:
        """Whether this event is neither done nor being handled; from now on it is."""
        with self._lock:
            known = self._db.execute("SELECT 1 FROM done WHERE id = ?", (event_id,)).fetchone()
            if known is not None or event_id in self._busy:
                return False
            self._busy.add(event_id)
            return True

    def release(self, event_id: str) -> None:
        """It was not handled after all."""
        with self._lock:
            self._busy.discard(event_id)

    def done(self, event_id: str) -> None:
        """It was handled."""
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO done VALUES (?)", (event_id,))
            self._busy.discard(event_id)

    def arrived(self, sequence: int, previous: int) -> Optional[Gap]:
        """Notes an event that was handled; says what is missing before it."""
        with self._lock:
            progress = self._progress()
            gap = progress.arrived(sequence, previous)
            self._save(progress)
            return gap

    def position(self) -> int:
        """Everything up to this number has been handled."""
        with self._lock:
            return self._progress().position

    def move(self, sequence: int) -> None:
        """Everything up to this number has been handled."""
        with self._lock:
            progress = self._progress()
            progress.move(sequence)
            self._save(progress)

    def close(self) -> None:
        """Closes the file."""
        self._db.close()

    def _progress(self) -> Progress:
        [(position,)] = self._db.execute("SELECT position FROM place").fetchall()
        return Progress(position, self._db.execute("SELECT previous, sequence FROM early").fetchall())

    def _save(self, progress: Progress) -> None:
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("UPDATE place SET position = ?", (progress.position,))
            self._db.execute("DELETE FROM early")
            self._db.executemany("INSERT INTO early VALUES (?, ?)", progress.early.items())
