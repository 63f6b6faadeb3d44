"""A function for lambdarouter's runtime: a page that is sent as it is written, and a plain reply."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from lambdarouter import App

app = App()


@app.get("/count/{to}")
async def count(to: int) -> AsyncIterator[str]:
    for number in range(1, to + 1):
        yield f"{number}\n"
        await asyncio.sleep(0.01)


@app.get("/health")
def health() -> dict[str, bool]:
    return {"ok": True}


handler = app
