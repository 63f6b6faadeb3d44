"""Events of an EventBridge bus, as a rule hands them to a function.

Shape after "Structure of EventBridge events" in the EventBridge reference.
"""

from __future__ import annotations

from json import loads

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, identifier, iso, json_text, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

__all__ = ["eventbridge"]


def eventbridge(
    source: str,
    detail_type: str,
    detail: Any = None,
    *,
    resources: Sequence[str] = (),
    time: datetime | str = MOMENT,
    account: str = ACCOUNT,
    replay: str | None = None,
) -> dict[str, Any]:
    """Build one event of a bus ("eventbridge"); `detail` is an object or a model, `replay` an archive's replay."""
    sent = moment(time)
    text = json_text({} if detail is None else detail)
    event: dict[str, Any] = {
        "version": "0",
        "id": identifier(source, detail_type, iso(sent), text),
        "detail-type": detail_type,
        "source": source,
        "account": account,
        "time": iso(sent),
        "region": REGION,
        "resources": list(resources),
        "detail": loads(text),
    }
    return event if replay is None else event | {"replay-name": replay}
