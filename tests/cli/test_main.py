"""The command line as a process of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from time import monotonic

import pytest

from lambdarouter.testing.events import http, sns
from tests.cli.conftest import ROOT, SHOP, Run, RunProcess
from tests.pace import in_real_time, seconds


def test_the_command_line_is_a_program(run_process: RunProcess) -> None:
    result = run_process("invoke", str(SHOP), "--event", "-", "--json", stdin=json.dumps(http.v2("GET", "/health")))
    assert result.returncode == 0
    assert json.loads(result.stdout)["reply"]["statusCode"] == 200


def test_its_exit_status_says_whether_lambda_would_see_an_error(run_process: RunProcess) -> None:
    def status(*arguments: str) -> int:
        return run_process("invoke", *arguments).returncode

    assert status(str(SHOP), "--data", json.dumps(http.v2("GET", "/crash"))) == 0
    assert status(str(SHOP), "--data", "null") == 1
    assert status("gone.py", "--data", "null") == 2


def test_it_writes_what_the_encoding_of_its_output_allows(run_process: RunProcess) -> None:
    event = json.dumps(sns("both-fail", "zoë LONE")).replace("LONE", r"\ud800")
    table = run_process("invoke", str(SHOP), "--data", event, PYTHONIOENCODING="ascii")
    assert table.returncode == 1
    assert r"ValueError: zo\xeb \ud800" in table.stdout
    line = run_process("invoke", str(SHOP), "--data", event, "--json", PYTHONIOENCODING="ascii").stdout
    assert json.loads(line)["outcomes"][0]["error"]["errorMessage"] == "zoë \ud800"


@pytest.mark.parametrize("missing", ["typer", "rich"])
def test_without_the_extra_it_says_how_to_install_it(missing: str) -> None:
    code = f"import sys; sys.modules[{missing!r}] = None; from lambdarouter.cli import main; main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 2
    assert result.stderr == f'the command line needs {missing}: pip install "lambdarouter[cli]"\n'


def test_another_missing_module_is_not_taken_for_the_extra() -> None:
    code = "import sys; sys.modules['annotated_doc'] = None; from lambdarouter.cli import main; main()"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert result.returncode == 1
    assert "annotated_doc" in result.stderr


def test_help_lists_the_commands_and_an_unknown_one_is_refused(run: Run) -> None:
    listed = re.findall(r"^│ (\w+) ", run("--help").stdout, re.MULTILINE)
    assert " ".join(listed) == "invoke event routes cron openapi bedrock serve emulate classify test replay"
    for command in listed:
        assert "Usage" in run(command, "--help").stdout
    result = run("dispatch")
    assert result.exit_code == 2
    assert "dispatch" in result.stderr


def test_help_says_which_app_is_meant_without_an_attribute(run: Run) -> None:
    for command in ("invoke", "routes"):
        text = " ".join(run(command, "--help", COLUMNS="300").stdout.split())
        assert "Without an attribute it is the module's only App, or the one called app." in text


def test_the_version_is_that_of_the_installed_package(run_process: RunProcess, tmp_path: Path) -> None:
    (tmp_path / "lambdarouter-1.2.3.dist-info").mkdir()
    metadata = "Metadata-Version: 2.1\nName: lambdarouter\nVersion: 1.2.3\n"
    (tmp_path / "lambdarouter-1.2.3.dist-info" / "METADATA").write_text(metadata)
    result = run_process("--version", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "lambdarouter 1.2.3\n")


def test_a_source_tree_without_a_version_says_so() -> None:
    code = (
        "import sys; sys.argv = ['lambdarouter', '--version']\n"
        "import importlib.metadata as metadata\n"
        "sys.meta_path = [f for f in sys.meta_path if not hasattr(f, 'find_distributions')] + sys.meta_path\n"
        "from lambdarouter.cli import main\n"
        "metadata.MetadataPathFinder.find_distributions = lambda *_: []\n"
        "main()\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert (result.returncode, result.stdout) == (0, "lambdarouter, from a source tree that is not installed\n")


@in_real_time
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_a_thread_that_cannot_be_stopped_does_not_keep_the_process_from_ending(
    run_process: RunProcess, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (tmp_path / "stuck.py").write_text(
        "import time\n"
        "from lambdarouter import App\n"
        "app = App()\n"
        "@app.sns('orders')\n"
        "def stuck(text: str):\n"
        "    time.sleep(60)\n"
        "@app.sns('orders')\n"
        "def quick(text: str):\n"
        "    print('quick')\n"
        "@app.get('/long')\n"
        "def long():\n"
        "    return 'x' * 200_000\n"
    )
    sent = ("--data", json.dumps(sns("orders", "m")), "--data", json.dumps(http.v2("GET", "/long")))
    began = monotonic()

    result = run_process("invoke", "stuck.py", *sent, "--timeout", str(seconds(1)), *options)

    assert monotonic() - began < 30
    assert result.returncode == 1
    assert result.stderr == "quick\n"
    assert "DeadlineExceeded" in result.stdout
    if options:
        stuck, long = map(json.loads, result.stdout.splitlines())
        assert [outcome["status"] for outcome in stuck["outcomes"]] == ["failed", "ok"]
        assert len(long["reply"]["body"]) == 200_000
    else:
        assert result.stdout.endswith("\n2 events, 1 error\n")


def test_a_command_loads_no_other_command() -> None:
    code = (
        "import sys; sys.argv = ['lambdarouter', 'classify', '-']\n"
        "from lambdarouter.cli import main\n"
        "try: main()\n"
        "except SystemExit: print(sorted(n for n in sys.modules if n.startswith('lambdarouter.cli.')))\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], input="{}", capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "'lambdarouter.cli.classify'" in result.stdout
    assert "lambdarouter.cli.invoke" not in result.stdout
    assert "lambdarouter.cli.routes" not in result.stdout
