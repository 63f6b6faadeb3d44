"""From Lambda's handler setting to what is called; what is wrong with it is said in AWS's words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from lambdarouter.runtime.handler import HandlerError, load, prepare_path


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("handler", "Runtime.MalformedHandlerName", "Bad handler 'handler': it is module.function"),
        (".handler", "Runtime.MalformedHandlerName", "Bad handler '.handler'"),
        ("module.", "Runtime.MalformedHandlerName", "Bad handler 'module.'"),
        ("sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
        ("sys/deep.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys.deep"),
        ("no_such_module.handler", "Runtime.ImportModuleError", "Unable to import module 'no_such_module'"),
        ("json.nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'json'"),
        ("json.decoder", "Runtime.HandlerNotFound", "Handler 'decoder' is no function but a module of module 'json'"),
    ],
)
def test_a_handler_that_cannot_be_has_lambdas_kind_of_error(name: str, kind: str, message: str) -> None:
    with pytest.raises(HandlerError) as caught:
        load(name)
    assert caught.value.kind == kind
    assert caught.value.message is not None
    assert caught.value.message.startswith(message)


def test_a_handler_may_stand_in_a_package() -> None:
    from json.decoder import JSONDecoder

    assert load("json.decoder.JSONDecoder") is load("json/decoder.JSONDecoder") is JSONDecoder


def test_awss_own_libraries_are_found_last_where_there_are_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    task, libraries = tmp_path / "task", tmp_path / "runtime"
    task.mkdir()
    monkeypatch.setattr(sys, "path", ["", "/elsewhere"])
    monkeypatch.setenv("LAMBDA_TASK_ROOT", str(task))
    monkeypatch.setenv("LAMBDA_RUNTIME_DIR", str(libraries))
    prepare_path()
    assert str(libraries) not in sys.path
    libraries.mkdir()
    for _ in range(2):
        prepare_path()
        assert (sys.path[0], sys.path[-2:]) == (str(task), ["/elsewhere", str(libraries)])
        assert sys.path.count(str(libraries)) == 1
