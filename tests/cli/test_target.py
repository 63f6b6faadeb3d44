"""APP on the command line, and what is said where it is wrong."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Run

APP = "from lambdarouter import App\n{name} = App()\n@{name}.get('/')\ndef root(): ...\n"


@pytest.fixture
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(cwd: Path, name: str, text: str) -> None:
    path = cwd / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    "target", ["inventory", "inventory:app", "inventory.py", "inventory.py:app", "./inventory.py", "inventory:"]
)
def test_an_app_is_named_by_module_or_file_and_its_attribute_is_app(run: Run, cwd: Path, target: str) -> None:
    write(cwd, "inventory.py", APP.format(name="app"))
    result = run("routes", target)
    assert result.exit_code == 0, result.output
    assert "GET /" in result.stdout


def test_a_module_in_a_package_is_named_with_dots_or_as_a_file_and_may_import_relatively(run: Run, cwd: Path) -> None:
    write(cwd, "lib/depot/__init__.py", "")
    write(cwd, "lib/depot/inner/__init__.py", APP.format(name="own"))
    write(cwd, "lib/depot/routes.py", APP.format(name="app"))
    write(cwd, "lib/depot/inner/main.py", "from ..routes import app\n")
    assert "depot.routes.root" in run("routes", "lib/depot/inner/main.py").stdout
    assert "depot.inner.root" in run("routes", "lib/depot/inner/__init__.py:own").stdout
    write(cwd, "flat/__init__.py", "")
    write(cwd, "flat/main.py", APP.format(name="app"))
    assert "flat.main.root" in run("routes", "flat.main").stdout


def test_a_file_finds_the_modules_beside_it(run: Run, cwd: Path) -> None:
    write(cwd, "deploy/entry_point.py", "from beside_it import app\n")
    write(cwd, "deploy/beside_it.py", APP.format(name="app"))
    assert "beside_it.root" in run("routes", "deploy/entry_point.py").stdout


def test_the_only_app_of_a_module_is_meant_whatever_it_is_called(run: Run, cwd: Path) -> None:
    write(cwd, "only.py", APP.format(name="api") + "handler = api.handler\n")
    assert "only.root" in run("routes", "only").stdout


def test_app_is_meant_where_there_are_several(run: Run, cwd: Path) -> None:
    write(cwd, "more.py", APP.format(name="app") + "other = App()\n")
    assert "more.root" in run("routes", "more").stdout


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("gone", "Error: no module gone in {cwd} or on sys.path (APP is module:attribute, or a file's path)\n"),
        ("gone.deeper:app", "Error: no module gone in {cwd} or on sys.path"),
        ("wrong.app", "Error: no module wrong.app in {cwd} or on sys.path"),
        ("gone.py", "Error: there is no file gone.py\n"),
        ("gone/app", "Error: there is no file gone/app\n"),
        (".", "Error: . is a directory: name the file with the app\n"),
        ("", "Error: '' names no module: APP is module:attribute"),
        (":app", "Error: ':app' names no module: APP is module:attribute"),
        ("wrong:api", "Error: wrong has no attribute api; its apps: first, second\n"),
        ("wrong:number", "Error: wrong:number is no App but an int; its apps: first, second\n"),
        ("wrong:router", "Error: wrong:router is no App but a Router; include it in an App\n"),
        ("wrong", "Error: wrong has several apps and none is called app; say which: wrong:first, wrong:second\n"),
        ("wrong.py", "Error: wrong.py has several apps and none is called app; say which: wrong.py:first, "),
        ("bare", "Error: bare has no App: make one, app = App(), or name another module\n"),
        ("bare:app", "Error: bare has no attribute app; its apps: none\n"),
    ],
)
def test_a_wrong_app_is_one_clear_line_and_status_2(run: Run, cwd: Path, target: str, message: str) -> None:
    write(cwd, "bare.py", "")
    write(
        cwd,
        "wrong.py",
        "from lambdarouter import App, Router\nfirst = App()\nsecond = App()\nrouter = Router()\nnumber = 3\n",
    )
    result = run("routes", target)
    assert result.exit_code == 2
    assert result.stderr.startswith(message.format(cwd=cwd))
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_file_whose_name_is_another_modules_is_refused(run: Run, cwd: Path) -> None:
    write(cwd, "pathlib.py", APP.format(name="app"))
    result = run("routes", "pathlib.py")
    assert result.exit_code == 2
    assert "pathlib.py would be imported as pathlib, but that is " in result.stderr
    write(cwd, "sys.py", APP.format(name="app"))
    assert "but that is built into Python: give it another name" in run("routes", "sys.py").stderr


def test_an_import_that_fails_shows_the_developers_own_lines_and_none_of_ours(run: Run, cwd: Path) -> None:
    write(cwd, "broken.py", "import broken_part\n")
    write(cwd, "broken_part.py", "def connect():\n    raise ConnectionError('no database')\n\nconnect()\n")
    for target in ("broken", "broken.py:app"):
        result = run("routes", target)
        assert result.exit_code == 2
        assert result.stderr.startswith(f"Error: {target.removesuffix(':app')} cannot be imported\nTraceback (most")
        assert result.stderr.endswith("ConnectionError: no database\n")
        frames = [line.strip() for line in result.stderr.splitlines() if line.startswith('  File "')]
        assert [frame.partition(", line ")[0] for frame in frames] == [
            f'File "{cwd}/broken.py"',
            f'File "{cwd}/broken_part.py"',
            f'File "{cwd}/broken_part.py"',
        ]


def test_the_cause_of_a_failed_import_is_shown_too(run: Run, cwd: Path) -> None:
    write(
        cwd,
        "chained.py",
        "try:\n    {}['HOST']\nexcept KeyError as error:\n    raise RuntimeError('no host') from error\n",
    )
    stderr = run("routes", "chained").stderr
    assert "KeyError: 'HOST'" in stderr
    assert "The above exception was the direct cause" in stderr
    assert stderr.endswith("RuntimeError: no host\n")


def test_a_module_that_the_app_needs_and_that_is_missing_is_the_developers_error(run: Run, cwd: Path) -> None:
    write(cwd, "needy.py", "import not_installed\n")
    stderr = run("routes", "needy").stderr
    assert stderr.startswith("Error: needy cannot be imported\n")
    assert f'File "{cwd}/needy.py", line 1' in stderr
    assert "No module named 'not_installed'" in stderr


def test_a_syntax_error_is_shown_with_its_line(run: Run, cwd: Path) -> None:
    write(cwd, "typo.py", "def f(:\n")
    stderr = run("routes", "typo").stderr
    assert f'File "{cwd}/typo.py", line 1' in stderr
    assert "SyntaxError" in stderr
    assert "Traceback" not in stderr


def test_a_configuration_error_is_its_own_text(run: Run, cwd: Path) -> None:
    write(cwd, "jobs.py", "from lambdarouter import App\napp = App()\n@app.cron('99 * * * *')\ndef job(): ...\n")
    result = run("routes", "jobs")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"Error: jobs.job ({cwd}/jobs.py:3): ")
    assert "99" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_module_that_ends_the_process_is_told_so(run: Run, cwd: Path) -> None:
    write(cwd, "quits.py", "import sys\nsys.exit(4)\n")
    result = run("routes", "quits")
    assert result.exit_code == 2
    assert result.stderr == "Error: quits ends the process while it is imported (exit status 4)\n"


def test_what_a_module_prints_while_it_is_imported_is_no_part_of_the_output(run: Run, cwd: Path) -> None:
    write(cwd, "chatty.py", "print('hello')\n" + APP.format(name="app"))
    result = run("routes", "chatty")
    assert "hello" not in result.stdout
    assert result.stderr == "hello\n"


def test_the_working_directory_is_on_the_path_once(run: Run, cwd: Path) -> None:
    write(cwd, "inventory.py", APP.format(name="app"))
    run("routes", "inventory")
    run("routes", "inventory")
    assert sys.path.count(str(cwd)) == 1
