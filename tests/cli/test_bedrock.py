from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator

from tests.cli.conftest import Run

AGENT = '''
from typing import Annotated
from lambdarouter import App
app = App()
@app.bedrock("GET", "/orders/{id}", action_group="orders")
def read(id: Annotated[int, "The number."]) -> str:
    """Look up an order."""
@app.bedrock_function("place", action_group="functions")
def place(item: Annotated[str, "The article."]) -> str:
    """Place an order."""
'''


@pytest.fixture
def agent(tmp_path: Path) -> str:
    path = tmp_path / "agent.py"
    path.write_text(AGENT)
    return str(path)


def test_the_api_schema_of_a_group_is_printed(run: Run, agent: str) -> None:
    result = run("bedrock", agent, "--group", "orders")

    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    OpenAPIV30SpecValidator(document).validate()
    assert document["info"]["title"] == "orders"
    assert document["paths"].keys() == {"/orders/{id}"}
    assert yaml.safe_load(run("bedrock", agent, "--group", "orders", "--yaml").stdout) == document


def test_the_function_schema_is_printed(run: Run, agent: str) -> None:
    result = run("bedrock", agent, "--functions")

    assert [each["name"] for each in json.loads(result.stdout)["functions"]] == ["place"]


def test_what_bedrock_cannot_take_is_said_in_plain_words(run: Run, agent: str) -> None:
    result = run("bedrock", agent, "--group", "functions")
    assert result.exit_code == 2
    assert "no route of the action group 'functions' made with @app.bedrock(method, path)" in result.stderr

    result = run("bedrock", agent, "--functions", "--max-parameters", "0")
    assert result.exit_code == 2
    assert "the function has 1 parameters" in result.stderr
