"""The nouns: what rooms, the engine and third-party sources share."""

from __future__ import annotations

__all__: list[str] = []
