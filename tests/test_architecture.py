"""The architecture, as rules that are checked: which module may import which, and what each module has.

Modules are read, not imported, so the rules hold for a tree that is half built. `python -m pytest
tests/test_architecture.py` names every import that breaks them, with file and line.
"""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

PACKAGE = "lambdarouter"
SOURCE = Path(__file__).parents[1] / PACKAGE

# The floors. A module imports from lower floors and from its own room; never from a higher floor and never
# from another room of its own floor. Functions and `if TYPE_CHECKING:` are no exceptions.
FLOORS = {
    "errors": 0,  #   the exception tree
    "core": 1,  #     the nouns
    "sources": 2,  #  the event sources: each module or package in it is a room of its own
    "engine": 3,  #   the six verbs at work
    "router": 3,  #   the decorators
    "stores": 3,  #   where the engine keeps what is done; the testing kit has one of them
    "app": 4,  #      the lobby
    "target": 5,  #   the directions: which app a text names
    "asgi": 6,  #     the wings: they know the app, never each other
    "runtime": 6,
    "testing": 6,
    "cli": 7,
}
WINGS = 6

# These are outside the floors. They name what others import from them, and load it when it is asked for:
# at module level they import nothing of the package. No module of the package imports the front door.
FRONT_DOOR = PACKAGE
DIRECTORY = f"{PACKAGE}.sources"

# The command line imports a wing inside the function of the command that needs it, never at module level.
COMMAND_LINE = f"{PACKAGE}.cli"

# Loading one of these is what an app pays for when it uses it, so one module alone does ...
SOLE_IMPORTERS = {
    "pydantic": f"{PACKAGE}.core.binding",
    "pydantic_core": f"{PACKAGE}.core.binding",
    "structlog": f"{PACKAGE}.core.log",
}
# ... besides what no app loads.
FREE_IMPORTERS = f"{PACKAGE}.testing.scenario"

MAX_LINES = 600

Scope = Literal["module", "function", "type"]


class Import(NamedTuple):
    target: str
    scope: Scope
    line: int


class Module(NamedTuple):
    name: str
    file: str  # below the checkout
    text: str
    tree: ast.Module
    imports: tuple[Import, ...]


def read(source: Path) -> dict[str, Module]:
    """Every module below `source`, by name."""
    paths = {
        ".".join((PACKAGE, *path.relative_to(source).with_suffix("").parts)).removesuffix(".__init__"): path
        for path in sorted(source.rglob("*.py"))
    }
    names = {f"{PACKAGE}.{part}" for part in FLOORS} | set(paths)
    modules = {}
    for name, path in paths.items():
        text = path.read_text("utf-8")
        tree = ast.parse(text, path)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found = tuple(imports(tree.body, "module", package, names))
        modules[name] = Module(name, str(path.relative_to(source.parent)), text, tree, found)
    return modules


def imports(body: list[ast.stmt], scope: Scope, package: str, names: set[str]) -> Iterator[Import]:
    """What these statements import, and where: at module level, in a function, or for type checkers only."""
    for node in body:
        match node:
            case ast.Import():
                yield from (Import(alias.name, scope, node.lineno) for alias in node.names)
            case ast.ImportFrom():
                base = node.module or ""
                if node.level:
                    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
                    base = ".".join([*parents, base]).removesuffix(".")
                for alias in node.names:
                    module = f"{base}.{alias.name}"
                    yield Import(module if module in names else base, scope, node.lineno)
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                yield from imports(node.body, "type", package, names)
                yield from imports(node.orelse, scope, package, names)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from imports(node.body, "type" if scope == "type" else "function", package, names)
            case _:
                for inner in statements(node):
                    yield from imports([inner], scope, package, names)


def statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements directly inside a compound one: the bodies of if, try, with, match, class."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        elif isinstance(child, ast.ExceptHandler | ast.match_case):
            yield from statements(child)


def inside(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def floor(name: str) -> int:
    """Where a module stands; what is in no table, and the front door, is above all the others."""
    return FLOORS.get(name.removeprefix(f"{PACKAGE}.").split(".")[0], max(FLOORS.values()) + 1)


def room(name: str) -> str:
    """What a module's neighbours on its floor are not in: `sources.http` for all of that package."""
    parts = name.split(".")
    return ".".join(parts[: 3 if parts[1:2] == ["sources"] else 2])


def import_faults(modules: dict[str, Module]) -> list[str]:
    return [
        f"{module.file}:{found.line}: {fault}"
        for module in modules.values()
        for found in module.imports
        if (fault := import_fault(module.name, found) or load_fault(module.name, found))
    ]


def import_fault(name: str, found: Import) -> str | None:
    """Why `name` may not import this module of the package, if it may not."""
    target, scope, _ = found
    if not inside(target, PACKAGE):
        return None
    here, there = floor(name), floor(target)
    at_module_level = scope == "module"
    neighbours = here == there and room(name) != room(target) and name != DIRECTORY
    rules = (
        (
            name in {FRONT_DOOR, DIRECTORY} and at_module_level,
            f"{name} loads {target} only when asked for it",
        ),
        (target == FRONT_DOOR, "the front door is for those outside: import from the module itself"),
        (there > here, f"{name} is on floor {here}, {target} on floor {there}"),
        (neighbours, f"{name} and {target} are neighbours: neither imports the other"),
        (
            inside(name, COMMAND_LINE) and there == WINGS and at_module_level,
            f"the command line imports {target} inside the function that needs it",
        ),
    )
    return next((fault for broken, fault in rules if broken), None)


def load_fault(name: str, found: Import) -> str | None:
    """Why `name` may not load this module from elsewhere, if it may not."""
    alone = SOLE_IMPORTERS.get(found.target.split(".")[0])
    if alone is None or name == alone or inside(name, FREE_IMPORTERS) or found.scope == "type":
        return None
    return f"only {alone} imports {found.target}"


def cycle(modules: dict[str, Module]) -> list[str]:
    """The modules of one cycle of imports, if there is one; what only type checkers follow makes none."""
    graph = {
        module.name: {found.target for found in module.imports if found.scope != "type" and found.target in modules}
        for module in modules.values()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        return list(error.args[1])
    return []


def module_faults(modules: dict[str, Module]) -> list[str]:
    return [f"{module.file}: {fault}" for module in modules.values() for fault in faults_of(module)]


def faults_of(module: Module) -> Iterator[str]:
    if module.name != FRONT_DOOR and floor(module.name) > max(FLOORS.values()):
        yield "stands on no floor: give it one in tests/test_architecture.py"
    if not ast.get_docstring(module.tree):
        yield "has no docstring"
    if not any(
        isinstance(node, ast.ImportFrom)
        and node.module == "__future__"
        and "annotations" in [alias.name for alias in node.names]
        for node in module.tree.body
    ):
        yield "has no `from __future__ import annotations`"
    assigned = [
        target
        for node in module.tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    ]
    if not any(isinstance(target, ast.Name) and target.id == "__all__" for target in assigned):
        yield "has no `__all__`"
    if (lines := module.text.count("\n")) > MAX_LINES:
        yield f"has {lines} lines, {MAX_LINES} are the most"


# The package keeps the rules ------------------------------------------------------------------------------


def test_every_import_leads_to_a_lower_floor_or_stays_in_its_room() -> None:
    assert import_faults(read(SOURCE)) == []


def test_no_imports_form_a_cycle_not_even_inside_functions() -> None:
    assert cycle(read(SOURCE)) == []


def test_every_module_has_a_floor_a_docstring_and_all_and_is_not_too_long() -> None:
    assert module_faults(read(SOURCE)) == []


# The rules catch what they are for --------------------------------------------------------------------------


def house(directory: Path, files: dict[str, str]) -> dict[str, Module]:
    source = directory / PACKAGE
    for name, text in files.items():
        path = source / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return read(source)


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("errors.py", "import lambdarouter.core.view", "on floor 0,"),
        ("core/view.py", "from lambdarouter.sources.sns import SnsRecord", "on floor 1,"),
        ("core/view.py", "def load():\n    from lambdarouter.engine import run", "on floor 1,"),
        ("core/view.py", "if TYPE_CHECKING:\n    from lambdarouter.app import App", "on floor 1,"),
        ("core/view.py", "try:\n    pass\nexcept KeyError:\n    import lambdarouter.app", "on floor 1,"),
        (
            "core/view.py",
            "class View:\n  match x:\n    case 1:\n      import lambdarouter.app",
            "on floor 1,",
        ),
        ("core/view.py", "from ..engine import run", "on floor 1,"),
        ("sources/sns.py", "from lambdarouter.sources.ses import SesMail", "neighbours"),
        ("sources/sns.py", "from lambdarouter.sources import ses", "neighbours"),
        ("sources/sns.py", "from . import ses", "neighbours"),
        ("sources/http/router.py", "def load():\n  from lambdarouter.sources.cron import slot", "neighbours"),
        ("sources/sns.py", "from lambdarouter import App", "front door"),
        ("sources/__init__.py", "from lambdarouter.sources.ses import SesMail", "only when asked for it"),
        ("sources/__init__.py", "if TYPE_CHECKING:\n    from lambdarouter.app import App", "on floor 2,"),
        ("__init__.py", "from lambdarouter.app import App", "only when asked for it"),
        ("engine/run.py", "import lambdarouter.app", "on floor 3,"),
        ("testing/client.py", "import lambdarouter.asgi", "neighbours"),
        ("asgi.py", "def serve():\n    from lambdarouter.runtime.loop import serve", "neighbours"),
        ("cli/invoke.py", "from lambdarouter.testing import client", "inside the function"),
        ("engine/run.py", "def load():\n  from pydantic import BaseModel", "only lambdarouter.core.binding"),
        ("core/tower.py", "import lambdarouter.attic", "floor 8"),
    ],
)
def test_a_forbidden_import_is_reported(tmp_path: Path, file: str, text: str, fault: str) -> None:
    modules = house(tmp_path, {"sources/ses.py": "", file: text})

    (found,) = import_faults(modules)

    assert found.startswith(f"{PACKAGE}/{file}:{text.count(chr(10)) + 1}: ")
    assert fault in found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("core/view.py", "from lambdarouter.core import source\nfrom lambdarouter import errors"),
        ("core/view.py", "import json\ndef load():\n    import asyncio"),
        ("core/binding.py", "import pydantic_core\nfrom pydantic import TypeAdapter"),
        ("core/view.py", "if TYPE_CHECKING:\n    from pydantic import BaseModel"),
        ("sources/sns.py", "from lambdarouter.core.view import Record"),
        ("sources/http/router.py", "from lambdarouter.sources.http import Request\nfrom . import reply"),
        ("sources/__init__.py", "if TYPE_CHECKING:\n    from lambdarouter.sources.ses import SesMail"),
        ("__init__.py", "def __getattr__(name):\n    from lambdarouter.testing import client"),
        ("app.py", "from lambdarouter import sources\nfrom lambdarouter.sources import ses"),
        ("testing/client.py", "from lambdarouter.app import App\nfrom lambdarouter.testing import events"),
        ("cli/invoke.py", "import lambdarouter.cli.table\ndef run():\n    import lambdarouter.testing"),
    ],
)
def test_an_allowed_import_is_not_reported(tmp_path: Path, file: str, text: str) -> None:
    modules = house(tmp_path, {"errors.py": "", "sources/ses.py": "", file: text})

    assert import_faults(modules) == []


@pytest.mark.parametrize("back", ["import lambdarouter.core.a", "def f():\n  from lambdarouter.core import a"])
def test_a_cycle_is_reported_even_when_a_function_hides_it(tmp_path: Path, back: str) -> None:
    modules = house(tmp_path, {"core/a.py": "from lambdarouter.core.b import B", "core/b.py": back})

    assert set(cycle(modules)) == {"lambdarouter.core.a", "lambdarouter.core.b"}


def test_an_import_for_type_checkers_closes_no_cycle(tmp_path: Path) -> None:
    back = "if TYPE_CHECKING:\n    from lambdarouter.core.a import A"
    modules = house(tmp_path, {"core/a.py": "from lambdarouter.core.b import B", "core/b.py": back})

    assert cycle(modules) == []


WHOLE = '"""A module."""\n\nfrom __future__ import annotations\n\n__all__ = ["x"]\n'


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("core/view.py", WHOLE.replace('"""', "#"), "docstring"),
        ("core/view.py", WHOLE.replace("annotations", "division"), "__future__"),
        ("core/view.py", WHOLE.replace("__all__", "names"), "__all__"),
        ("core/view.py", WHOLE + "x = 1\n" * MAX_LINES, "lines"),
        ("attic.py", WHOLE, "no floor"),
    ],
)
def test_a_module_that_lacks_something_is_reported(tmp_path: Path, file: str, text: str, fault: str) -> None:
    (found,) = module_faults(house(tmp_path, {file: text}))

    assert found.startswith(f"{PACKAGE}/{file}: ")
    assert fault in found


@pytest.mark.parametrize("text", [WHOLE, WHOLE.replace("__all__ =", "__all__: list[str] =")])
def test_a_module_that_has_everything_is_not_reported(tmp_path: Path, text: str) -> None:
    assert module_faults(house(tmp_path, {"core/view.py": text})) == []
