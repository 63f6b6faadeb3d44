"""The family of sources: what is drawn is what there is."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import lambdarouter.core
from lambdarouter.core import source
from lambdarouter.core.source import Source


def test_the_family_of_sources_is_as_the_docstring_of_its_module_draws_it() -> None:
    for path in Path(lambdarouter.core.__path__[0]).glob("*.py"):
        import_module(f"lambdarouter.core.{path.stem}")
    drawn: dict[str, tuple[str, str]] = {}
    above: list[str] = []
    for indent, name, rest in re.findall(r"^    ( *)(\w*Source)  +(.*)$", source.__doc__ or "", re.MULTILINE):
        depth = len(indent) // 2
        above[depth:] = [name]
        found = re.search(r"\(core/(\w+)\.py\)", rest)
        drawn[name] = (above[depth - 1] if depth else "", found[1] if found else "source")

    def family(kind: type[Source], base: str) -> dict[str, tuple[str, str]]:
        own = {kind.__name__: (base, kind.__module__.rpartition(".")[2])}
        for each in kind.__subclasses__():
            if each.__module__.startswith("lambdarouter.core."):
                own |= family(each, kind.__name__)
        return own

    assert drawn == family(Source, "")
