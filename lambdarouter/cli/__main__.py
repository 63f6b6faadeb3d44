"""`python -m lambdarouter.cli` is `lambdarouter`."""

from __future__ import annotations

from lambdarouter.cli import main

__all__: list[str] = []

main()
