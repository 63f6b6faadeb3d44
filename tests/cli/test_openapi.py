from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml
from openapi_spec_validator import validate

from tests.cli.conftest import SHOP, Run


def test_the_document_is_printed_as_json(run: Run) -> None:
    result = run("openapi", str(SHOP))

    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    validate(document)
    assert "/orders/{order_id}" in document["paths"]


def test_the_document_is_printed_as_yaml_where_the_library_is_there(run: Run) -> None:
    text = run("openapi", str(SHOP), "--yaml").stdout

    assert text.startswith("openapi: 3.1.0\n")
    assert yaml.safe_load(text) == json.loads(run("openapi", str(SHOP)).stdout)


def test_without_the_library_yaml_is_refused_in_plain_words(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)

    result = run("openapi", str(SHOP), "--yaml")

    assert result.exit_code == 2
    assert "pip install pyyaml" in result.stderr


def test_a_type_without_a_schema_is_named_with_its_handler(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "from collections.abc import Callable\n"
        "from pydantic import BaseModel\n"
        "from lambdarouter import App\n"
        "app = App()\n"
        "class Odd(BaseModel):\n"
        "    call: Callable[[], None]\n"
        "@app.post('/odd')\n"
        "def odd(body: Odd) -> None: ...\n"
    )

    result = run("openapi", str(tmp_path / "odd.py"))

    assert result.exit_code == 2
    assert "odd.Odd" in result.stderr
    assert "odd.odd" in result.stderr
