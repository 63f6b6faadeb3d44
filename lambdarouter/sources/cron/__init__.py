"""Cron: any number of jobs on one tick.

::

    @app.cron("0 */3 * * *", timezone="Europe/Madrid")
    async def sweep(tick: Tick) -> None: ...


    @app.cron(every="3h", offset="1h")
    def report() -> None: ...

One EventBridge rule or schedule, hourly by default, drives every job. A job is a crontab line of five fields (or
`@daily` and the like) on the wall clock of a time zone, a period from the Unix epoch on, or single times (`at=`). A
tick runs the jobs that came due since the previous one: the slots in (previous tick, this tick], reckoned from the
event's time and never from the clock, so that a late or repeated delivery means the same slots. A job with several
slots in one tick runs once for each; `tick.slot` says which. `App(tick="5m")` declares another period; with several
rules, `App(tick={"hourly": "1h", "nightly": "1d"})` declares each. A tick of another rule than the one before is an
error where none is declared: each would run the same slots.

`dst=` says what a change of the clocks means to a job, `catch_up=` what ticks mean to it that never came, `overlap=`
whether two runs of it may go on at once, `timeout=` how long one may.

Delivery: asynchronous, at least once. Due jobs run side by side and are joined; one that fails stops no other, and
fails the invocation, which Lambda repeats as a whole (twice by default): with `once=True`, only what failed runs again.
Nothing due is success.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-rule-schedule.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule.html
"""

from __future__ import annotations

from lambdarouter.sources.cron.schedule import At, Crontab, Every
from lambdarouter.sources.cron.source import CronSource, Tick
from lambdarouter.sources.cron.trigger import CronTrigger, check_tick

__all__ = ["At", "CronSource", "CronTrigger", "Crontab", "Every", "Tick", "check_tick"]
