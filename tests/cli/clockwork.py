"""The app whose jobs the command line's tests look at."""

from __future__ import annotations

import sys

from lambdarouter import App, Tick
from lambdarouter.stores.memory import MemoryStore

app = App(store=MemoryStore())
several = App(tick={"hourly": "1h", "often": "5m"})
empty = App()


@app.cron(every="3h", once=True)
def sweep(tick: Tick) -> str:
    sys.stdout.write("sweeping\n")
    return f"swept {tick.slot:%H:%M}"


@app.cron("30 6 * * MON-FRI", timezone="Europe/Madrid", catch_up="last", tags="reports")
async def report(tick: Tick) -> None: ...


@app.cron("*/5 * * * *", overlap="skip", timeout=20)
@several.cron("*/5 * * * *")
def sample() -> None: ...


@app.cron("0 9 * * *", timezone="Asia/Kolkata", dst="skip", jitter=0.01, tags=["reports", "asia"])
def greet() -> None: ...


@app.cron(at="2026-12-24T18:00", timezone="Europe/Madrid")
def celebrate() -> None:
    raise RuntimeError("no cake")


@app.cron("@weekly", enabled=lambda: False)
def retired() -> None: ...


def unsure(tick: Tick) -> bool:
    raise LookupError("no such flag")


@app.cron("0 5 1 1 *", enabled=unsure)
def new_year() -> None: ...


@several.cron("*/10 * * * *")
def half_as_often() -> None: ...
