"""SnapStart's hooks, where AWS's registry of them is not installed; with it: tests/runtime/test_life.py."""

from __future__ import annotations

from tests.engine.batch import fresh


def test_without_awss_registry_hooks_are_kept_and_run_in_its_order() -> None:
    ran = fresh("""
import sys
sys.modules["snapshot_restore_py"] = None  # as if it were not installed
from lambdarouter import App
from lambdarouter.engine.snapshot import hooks

app, ran = App(), []

@app.before_snapshot
def first():
    ran.append("first before")

@app.before_snapshot
async def second():
    ran.append("second before")

@app.after_restore
def third():
    ran.append("first after")

@app.after_restore
async def fourth():
    ran.append("second after")

for when in ("before_snapshot", "after_restore"):
    for fn, args, kwargs in hooks(when):
        fn(*args, **kwargs)
assert ran == ["second before", "first before", "first after", "second after"], ran
""")
    assert ran.returncode == 0, ran.stderr
