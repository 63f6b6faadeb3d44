"""`python -m lambdarouter.runtime module.handler`: see `serve`."""

from __future__ import annotations

from lambdarouter.runtime.serve import run

__all__: list[str] = []

if __name__ == "__main__":
    run()
