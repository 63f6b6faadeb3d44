"""lambdarouter's own Lambda runtime: `python -m lambdarouter.runtime module.handler`.

It takes the place of AWS's client, awslambdaric, for an `App` and for any plain `handler(event, context)`.
"""

from __future__ import annotations

__all__: list[str] = []
