from __future__ import annotations

from pathlib import Path

import pytest
from rich.text import Text

from tests.cli.conftest import ROOT, SHOP, Run


def lines_of(run: Run, target: str) -> list[list[str]]:
    result = run("routes", target)
    assert result.exit_code == 0, result.output
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in result.stdout.splitlines()]


def test_every_handler_has_a_line_with_source_filter_guard_function_and_place(run: Run) -> None:
    header, *lines = lines_of(run, str(SHOP))

    assert header == ["source", "filter", "guard", "handler", "place"]
    source = SHOP.read_text().splitlines()
    by_handler = {line[-2]: line for line in lines if line[-2] != "shop.crash"}
    line = source.index('@app.get("/orders/{order_id}", auth=staff)') + 1
    place = f"{SHOP.relative_to(ROOT)}:{line}" if Path.cwd() == ROOT else f"{SHOP}:{line}"
    assert by_handler["shop.read"] == ["http", "GET /orders/{order_id}", "shop.staff", "shop.read", place]
    assert by_handler["shop.report"][:2] == ["cron", "30 6 * * MON-FRI (Europe/Madrid)"]
    assert by_handler["shop.announce"][:2] == ["sns", "orders"]
    assert by_handler["shop.ticket"][:2] == ["ses", "recipient=*@support.harbour.example.com"]
    assert by_handler["shop.staff"][0] == "authorizer"


def test_a_function_with_two_decorators_has_two_lines(run: Run) -> None:
    filters = [line[1] for line in lines_of(run, str(SHOP)) if "shop.crash" in line]
    assert filters == ["GET /crash", "GET /admin/crash"]


def test_a_place_is_told_from_the_working_directory_where_that_is_a_way_down(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "small.py").write_text("from lambdarouter import App\napp = App()\n@app.get('/')\ndef root(): ...\n")
    assert lines_of(run, str(tmp_path / "small.py"))[1][-1] == f"{tmp_path}/small.py:3"
    monkeypatch.chdir(tmp_path)
    assert lines_of(run, "small.py")[1][-1] == "small.py:3"


def test_a_terminal_wraps_what_is_too_long_and_hides_nothing(run: Run) -> None:
    result = run("routes", str(SHOP), FORCE_COLOR="1", COLUMNS="80")
    lines = Text.from_ansi(result.stdout).plain.splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in result.stdout
    assert sum(line.startswith("http") for line in lines) == 5


def test_a_third_partys_source_is_listed_under_its_own_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "parcels.py").write_text(
        "from lambdarouter import App, Source, Trigger\n"
        "class ParcelSource(Source):\n"
        "    names = ('acme.parcel',)\n"
        "class ParcelTrigger(Trigger):\n"
        "    source = ParcelSource\n"
        "class BareTrigger(Trigger):\n"
        "    source = type('BareSource', (Source,), {})\n"
        "app = App()\n"
        "@app.on(ParcelTrigger())\n"
        "@app.on(BareTrigger())\n"
        "def deliver(): ...\n"
    )
    lines = lines_of(run, str(tmp_path / "parcels.py"))
    assert [line[0] for line in lines[1:]] == ["BareSource", "acme.parcel"]


def test_a_handler_without_source_code_of_its_own_has_no_place(run: Run, tmp_path: Path) -> None:
    (tmp_path / "builtin_handler.py").write_text(
        "from lambdarouter import App\napp = App()\napp.get('/')(type('Empty', (), {'__call__': lambda self: {}})())\n"
    )
    (line,) = lines_of(run, str(tmp_path / "builtin_handler.py"))[1:]
    assert line[:3] == ["http", "GET /", "builtin_handler.Empty"]


def test_an_app_without_routes_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty_app.py").write_text("from lambdarouter import App\napp = App()\n")
    result = run("routes", str(tmp_path / "empty_app.py"))
    assert result.stdout == f"{tmp_path}/empty_app.py has no routes\n"
