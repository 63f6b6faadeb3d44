"""The engine: classify, invoke, run. Sources say what an event means; the engine makes the calls."""

from __future__ import annotations

__all__: list[str] = []
