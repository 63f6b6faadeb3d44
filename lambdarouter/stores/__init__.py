"""Stores for `App(store=...)`, one module each; importing one loads no other's client."""

from __future__ import annotations

__all__: list[str] = []
