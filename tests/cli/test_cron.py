from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.text import Text

from tests.cli.conftest import CLOCKWORK, ROOT, Run, RunProcess

APP, SEVERAL, EMPTY = f"{CLOCKWORK}:app", f"{CLOCKWORK}:several", f"{CLOCKWORK}:empty"
AUTUMN = "2026-10-24T20:00Z"


def show(run: Run, *arguments: str, status: int = 0, **environment: str) -> list[str]:
    result = run("cron", *arguments, **environment)
    assert result.exit_code == status, result.output
    return [line.rstrip() for line in Text.from_ansi(result.stdout).plain.splitlines()]


def columns(lines: list[str], first: str) -> list[str]:
    """The cells of the line that begins with `first`."""
    line = next(line for line in lines if line.startswith(first))
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_a_table_shows_each_job_with_its_next_tick_its_slot_in_its_zone_and_its_options(run: Run) -> None:
    lines = show(run, APP, "--from", AUTUMN)
    assert lines[0] == "7 jobs, a tick every 1h"
    assert columns(lines, "job") == [
        "job",
        "schedule",
        "next (UTC)",
        "in its zone",
        "24 h",
        "options",
    ]
    assert columns(lines, "report") == [
        "report",
        "30 6 * * MON-FRI (Europe/Madrid)",
        "Mon 26 Oct 06:00",
        "Mon 06:30",
        "0",
        "#reports catch_up=last",
    ]
    assert columns(lines, "sample")[-2:] == ["288", "overlap=skip timeout=20s"]
    assert columns(lines, "greet")[-1] == "#reports #asia dst=skip jitter=0.01s"
    assert columns(lines, "sweep")[-1] == "once"
    assert columns(lines, "retired")[-1] == "enabled=…"


def test_a_job_whose_times_are_over_never_runs_again(run: Run) -> None:
    assert "never again" in columns(show(run, APP, "--from", "2027-01-02T00:00Z"), "celebrate")[-2]


def test_a_chart_has_a_column_an_hour_in_utc_and_in_each_zone_across_a_change_of_the_clocks(run: Run) -> None:
    lines = show(run, APP, "--from", AUTUMN)
    chart = {line.split()[0]: line.split()[1:] for line in lines if len(line.split()) == 26}
    assert chart["UTC"] == [f"{hour % 24:02}" for hour in range(20, 45)]
    assert chart["Europe/Madrid"][:7] == ["22", "23", "00", "01", "02", "02", "03"]
    assert chart["Asia/Kolkata"][0] == "01"
    assert chart["sweep"] == ["●" if hour % 3 == 0 else "·" for hour in range(20, 45)]
    assert chart["sample"] == ["·", *["12"] * 24]
    assert chart["greet"][8] == "●"  # 04:00 UTC: due at 03:30
    assert "Europe/Madrid: clocks go back by 60 min between Sun 25 Oct 02:00 and the next hour" in lines


def test_a_week_has_a_column_for_six_hours_and_a_list_by_day(run: Run) -> None:
    lines = show(run, APP, "--week", "--from", "2026-10-26T00:00Z")
    chart = [line.split() for line in lines if len(line.split()) == 30]
    assert [line[0] for line in chart][:2] == ["UTC", "Europe/Madrid"]
    sweep = next(line for line in chart if line[0] == "sweep")
    assert sweep[1:] == ["●", *["2"] * 27, "●"]  # 00:00 itself is over
    days = next(line for line in lines if line.startswith(" ") and "Mon 26" in line)
    assert days.split("  ")[-1] == "Mon 02"
    assert "Mon 26 Oct  sweep" in "\n".join(lines)
    assert any(line.split() == ["report", "06:30", "Europe/Madrid"] for line in lines)
    assert any(line.split()[-5:] == ["03:00", "…", "21:00", "×7", "UTC"] for line in lines)


def test_what_every_tick_runs_is_told_once(run: Run) -> None:
    lines = show(run, APP, "--from", AUTUMN)
    assert "at every tick: sample" in lines
    assert "Sat 24 Oct 21:00  sweep    21:00             UTC" in lines


def test_ticks_that_are_too_coarse_for_a_job_are_warned_of_with_the_tick_it_needs(run: Run) -> None:
    lines = show(run, APP, "--from", AUTUMN)
    warned = lines[lines.index("at every tick: sample") + 2 :]
    assert [line.split() for line in warned[1:4]] == [
        ["report", "up", "to", "30m", "late", "30m"],
        ["sample", "up", "to", "55m", "late,", "12", "slots", "in", "one", "tick", "5m"],
        ["greet", "up", "to", "30m", "late", "30m"],
    ]
    assert warned[-1] == 'All on time: a rule that fires every 5m, and App(tick="5m"), instead of 1h.'


def test_a_tick_that_is_fine_enough_is_not_warned_of(run: Run) -> None:
    lines = show(run, APP, "--from", AUTUMN, "--tick", "5m")
    assert lines[0] == "7 jobs, a tick every 5m"
    assert not any("too coarse" in line for line in lines)


def test_at_a_time_exactly_what_that_tick_would_run_is_shown(run: Run) -> None:
    lines = show(run, APP, "--at", "2026-12-24T18:00+01:00")
    assert lines[0] == "13 runs in the tick of Thu 24 Dec 2026 17:00 UTC"
    assert lines[2].split() == ["job", "due", "(UTC)", "in", "its", "zone", "zone"]
    assert [line.split()[2] for line in lines if line.startswith("sample")] == [
        *(f"16:{minute:02}" for minute in range(5, 60, 5)),
        "17:00",
    ]
    assert columns(lines, "celebrate") == ["celebrate", "Thu 17:00", "Thu 18:00", "Europe/Madrid"]
    assert columns(lines, "sweep")[-1] == "not due in (16:00, 17:00] UTC"


def test_a_job_that_is_switched_off_is_not_run_and_one_that_cannot_tell_would_fail_the_tick(run: Run) -> None:
    lines = show(run, APP, "--at", "2026-11-29T00:00Z")
    assert columns(lines, "retired")[-1] == "enabled= said no"
    lines = show(run, APP, "--at", "2027-01-01T05:00Z", status=1)
    assert columns(lines, "new_year")[-1] == "LookupError: no such flag"


def test_run_runs_the_tick_and_says_what_came_of_it(run: Run) -> None:
    result = run("cron", APP, "--at", "2026-12-24T15:00Z", "--run")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "13 runs in the tick of Thu 24 Dec 2026 15:00 UTC"
    assert (
        columns(lines, "sweep")[1:] == ["2026-12-24T15:00:00+00:00", "ok", "     swept 15:00"]
        or "swept 15:00" in (columns(lines, "sweep")[-1])
    )
    assert "sweeping" in result.stderr
    assert "sweeping" not in result.stdout


def test_a_tick_in_which_a_job_fails_ends_with_status_1(run: Run) -> None:
    lines = show(run, APP, "--at", "2026-12-24T17:00Z", "--run", status=1)
    assert columns(lines, "celebrate")[-1] == "RuntimeError: no cake"
    assert sum(" ok" in line for line in lines) == 12


def test_run_alone_runs_the_latest_tick(run_process: RunProcess, tmp_path: Path) -> None:
    (tmp_path / "hourly.py").write_text(
        "from lambdarouter import App\napp = App()\n@app.cron('@hourly')\ndef job(tick): return f'{tick.slot:%M:%S}'\n"
    )
    done = run_process("cron", "hourly.py", "--run")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0].startswith("1 run in the tick of ")
    assert done.stdout.rstrip().endswith("00:00")


def test_tags_choose_jobs(run: Run) -> None:
    lines = show(run, APP, "--tag", "asia", "--from", AUTUMN)
    assert lines[0] == "1 job, a tick every 1h"
    assert not any(line.startswith("sweep") for line in lines)
    at = show(run, APP, "--tag", "asia", "--at", "2026-10-25T04:00Z")
    assert at[0] == "1 run in the tick of Sun 25 Oct 2026 04:00 UTC"
    assert len(at) == 4


def test_programs_get_a_line_of_json_for_each_job(run: Run) -> None:
    told = [json.loads(line) for line in show(run, APP, "--json", "--from", AUTUMN)]
    assert [job["job"].rpartition(".")[2] for job in told][:2] == ["sweep", "report"]
    greet = next(job for job in told if job["job"].endswith("greet"))
    assert greet == {
        "job": greet["job"],
        "schedule": "0 9 * * * (Asia/Kolkata)",
        "timezone": "Asia/Kolkata",
        "tags": ["reports", "asia"],
        "runs": [{"tick": "2026-10-25T04:00:00+00:00", "slot": "2026-10-25T09:00:00+05:30"}],
        "needs_tick": "30m",
    }


def test_programs_get_a_line_of_json_for_each_run_of_a_tick(run: Run) -> None:
    at = ("--at", "2026-12-24T17:00Z", "--tag", "reports", "--json")
    told = [json.loads(line) for line in show(run, APP, *at)]
    assert [(job["job"].rpartition(".")[2], job["outcome"], job["slot"]) for job in told] == [
        ("report", "declined", None),
        ("greet", "declined", None),
    ]
    assert told[0]["value"] == "not due in (16:00, 17:00] UTC"
    told = [json.loads(line) for line in show(run, APP, "--at", "2026-12-24T17:00Z", "--json")]
    assert [(job["outcome"], job["slot"]) for job in told if job["job"].endswith("celebrate")] == [
        ("due", "2026-12-24T18:00:00+01:00")
    ]
    told = [json.loads(line) for line in show(run, APP, "--at", "2026-12-24T17:00Z", "--run", "--json", status=1)]
    (failed,) = [job for job in told if job["outcome"] == "failed"]
    assert failed["error"] == "RuntimeError: no cake"


def test_what_runs_at_many_ticks_is_counted(run: Run) -> None:
    lines = show(run, SEVERAL, "--rule", "often", "--from", AUTUMN)
    assert "at every tick: sample" in lines
    assert "at 144 of 288 ticks: half_as_often" in lines
    assert not any(line.startswith("Sat 24 Oct") for line in lines)


def test_of_several_rules_the_most_frequent_one_ticks_unless_another_is_named(run: Run) -> None:
    assert show(run, SEVERAL)[0] == "2 jobs, a tick every 5m of the rule often"
    assert show(run, SEVERAL, "--rule", "hourly")[0] == "2 jobs, a tick every 1h of the rule hourly"
    lines = show(run, SEVERAL, "--rule", "hourly", "--at", "2026-12-24T15:00Z")
    assert lines[0] == "18 runs in the tick of Thu 24 Dec 2026 15:00 UTC of the rule hourly"
    assert show(run, SEVERAL, "--at", "2026-12-24T15:00Z")[0].startswith("2 runs in the tick")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((APP, "--at", "tomorrow"), "'tomorrow' is no time: expected ISO 8601"),
        ((APP, "--tag", "none"), "no job has the tag 'none'; tags: asia, reports"),
        ((APP, "--tick", "soon"), "'soon' is no period"),
        ((SEVERAL, "--rule", "other"), "the app declares no rule 'other'; its rules: hourly, often"),
        ((APP, "--run", "--tag", "asia", "--at", "2026-12-24T15:00Z"), "leave --tag out"),
        ((APP, "--at", "1960-01-01T00:00Z"), "expected a year from 1970"),
        ((APP, "--at", "2026-12-24T15:00Z", "--week"), "leave --week, --from and --tick out"),
        ((APP, "--run", "--tick", "5m"), "leave --week, --from and --tick out"),
    ],
)
def test_what_was_done_wrong_is_said_in_one_line(run: Run, arguments: tuple[str, ...], said: str) -> None:
    result = run("cron", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""


def test_a_tick_that_cannot_be_run_says_why(run: Run) -> None:
    result = run("cron", APP, "--at", "1960-01-01T00:00Z", "--run")
    assert result.exit_code == 1
    assert "expected a year from 1970" in result.stderr


def test_an_app_without_jobs_says_so(run: Run) -> None:
    assert show(run, EMPTY) == [f"{EMPTY} has no cron jobs"]


@pytest.mark.parametrize("width", ["60", "80", "110", "200"])
def test_a_terminal_shows_all_of_it_in_its_width(run: Run, width: str) -> None:
    result = run("cron", APP, "--from", AUTUMN, FORCE_COLOR="1", COLUMNS=width)
    lines = Text.from_ansi(result.stdout).plain.splitlines()
    chart = [line for line in lines if "· ·" in line or "·  ·" in line]
    assert len(chart) == 6 if int(width) >= 80 else chart
    assert max(map(len, chart)) <= int(width)
    if width == "80":
        assert any("+ + +" in line for line in lines)


def test_the_example_has_jobs(run: Run) -> None:
    assert "tick every 1h" in show(run, str(ROOT / "examples/monolith/app.py"))[0]


def test_a_tick_in_which_nothing_is_due_says_why_of_each_job(run: Run) -> None:
    lines = show(run, APP, "--tag", "asia", "--at", "2026-12-24T02:00Z")
    assert lines[0] == "0 runs in the tick of Thu 24 Dec 2026 02:00 UTC"
    assert lines[1] == ""
    assert lines[2].split() == ["not", "run", "because"]
    assert columns(lines, "greet")[-1] == "not due in (01:00, 02:00] UTC"
    assert not any("due (UTC)" in line for line in lines)
