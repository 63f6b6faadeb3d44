"""Scenario files: invocations with what is to come of them, as YAML or JSON, sent to one app one after the other."""

from __future__ import annotations

__all__: list[str] = []
