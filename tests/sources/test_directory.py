from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import lambdarouter
from lambdarouter import App, Source, Trigger, sources
from lambdarouter.core.decorator import decorator
from lambdarouter.engine.classify import NAMES

ROOMS = Path(lambdarouter.__file__).parent / "sources"


def test_every_room_is_in_the_directory_and_nothing_else_is() -> None:
    rooms = {path.stem for path in ROOMS.iterdir() if path.stem != "__init__" and not path.name.startswith("__")}
    assert set(sources.ROOMS) == rooms
    assert set(sources.__all__) == {"ROOMS", "source_of", *rooms}


@pytest.mark.parametrize("room", sorted(sources.ROOMS))
def test_the_directory_says_of_a_room_what_the_room_says_of_itself(room: str) -> None:
    source_class, names = sources.ROOMS[room]
    module = importlib.import_module(f"lambdarouter.sources.{room}")
    source = getattr(module, source_class)
    assert getattr(sources, room) is module
    assert issubclass(source, Source)
    assert source.names == names
    assert source_class in module.__all__
    for name in names:
        assert name in NAMES
        assert sources.source_of(name) is source


def test_no_two_rooms_take_one_name() -> None:
    names = [name for _, taken in sources.ROOMS.values() for name in taken]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("name", sorted(set(NAMES) - {name for _, taken in sources.ROOMS.values() for name in taken}))
def test_a_name_that_no_room_takes_has_no_source(name: str) -> None:
    assert sources.source_of(name) is None


def test_what_is_no_room_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'carrier_pigeon'"):
        _ = sources.carrier_pigeon


@pytest.mark.parametrize("room", sorted(sources.ROOMS))
def test_a_room_is_documented_where_a_reader_looks_first(room: str) -> None:
    module = importlib.import_module(f"lambdarouter.sources.{room}")
    text = module.__doc__ or ""
    assert "@app." in text
    assert "https://docs.aws.amazon.com/" in text or room == "http"
    for name in module.__all__:
        assert getattr(module, name).__doc__, f"{room}.{name} has no docstring"


def test_every_decorator_of_the_lobby_makes_the_trigger_of_its_room() -> None:
    made = {name for owner in App.__mro__ for name, value in vars(owner).items() if isinstance(value, decorator)}
    assert set(sources.ROOMS) - {"http"} <= made
    app = App()
    for name in made:
        trigger = getattr(app, name).__wrapped__
        assert trigger.__doc__
        if isinstance(trigger, type):
            assert issubclass(trigger, Trigger)
            assert trigger.source.names == sources.ROOMS[name if name in sources.ROOMS else "http"][1]


def test_no_room_imports_another_room() -> None:
    for path in ROOMS.rglob("*.py"):
        room = path.relative_to(ROOMS).parts[0].removesuffix(".py")
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lambdarouter.sources."):
                assert room == "__init__" or node.module.split(".")[2] == room, path  # type: ignore[union-attr]
