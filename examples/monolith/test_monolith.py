from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import validate

from lambdarouter import Completion, HttpError, InvalidPayloadError, NoRouteError, Unauthorized, UnknownEventError
from lambdarouter.stores.dynamodb import DynamoDbStore
from lambdarouter.stores.memory import MemoryStore
from lambdarouter.testing import TestClient, redelivery, strategies
from lambdarouter.testing.events import eventbridge, sqs

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXPECTED: dict[str, dict[str, str]] = tomllib.loads((HERE / "expected.toml").read_text())
# Of the sources that the app has a trigger for, and of the others.
FIXTURES = sorted(path for path in ROOT.glob("fixtures/*/*.json") if path.parent.name in EXPECTED)
# … but those that are told through an API of AWS, which the demo is not to call.
TOLD_BY_API = {"codedeploy", "codepipeline", "config", "s3.object_lambda", "transfer.workflow"}
OTHERS = sorted({path.parent.name for path in ROOT.glob("fixtures/*/*.json")} - EXPECTED.keys() - TOLD_BY_API)

STAFF = {"Authorization": "Bearer staff-token"}
ADMIN = {"Authorization": "Bearer admin-token"}
ORDER = {"id": 18, "isbn": "9780141439518", "quantity": 3, "email": "grace@example.com"}


@pytest.fixture
def monolith(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The app's module, imported anew for each test, as Lambda imports it in each new environment."""
    for name in [name for name in os.environ if name.startswith("HARBOUR_")]:
        monkeypatch.delenv(name)
    spec = spec_from_file_location("monolith", HERE / "app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "monolith", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def client(monolith: ModuleType) -> Iterator[TestClient]:
    with TestClient(monolith.app) as client:
        yield client


def journal(client: TestClient) -> list[str]:
    found: list[str] = client.get("/admin/report", headers=ADMIN).json()["journal"]
    return found


def in_words(completion: Completion) -> str:
    """What became of an event, as expected.toml writes it."""
    reply = completion.reply
    if completion.error is not None:
        answer = type(completion.error).__name__
    elif reply is None:
        answer = "null"
    elif "policyDocument" in reply:
        answer = reply["policyDocument"]["Statement"][0]["Effect"]
    elif "batchItemFailures" in reply:
        answer = f"repeat:{len(reply['batchItemFailures'])}" if reply["batchItemFailures"] else "done"
    else:
        answer = str(reply.get("statusCode") or reply.get("disposition") or "data")
    marks = {"ok": "", "failed": "!"}
    called = [
        outcome.route.name.removeprefix("monolith.") + marks[outcome.status]
        for outcome in completion.outcomes
        if outcome.route is not None and outcome.status != "declined"
    ]
    return " ".join([answer, *called])


# ---- Fixtures ----


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_fixture_gets_its_own_answer_from_its_own_handlers(path: Path, client: TestClient) -> None:
    completion = client.invoke(json.loads(path.read_bytes()))
    assert completion.name == path.parent.name
    assert in_words(completion) == EXPECTED[path.parent.name][path.stem]


def test_what_is_expected_names_the_fixtures_and_nothing_else() -> None:
    named = {f"{source}/{name}.json" for source, names in EXPECTED.items() for name in names}
    assert named == {f"{path.parent.name}/{path.name}" for path in FIXTURES}


# ---- HTTP ----


@pytest.mark.parametrize("isbn", ["9780141439518", "978-0-14-143951-8", "978%200141439518"])
def test_a_book_is_found_however_its_isbn_is_written(isbn: str, client: TestClient) -> None:
    completion = client.get(f"/books/{isbn}", gateway="rest")
    assert completion.json() == {"isbn": "9780141439518", "title": "Pride and Prejudice"}


def test_an_unknown_book_is_a_problem_that_says_so(client: TestClient) -> None:
    completion = client.get("/books/000")
    assert completion.headers["content-type"] == "application/problem+json"
    assert completion.json() == {"title": "Not Found", "status": 404, "detail": "no such book"}


def test_an_order_that_is_taken_can_be_read_and_is_in_the_report(client: TestClient) -> None:
    taken = client.post("/orders", json=ORDER, headers=STAFF)
    assert (taken.status, taken.json()) == (201, ORDER)
    assert client.get("/orders/18", headers=STAFF).json() == ORDER
    report = client.get("/admin/report", headers=ADMIN).json()
    assert report == {"orders": 4, "copies": 9, "journal": ["staff took order 18"]}


def test_an_unknown_order_is_not_found(client: TestClient) -> None:
    assert client.get("/orders/99", headers=STAFF).status == 404


def test_an_order_of_no_copies_is_refused_and_told_why(client: TestClient) -> None:
    completion = client.post("/orders", json={**ORDER, "quantity": 0}, headers=STAFF)
    assert completion.status == 422
    assert [error["loc"] for error in completion.json()["errors"]] == [["body", "quantity"]]
    assert client.get("/orders/18", headers=STAFF).status == 404


def test_a_cancelled_order_counts_no_more_but_is_kept(client: TestClient) -> None:
    completion = client.delete("/orders/17", headers=ADMIN)
    assert (completion.status, completion.content) == (204, b"")
    assert client.get("/admin/report", headers=ADMIN).json() == {"orders": 2, "copies": 4, "journal": []}
    assert client.get("/orders/17", headers=STAFF).status == 200


def test_a_crash_is_told_to_the_log_and_not_to_the_client(
    client: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    completion = client.get("/admin/crash", headers=ADMIN)
    assert completion.status == 500
    assert "printer" not in completion.text
    assert "the printer is on fire" in capsys.readouterr().err


# ---- Guards ----


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/orders/17", {}, 401),
        ("GET", "/orders/17", ADMIN, 403),
        ("POST", "/orders", ADMIN, 403),
        ("DELETE", "/orders/17", {}, 401),
        ("DELETE", "/orders/17", STAFF, 403),
        ("GET", "/admin/report", STAFF, 403),
        ("GET", "/admin/crash", {"Authorization": "Bearer \u00e9"}, 403),
    ],
)
def test_a_guarded_route_opens_to_its_own_token_alone(
    method: str, path: str, headers: dict[str, str], status: int, client: TestClient
) -> None:
    completion = client.request(method, path, headers=headers, json=ORDER)
    assert completion.status == status
    assert completion.ran == []


@pytest.mark.parametrize(
    ("method", "path", "headers", "covered"),
    [
        ("GET", "/orders/17", STAFF, ["GET/orders/*", "POST/orders"]),
        ("DELETE", "/orders/17", ADMIN, ["DELETE/orders/*", "GET/admin/report", "GET/admin/crash"]),
    ],
)
def test_an_allow_covers_the_routes_of_its_guard_and_no_others(
    method: str, path: str, headers: dict[str, str], covered: list[str], client: TestClient
) -> None:
    reply = client.authorize(method, path, headers=headers).reply
    (statement,) = reply["policyDocument"]["Statement"]
    assert statement["Effect"] == "Allow"
    resources = {resource.split("/", 2)[2] for resource in statement["Resource"]}
    # Beside them, HEAD for GET, and both forms of a path.
    assert {resource.replace("HEAD", "GET").removesuffix("/") for resource in resources} == set(covered)


def test_what_api_gateway_learned_from_one_guard_opens_no_route_of_the_other(client: TestClient) -> None:
    context = client.authorize("GET", "/orders/17", headers=STAFF).reply["context"]
    assert client.get("/orders/17", authorizer=context).status == 200
    assert client.get("/admin/report", authorizer=context).status == 401


# ---- Configuration ----


def test_tokens_and_sender_come_from_the_environment(monolith: ModuleType) -> None:
    environment = {"HARBOUR_STAFF_TOKEN": "s3same", "HARBOUR_SENDER": "shop@example.org"}
    client = TestClient(monolith.app).given(env=environment)
    assert client.get("/orders/17", headers=STAFF).status == 403
    assert client.get("/orders/17", headers={"Authorization": "Bearer s3same"}).status == 200
    client.sns("orders", ORDER, attributes={"kind": "created"})
    assert "shop@example.org to grace@example.com: order 18 is on its way" in journal(client)


def test_the_configuration_is_read_once(client: TestClient) -> None:
    assert client.get("/orders/17", headers=STAFF).status == 200
    assert client.given(env={"HARBOUR_STAFF_TOKEN": "s3same"}).get("/orders/17", headers=STAFF).status == 200


def test_another_shop_can_stand_in_for_the_records(monolith: ModuleType, client: TestClient) -> None:
    def without_books() -> Any:
        shop = monolith.Shop()
        shop.books.clear()
        return shop

    with client.override(monolith.open_shop, without_books):
        assert client.get("/books/9780141439518").status == 404
    assert client.get("/books/9780141439518").status == 200


def test_no_token_shows_in_the_configurations_repr(monolith: ModuleType) -> None:
    assert "staff-token" not in repr(monolith.read_settings())


# ---- Cron ----


def test_a_day_of_ticks_runs_each_job_when_it_is_due(client: TestClient) -> None:
    ran: dict[str, list[int]] = {}
    for hour in range(24):
        completion = client.tick(f"2026-01-05T{hour:02}:00Z")
        assert completion.error is None
        for name in completion.ran:
            ran.setdefault(name, []).append(hour)
    assert ran == {
        "refresh_catalogue": [0, 3, 6, 9, 12, 15, 18, 21],
        "count_stock": [1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23],
        "print_packing_list": [6],  # 06:30 in Madrid is 05:30 UTC
        "greet_new_york": [14],
        "close_the_day": [0],
    }


def test_a_job_sees_the_time_it_was_due_at_in_its_own_zone(client: TestClient) -> None:
    client.tick("2026-01-05T06:00Z")
    client.tick("2026-07-06T05:00Z")
    client.tick("2026-07-06T13:00Z")
    lists = [line for line in journal(client) if line.startswith(("packing", "newsletter"))]
    assert lists == [
        "packing list for Monday 06:30 CET",
        "packing list for Monday 06:30 CEST",
        "newsletter at 09:00 EDT",
    ]


def test_no_packing_list_is_printed_at_the_weekend(client: TestClient) -> None:
    assert client.tick("2026-01-04T06:00Z").ran == ["refresh_catalogue"]


def test_every_job_leaves_its_line_in_the_journal(client: TestClient) -> None:
    client.tick("2026-01-06T00:00Z")
    client.tick("2026-01-06T01:00Z")
    assert sorted(journal(client)) == [
        "catalogue refreshed at 00:00",
        "day closed, orders so far: 3",
        "stock counted at 01:00",
    ]


# ---- SNS ----


def test_a_created_order_is_announced_and_audited(client: TestClient) -> None:
    completion = client.sns("orders", ORDER, attributes={"kind": "created"})
    announced, audited = sorted(journal(client), reverse=True)
    assert announced == "orders@harbour.example.com to grace@example.com: order 18 is on its way"
    assert audited == f"audited {completion.outcomes[0].record.id}"


def test_an_order_that_is_not_new_is_audited_only(client: TestClient) -> None:
    client.sns("orders", ORDER, attributes={"kind": "cancelled"})
    assert [line.partition(" ")[0] for line in journal(client)] == ["audited"]


def test_a_stock_alert_is_taken_as_the_text_it_is(client: TestClient) -> None:
    client.sns("stock-alerts", "9780141439518: 2 copies left")
    assert journal(client) == ["to reorder: 9780141439518: 2 copies left"]


# ---- SES ----


def test_mail_to_support_opens_a_ticket(client: TestClient) -> None:
    completion = client.ses(recipients="help@support.harbour.example.com", sender="ada@example.com", subject="Hello")
    assert completion.reply == {"disposition": "CONTINUE"}
    assert journal(client) == ["ticket from ada@example.com: Hello"]


@pytest.mark.parametrize(
    ("verdicts", "mark"), [({"spam": "FAIL"}, "(spam?) "), ({"virus": "FAIL"}, ""), ({"spam": "GRAY"}, None)]
)
def test_spam_and_viruses_alone_stop_every_rule(verdicts: dict[str, Any], mark: str | None, client: TestClient) -> None:
    to = "help@support.harbour.example.com"
    completion = client.ses(recipients=to, sender="ada@example.com", subject="Hello", **verdicts)
    assert completion.reply == {"disposition": "CONTINUE" if mark is None else "STOP_RULE_SET"}
    assert journal(client) == [f"ticket {mark or ''}from ada@example.com: Hello"]


@pytest.mark.parametrize("sender", ["billing@suppliers.example.com", "billing@paper.suppliers.example.com"])
def test_an_invoice_is_filed_where_dmarc_vouches_for_the_supplier(sender: str, client: TestClient) -> None:
    client.ses(recipients="accounts@harbour.example.com", sender=sender, subject="Invoice 1")
    client.ses(recipients="accounts@harbour.example.com", sender=sender, subject="Invoice 2", dmarc="FAIL")
    assert journal(client) == [f"invoice from {sender}: Invoice 1"]


# ---- Once ----


def test_a_tick_that_is_delivered_twice_closes_the_day_once(client: TestClient) -> None:
    for _ in range(2):
        assert client.tick("2026-01-06T00:00Z").error is None
    assert [line.partition(" ")[0] for line in journal(client)].count("day") == 1


def test_what_is_done_is_kept_in_dynamodb_where_there_is_a_table(
    monolith: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert type(monolith.open_store()) is MemoryStore
    monkeypatch.setenv("HARBOUR_ONCE_TABLE", "once")
    assert type(monolith.open_store()) is DynamoDbStore


# ---- SQS ----


def test_of_a_batch_of_jobs_only_those_that_failed_come_again(client: TestClient) -> None:
    jobs = sqs("jobs", {"id": 17}, {"id": 99}, {"id": 1})
    completion = client.invoke(jobs)
    (failed,) = completion.failed
    assert completion.reply == {"batchItemFailures": [{"itemIdentifier": failed.record.id}]}
    assert sorted(journal(client)) == ["packed order 1 for ada@example.com", "packed order 17 for ada@example.com"]
    again = redelivery(jobs, completion)
    assert [record["body"] for record in again["Records"]] == ['{"id":99}']


def test_in_the_fifo_queue_what_follows_a_failure_in_its_group_waits(client: TestClient) -> None:
    event = sqs("jobs.fifo", {"id": 99}, {"id": 17}, group="ada")
    completion = client.invoke({"Records": [*event["Records"], *sqs("jobs.fifo", {"id": 1}, group="eve")["Records"]]})
    assert [outcome.status for outcome in completion.outcomes] == ["failed", "failed", "ok"]
    assert len(completion.reply["batchItemFailures"]) == 2
    assert journal(client) == ["packed order 1 for ada@example.com"]


# ---- S3, EventBridge, DynamoDB, alarms ----


def test_a_cover_is_taken_whichever_way_s3_tells_of_it(client: TestClient) -> None:
    client.s3("uploads", "covers/pride & prejudice.jpg", "covers/notes.txt")
    client.s3_eventbridge("uploads", "covers/emma.png")
    assert journal(client) == ["cover covers/pride & prejudice.jpg, 1024 bytes", "cover covers/emma.png, 1024 bytes"]


def test_only_a_large_order_gets_a_voucher_and_only_one(client: TestClient) -> None:
    large = eventbridge("shop.orders", "OrderPlaced", {"id": 18, "total": 120})
    for event in (large, large, eventbridge("shop.orders", "OrderPlaced", {"id": 19, "total": 100})):
        assert client.invoke(event).error is None
    assert journal(client) == ["voucher for order 18 of 120.00"]


def test_new_and_removed_items_are_in_the_ledger_and_changed_ones_are_not(client: TestClient) -> None:
    tea, mate = {"id": 17, "sku": "tea"}, {"id": 17, "sku": "mate"}
    completion = client.dynamodb("orders", (None, tea), (tea, mate), (mate, None))
    assert completion.reply == {"batchItemFailures": []}
    assert journal(client) == ["ledger: INSERT 17", "ledger: REMOVE 17"]


def test_somebody_is_woken_by_an_alarm_and_not_by_its_end(client: TestClient) -> None:
    for state in ("ALARM", "OK"):
        assert client.alarm("checkout-errors", state).error is None
    assert journal(client) == ["woken by checkout-errors"]


# ---- CloudFormation and direct invocations ----


@pytest.mark.parametrize(("lit", "lamps"), [("true", 3), ("false", 0)])
def test_a_shelf_has_a_lamp_for_every_four_books_if_it_is_lit(lit: str, lamps: int, client: TestClient) -> None:
    completion = client.cloudformation("Create", "Custom::Shelf", {"books": "12", "lit": lit})
    assert completion.reply["Data"] == {"Places": 12, "Lamps": lamps}


def test_a_shelf_that_is_not_one_is_told_to_the_caller(client: TestClient) -> None:
    assert "books" in str(client.cloudformation("Create", "Custom::Shelf", {"lit": "true"}).error)
    assert client.cloudformation("Delete", "Custom::Shelf", {}).error is None


def test_a_direct_invocation_restocks_and_is_answered(client: TestClient) -> None:
    completion = client.invoke({"task": "restock", "isbn": "9780141439518", "copies": 12})
    assert completion.reply == {"9780141439518": 12}
    assert journal(client) == ["12 copies of 9780141439518"]


# ---- Around every call ----


def test_the_middleware_times_every_call_of_every_source(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "harbour")
    client.get("/health")
    client.get("/nowhere")
    client.authorize("GET", "/orders/17", headers=STAFF)
    client.sns("stock-alerts", "none left")
    assert [line.rpartition(" took ")[0] for line in caplog.messages] == [
        "http.v2: monolith.health",
        "http.v2: nobody",
        "authorizer.request_v2: monolith.staff",
        "sns: monolith.reorder",
    ]


# ---- All of it ----

# What the services are told of what does not fit, of orders that nobody knows, and of what nobody handles.
REFUSALS = (HttpError, InvalidPayloadError, LookupError, NoRouteError, UnknownEventError, Unauthorized)


def test_whatever_comes_of_the_apps_sources_is_answered_or_refused(monolith: ModuleType) -> None:
    client = TestClient(monolith.app, strict=True)

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(strategies.any_event(*EXPECTED))
    def check(event: Any) -> None:
        completion = client.invoke(event)
        failed = [outcome.error for outcome in completion.failed]
        assert [error for error in failed if not isinstance(error, REFUSALS)] == []

    check()


def test_these_tests_leave_no_line_and_no_branch_of_the_app_out(tmp_path: Path) -> None:
    coverage = [sys.executable, "-m", "coverage"]
    data = f"--data-file={tmp_path / 'coverage'}"
    by_hand = "not fixture and not demo and not whatever and not no_branch"
    tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", by_hand, __file__]
    run = [*coverage, "run", "--branch", f"--source={HERE}", data, *tests]
    report = [*coverage, "report", data, f"--include={HERE / 'app.py'}", "--fail-under=100", "--show-missing"]
    bare = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # they need none, and start sooner
    for command in (run, report):
        ran = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)  # noqa: S603 - as below
        assert ran.returncode == 0, ran.stdout + ran.stderr


# ---- The demo ----


def run_demo(**environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HARBOUR_")}
    return subprocess.run(  # noqa: S603 - the example's own program
        [sys.executable, HERE / "demo.py"],
        env={**inherited, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **environment},
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )


def test_the_demo_sends_every_fixture_and_a_day_of_ticks() -> None:
    demo = run_demo()
    assert demo.stderr == ""
    assert demo.returncode == 0
    others = [path for source in OTHERS for path in ROOT.glob(f"fixtures/{source}/*.json")]
    assert f"\n{len(FIXTURES) + 24 + len(others)} events, each as expected: " in demo.stdout
    assert all(path.name in demo.stdout for path in FIXTURES)
    assert all(f"\n{source} " in demo.stdout for source in OTHERS)


def test_the_demo_fails_where_something_comes_out_otherwise() -> None:
    demo = run_demo(HARBOUR_STAFF_TOKEN="another")
    assert demo.returncode == 1
    surprises = [line for line in demo.stdout.splitlines() if ": expected '" in line]
    assert "http.rest/order_created: expected '201 take_order', got '403 take_order!'" in surprises
    assert all(line.startswith(("authorizer.", "http.")) for line in surprises)
    assert f" {len(surprises)} otherwise than expected: " in demo.stdout


def test_the_document_of_the_routes_is_valid(monolith: ModuleType) -> None:
    document = monolith.app.openapi()
    validate(document)
    assert document["paths"]
