"""The documentation is true: its code runs, its links lead somewhere, and what it names exists."""

from __future__ import annotations

import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lambdarouter.sources import ROOMS
from tests.pace import in_real_time

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
CONTRIBUTING = ROOT / "docs" / "contributing.md"

MARK = re.compile(r"<!-- (not executed: .+|file: (?P<file>\S+)) -->")


class Block(NamedTuple):
    """A fenced block of a page: its language, its text, where it starts, and the comment right before it."""

    language: str
    text: str
    line: int
    mark: str


def blocks(page: Path) -> Iterator[Block]:
    lines = page.read_text("utf-8").splitlines()
    start, language, before = None, "", ""
    for number, line in enumerate(lines):
        if not line.startswith("```"):
            before = line or before if start is None else before
        elif start is None:
            start, language = number, line.removeprefix("```")
            mark = before if MARK.fullmatch(before) else ""
        else:
            yield Block(language, "\n".join(lines[start + 1 : number]) + "\n", start + 1, mark)
            start, before = None, ""
    assert start is None, f"{page}: a block is not closed"


def code_of(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language == "python" and not block.mark]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def run(text: str, file: str, line: int, namespace: dict[str, Any]) -> None:
    """Run a block so that tracebacks and the framework's messages name the page and the line."""
    source = "\n" * line + text
    exec(compile(source, file, "exec", dont_inherit=True), namespace)  # noqa: S102 - our own pages


# Code -------------------------------------------------------------------------------------------------------


@in_real_time  # docs/deadline.md hangs
@pytest.mark.parametrize("page", [page for page in PAGES if code_of(page)], ids=name_of)
def test_every_python_block_of_a_page_runs_in_order(page: Path) -> None:
    namespace: dict[str, Any] = {"__name__": page.stem.replace("-", "_")}

    for block in code_of(page):
        run(block.text, name_of(page), block.line, namespace)


# What a room's docstring takes for granted: an app, and the names that its example would import.
PREAMBLE = """
from typing import Annotated

from pydantic import BaseModel

from lambdarouter import *

app = App()


class Order(BaseModel):
    id: int


def staff() -> Allow:
    return Allow("ada")
"""


@pytest.mark.parametrize("room", ROOMS)
def test_the_example_in_a_rooms_docstring_runs(room: str) -> None:
    module = importlib.import_module(f"lambdarouter.sources.{room}")
    examples = re.findall(r"::\n\n((?: {4}.*\n|\n)+)", module.__doc__ or "")
    namespace: dict[str, Any] = {"__name__": room}

    assert examples, f"lambdarouter.sources.{room} shows no example"
    run(PREAMBLE, "the preamble", 0, namespace)
    for example in examples:
        run(textwrap.dedent(example), f"lambdarouter/sources/{room}", 0, namespace)

    assert namespace["app"].routes


def test_a_block_is_left_out_only_with_a_reason_and_rarely() -> None:
    left_out = [block for page in PAGES for block in blocks(page) if "not executed" in block.mark]

    assert len(left_out) <= 2


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_its_language(page: Path) -> None:
    known = {"python", "sh", "text", "json", "diff", "mermaid", "yaml", "terraform", "toml"}

    assert [block.line for block in blocks(page) if block.language not in known] == []


# Pages and links ----------------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)

    assert broken == []


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
        linked = {(page.parent / target).resolve() for target in re.findall(r"\]\(([^)\s#:]+\.md)[)#]", text)}
        waiting.extend(linked - reached)

    assert [name_of(page) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_its_page_which_the_index_names(room: str) -> None:
    page = ROOT / "docs" / "sources" / f"{room}.md"

    assert page.is_file()
    assert f"({room}.md)" in (page.parent / "index.md").read_text("utf-8")
    assert "(docs/sources/index.md)" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("room", ROOMS)
def test_a_rooms_page_names_every_event_it_takes_and_links_to_what_its_docstring_links_to(room: str) -> None:
    text = (ROOT / "docs" / "sources" / f"{room}.md").read_text("utf-8")
    module = importlib.import_module(f"lambdarouter.sources.{room}")
    links = re.findall(r"https://docs\.aws\.amazon\.com/\S+", module.__doc__ or "")

    assert links
    assert [name for name in ROOMS[room][1] if f"`{name}`" not in text] == []
    assert [link for link in links if link not in text] == []


# Commands -----------------------------------------------------------------------------------------------------


def commands(program: str) -> Iterator[tuple[str, list[str]]]:
    """(page, arguments) of every call of a program in the pages' shell blocks."""
    for page in PAGES:
        for block in blocks(page):
            for line in block.text.splitlines() if block.language == "sh" else ():
                for command in line.removeprefix("$ ").split(" | "):
                    words = shlex.split(command, comments=True)
                    if words and words[0].rpartition("/")[2] == program:
                        yield name_of(page), words[1:]


def test_the_house_in_contributing_names_every_part_of_the_package() -> None:
    (house,) = [block.text for block in blocks(CONTRIBUTING) if block.text.startswith("lambdarouter/\n")]
    parts = {path for path in (ROOT / "lambdarouter").iterdir() if path.is_dir() or path.suffix == ".py"}
    named = {f"{path.name}/" if path.is_dir() else path.name for path in parts if not path.name.startswith("__")}

    assert {part for part in named if f"\n  {part} " not in house} == set()


def test_the_index_has_each_familys_sources_in_alphabetical_order() -> None:
    index = (ROOT / "docs" / "sources" / "index.md").read_text("utf-8")
    families = [re.findall(r"^\| \[([^]]+)\]\(", family, re.MULTILINE) for family in index.split("\n## ")]

    assert sum(map(len, families)) == len(ROOMS)
    assert [names for names in families if names != sorted(names, key=str.lower)] == []


def test_the_readme_has_the_two_commands_of_a_fresh_clone() -> None:
    named = {word for page, words in commands("make") for word in words if page == "README.md"}

    assert {"demo", "test"} <= named


def test_every_make_target_in_the_pages_exists() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {word for _, words in commands("make") for word in words if "=" not in word}

    assert named - targets == set()


def test_every_command_and_option_of_the_command_line_in_the_pages_exists() -> None:
    named: dict[str, set[str]] = {}
    for _, words in commands("lambdarouter"):
        options = {word.partition("=")[0] for word in words if word.startswith("--")}
        called = words[:2] if words[0] == "event" else words[:1]  # it has commands itself
        named.setdefault(" ".join(called), set()).update(options)

    assert named
    for command, options in named.items():
        shown = subprocess.run(
            [sys.executable, "-m", "lambdarouter.cli", *command.split(), "--help"],
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "200", "_TYPER_FORCE_DISABLE_TERMINAL": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert shown.returncode == 0, shown.stderr
        assert [option for option in options if option not in shown.stdout] == [], command


def test_the_commands_of_getting_started_run_on_its_own_app(tmp_path: Path) -> None:
    page = ROOT / "docs" / "getting-started.md"
    (tmp_path / "main.py").write_text(code_of(page)[0].text, "utf-8")
    called = [words for name, words in commands("lambdarouter") if name == name_of(page)]

    statuses = []
    for words in called:
        ran = subprocess.run(
            [sys.executable, "-m", "lambdarouter.cli", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in ran.stderr
        statuses.append(ran.returncode)

    assert [words[0] for words in called] == ["routes", "cron", "invoke", "invoke"]
    assert statuses == [0, 0, 0, 1]  # the page says so of the last


def test_the_tests_of_the_readmes_app_run_all_of_it_in_less_than_thirty_lines(tmp_path: Path) -> None:
    page = ROOT / "docs" / "testing.md"
    (tests,) = [block.text for block in blocks(page) if block.mark == "<!-- file: test_app.py -->"]
    (setting,) = [block.text for block in blocks(page) if block.language == "toml"]
    (tmp_path / "app.py").write_text(code_of(ROOT / "README.md")[0].text, "utf-8")
    (tmp_path / "test_app.py").write_text(tests, "utf-8")
    (tmp_path / "pyproject.toml").write_text(setting, "utf-8")

    coverage = ["--cov=app", "--cov-branch", "--cov-report=term-missing", "--cov-fail-under=100"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *coverage],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COVERAGE_FILE": str(tmp_path / "coverage")},
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(tests.splitlines()) < 30
    assert ran.returncode == 0, ran.stdout + ran.stderr


# The recipe for a new source, followed to the letter -----------------------------------------------------------


def apply(diff: str, root: Path) -> None:
    """Apply a diff of the recipe: every hunk's old lines stand in the file once; `…` in them is any text."""
    (name,) = re.findall(r"^\+\+\+ b/(\S+)$", diff, re.MULTILINE)
    path = root / name
    text = path.read_text("utf-8")
    for hunk in diff.split("@@\n")[1:]:
        lines = hunk.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] != "+")
        new = "".join(line[1:] for line in lines if line[0] != "-")
        found = list(re.finditer("^" + "(.*)".join(map(re.escape, old.split("…"))), text, re.MULTILINE))
        assert len(found) == 1, f"{name} has {len(found)} places for\n{old}"
        for there in found[0].groups():
            new = new.replace("…", there, 1)
        text = text[: found[0].start()] + new + text[found[0].end() :]
    path.write_text(text, "utf-8")


def test_the_recipe_for_a_new_source_works_as_it_is_written(tmp_path: Path) -> None:
    for name in ("lambdarouter", "tests", "docs", "fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "CHANGELOG.md", "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    made = []
    for block in blocks(CONTRIBUTING):
        if block.language == "diff":
            apply(block.text, tmp_path)
        elif block.mark.startswith("<!-- file:"):
            made.append(block.mark.split()[2])
            path = tmp_path / made[-1]
            assert not path.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text, "utf-8")

    # What its author would see of the rules for all rooms and builders, and the new tests themselves.
    tests = [name for name in made if Path(name).name.startswith("test_")]
    rules = ["tests/test_architecture.py", "tests/testing/test_event_shapes.py", "tests/test_docs.py"]
    rules += ["tests/test_contract.py", "tests/test_contract_replies.py"]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *tests, *rules, "-k", "beacon or architecture or docstring"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert tests
    assert ran.returncode == 0, ran.stdout + ran.stderr
