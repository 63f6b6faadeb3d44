"""The memory of a function, watched by calls in several threads."""

from __future__ import annotations

from lambdarouter.engine.memory import Memory

MB = 1024 * 1024


class Overtaken(Memory):
    """While one thread reads that there is room, another reads that there is none, and acts upon it first."""

    __slots__ = ("reading",)

    def __init__(self) -> None:
        super().__init__(mb=100)
        self.reading = False

    def _resident(self) -> int:
        if self.reading:
            return 200 * MB
        self.reading, self.due = True, 0.0
        assert self.is_short()  # the other
        return 10 * MB


def test_memory_that_was_short_for_one_thread_is_short_for_all() -> None:
    memory = Overtaken()
    assert not memory.is_short()  # the first record may always start
    memory.due = 0.0

    assert memory.is_short()
    assert memory.short
