"""Which source do we take real sample events for? A table, and beside it what another project's classifier says.

Run as `python -m tests.confusion [--peer PYTHON]` from the checkout. The samples are expected in
`../shared/corpus/dev`; `--peer` is the interpreter of an environment that has `datadog_lambda` (see
`tests/confusion_peer.py`).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from lambdarouter import classify

__all__ = ["CORPUS", "main", "name_of"]

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus" / "dev"

# The corpus's label for a name, where it is another word.
_NAMES = {
    "alb": "http.alb",
    "alexa_skill": "alexa.skill",
    "alexa_smart_home": "alexa.home",
    "apigw_http_v2": "http.v2",
    "apigw_rest": "http.rest",
    "apigw_websocket": "websocket",
    "appsync_authorizer": "authorizer.appsync",
    "appsync_batch": "appsync.batch",
    "appsync_events": "appsync.events",
    "appsync_resolver": "appsync.resolver",
    "authorizer_request_v1": "authorizer.request_v1",
    "authorizer_request_v2": "authorizer.request_v2",
    "authorizer_token": "authorizer.token",
    "authorizer_websocket": "authorizer.websocket",
    "bedrock_agent": "bedrock.api",
    "bedrock_agent_function": "bedrock.function",
    "clientvpn_connection_handler": "authorizer.vpn",
    "cloudformation_custom_resource": "cloudformation",
    "cloudwatch_alarm": "alarm",
    "cloudwatch_dashboard": "dashboard",
    "cloudwatch_logs": "logs",
    "codedeploy_hook": "codedeploy",
    "cognito_sync": "cognito.sync",
    "cognito_userpool": "cognito",
    "config_rule": "config",
    "connect_outbound_campaigns": "connect.campaign",
    "custom_json": "invoke",
    "esm_failure_record": "destination.stream",
    "eventbridge_scheduled": "cron.rule",
    "function_url": "http.url",
    "iot_1click": "iot.one_click",
    "iot_button": "iot.button",
    "iot_custom_authorizer": "authorizer.iot",
    "iot_preprovisioning_hook": "iot.provisioning",
    "iot_registry_event": "iot.registry",
    "kafka_msk": "kafka.msk",
    "kafka_self_managed": "kafka.self_managed",
    "kinesis_analytics": "analytics",
    "lambda_destination": "destination",
    "lex_v1": "lex.v1",
    "lex_v2": "lex.v2",
    "mq_activemq": "mq.activemq",
    "mq_rabbitmq": "mq.rabbitmq",
    "s3_batch": "s3.batch",
    "s3_eventbridge": "s3.eventbridge",
    "s3_object_lambda": "s3.object_lambda",
    "s3_test_event": "s3.test",
    "sagemaker_annotation_consolidation": "sagemaker.consolidation",
    "sagemaker_prehuman_task": "sagemaker.prehuman",
    "scheduler": "cron.scheduler",
    "secrets_rotation": "secrets",
    # What SNS posts to an HTTP subscription: inside a request's body, never an event of its own.
    "sns_http_subscription": "invoke",
    "stepfunctions_context": "invoke",
    "transfer_family_authorizer": "authorizer.transfer",
    "vpc_lattice_v1": "http.lattice_v1",
    "vpc_lattice_v2": "http.lattice_v2",
}

# What datadog_lambda calls the sources it knows; all others are "unknown" to it. One word stands for several of our
# names where it tells them apart by something else, or not at all.
_PEER = {
    "api-gateway": ("http.rest", "http.v2", "websocket"),
    "application-load-balancer": ("http.alb",),
    "cloudwatch-events": ("cron.rule", "eventbridge"),
    "cloudwatch-logs": ("logs",),
    "cloudfront": ("cloudfront",),
    "dynamodb": ("dynamodb",),
    "eventbridge": ("eventbridge", "s3.eventbridge", "cron.scheduler"),
    "kinesis": ("kinesis",),
    "lambda-function-url": ("http.url",),
    "s3": ("s3",),
    "sns": ("sns",),
    "sqs": ("sqs",),
    "states": ("invoke",),
    "unknown": ("invoke",),
}


def name_of(label: str) -> str:
    """Our name of the corpus's label."""
    return _NAMES.get(label, label)


def _samples() -> list[tuple[str, str, Any]]:
    rows = [json.loads(line) for line in (CORPUS / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    return [
        (row["path"], name_of(row["label"]), json.loads((CORPUS / row["path"]).read_text(encoding="utf-8")))
        for row in rows
        if row["quality"] in ("full", "redacted")
    ]


def _peer(python: str) -> dict[str, str]:
    """What datadog_lambda calls each sample, from an environment of its own."""
    script = Path(__file__).with_name("confusion_peer.py")
    ran = subprocess.run([python, str(script), str(CORPUS)], capture_output=True, text=True, check=True)
    answers: dict[str, str] = json.loads(ran.stdout)
    return answers


def main(arguments: list[str]) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.confusion")
    parser.add_argument("--peer", metavar="PYTHON", help="an interpreter that has datadog_lambda")
    options = parser.parse_args(arguments)
    if not CORPUS.is_dir():
        sys.stderr.write(f"no sample events in {CORPUS}\n")
        return 1
    peer = _peer(options.peer) if options.peer else {}
    ours: Counter[tuple[str, str]] = Counter()
    theirs: Counter[tuple[str, str]] = Counter()
    for path, name, event in _samples():
        ours[name, classify(event)] += 1
        if peer:
            theirs[name, peer[path]] += 1
    out = sys.stdout.write
    header = f"{'the sample is':24} {'n':>4}  {'we say':30}" + ("  datadog_lambda says" if peer else "")
    out(f"{header}\n{'-' * len(header)}\n")
    right = known = peer_right = 0
    for name in sorted({name for name, _ in ours}):
        count = sum(n for (label, _), n in ours.items() if label == name)
        right += ours[name, name]
        line = f"{name:24} {count:>4}  {_said(ours, name):30}"
        if peer:
            known += count if any(name in names for names in _PEER.values()) else 0
            peer_right += sum(theirs[name, word] for word, names in _PEER.items() if name in names)
            line += f"  {_said(theirs, name)}"
        out(f"{line.rstrip()}\n")
    total = sum(ours.values())
    out(f"\nours: {right} of {total} right\n")
    if peer:
        out(f"datadog_lambda: {peer_right} of {total} right; {known} are of sources that it has a word for\n")
    return 0 if right == total else 1


def _said(answers: Counter[tuple[str, str]], name: str) -> str:
    said = sorted(((n, answer) for (label, answer), n in answers.items() if label == name), reverse=True)
    return ", ".join(answer if n == sum(k for k, _ in said) else f"{answer} {n}" for n, answer in said)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
