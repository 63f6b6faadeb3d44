"""Runs in a contender's environment: one cold start. Imports next to nothing itself.

``python -P start.py CONTENDER CASE`` loads the case (as `marshal`), makes the handler, and answers the case's event.
With a third argument it prints the most memory the process has had, in bytes (Linux).
"""

from __future__ import annotations

import marshal
import sys

from tests.benchmarks.workers.context import Context

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

with open(sys.argv[2], "rb") as file:  # noqa: PTH123 - pathlib takes as long as a framework
    case: dict[str, Any] = marshal.load(file)  # noqa: S302 - written by measure.py


name = f"tests.benchmarks.contenders.{sys.argv[1]}"
__import__(name)
handler = getattr(sys.modules[name], case["build"])(**case["options"])
reply = handler(case["events"][0], Context())
if int(reply["statusCode"]) != case["status"] or case["text"] not in reply["body"]:
    sys.exit(f"{case['name']}: {str(reply)[:500]}")
if len(sys.argv) > 3:
    with open("/proc/self/status") as file:  # noqa: PTH123
        (peak,) = (line.split()[1] for line in file if line.startswith("VmHWM"))
    print(int(peak) * 1024)  # noqa: T201
