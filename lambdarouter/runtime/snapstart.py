"""SnapStart, from the runtime's side: hooks, the wait in which the snapshot is taken, hooks again.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
"""

from __future__ import annotations

import sys

from lambdarouter.engine.snapshot import hooks
from lambdarouter.runtime.fault import Fault
from lambdarouter.runtime.log import log
from lambdarouter.runtime.loop import Exit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdarouter.runtime.client import Client

__all__ = ["restore"]

# AWS's runtime ends with these.
_BEFORE_FAILED, _AFTER_FAILED = 64, 65


def restore(client: Client) -> None:
    """Have the snapshot taken; returns in an environment that was made from it. Raises `Exit` where a hook fails."""
    try:
        _run("before_snapshot")
    except BaseException as error:
        fault = Fault(error)
        log.fault(fault)
        client.fail_init(fault.body(), "Runtime.BeforeSnapshotError")
        raise Exit(_BEFORE_FAILED) from error
    client.restore_next()
    # What it was connected to was the machine of the snapshot.
    client.close()
    random = sys.modules.get("random")
    if random is not None:
        random.seed()  # or all environments would draw the same numbers
    try:
        _run("after_restore")
    except BaseException as error:
        fault = Fault(error)
        log.fault(fault)
        client.fail_restore(fault.body(), "Runtime.AfterRestoreError")
        raise Exit(_AFTER_FAILED) from error


def _run(when: str) -> None:
    for fn, args, kwargs in hooks(when):
        fn(*args, **kwargs)
