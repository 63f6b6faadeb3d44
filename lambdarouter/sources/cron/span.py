"""The time that one tick stands for, and which slots of it each job is to run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdarouter.sources.cron.ledger import Place
    from lambdarouter.sources.cron.trigger import CronTrigger

__all__ = ["Span"]

# How far two ticks of a rate() rule may stray from their distance and still follow each other: 90 seconds each, to the
# nearest minute.
_STRAY = timedelta(seconds=240)


class Span:
    """(start, end], in UTC: from the previous tick to this one. With a ledger, also what came before and after.

    `missed_since`: the end of the last tick before `start`, where ticks in between never came. `taken_by`: the end of
    the tick that took this one's time over, where this one comes after it.
    """

    __slots__ = ("end", "missed_since", "start", "taken_by")

    def __init__(self, start: datetime, end: datetime) -> None:
        self.start: datetime = start
        self.end: datetime = end
        self.missed_since: datetime | None = None
        self.taken_by: datetime | None = None

    def take(self, place: Place) -> None:
        """What the ledger knows of the tick."""
        if place.after is not None:
            self.taken_by = datetime.fromtimestamp(place.after, UTC)
        if place.before is not None:
            before = datetime.fromtimestamp(place.before, UTC)
            if before >= self.start - min(_STRAY, (self.end - self.start) / 3):
                # Where a rate() rule did tick, or one that ticks more often than it was said to: so windows meet.
                self.start = before
            else:
                self.missed_since = before

    def slots(self, job: CronTrigger) -> list[datetime]:
        """The slots for which a job is to run, in order."""
        due, start, end = job.schedule.slots, self.start, self.end
        if job.catch_up == "none":
            return due(start, end)
        horizon = timedelta(seconds=job.horizon)
        if self.taken_by is not None:
            # Only what was too old for the tick that came first.
            end = min(end, self.taken_by - horizon)
            return due(start, end) if end > start else []
        missed: list[datetime] = []
        if self.missed_since is not None:
            since = max(self.missed_since, self.end - horizon)
            missed = due(since, start) if since < start else []
        return (missed[-1:] if job.catch_up == "last" else missed) + due(start, end)

    def why_not(self, job: CronTrigger) -> str:
        """Why a job has no slot here."""
        if self.taken_by is not None and job.catch_up != "none":
            return f"this tick is late, and the one of {self.taken_by:%H:%M} UTC has caught up with its slots"
        start = self.start if self.missed_since is None or job.catch_up == "none" else self.missed_since
        return f"not due in ({start:%H:%M}, {self.end:%H:%M}] UTC"
