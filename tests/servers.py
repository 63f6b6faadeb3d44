"""Servers that tests talk to: started when the first test asks, on a free port of 127.0.0.1, ended with the session."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["aws_client", "free_port", "ministack", "redis_port", "served", "serving"]

REGION = "eu-west-1"


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(command: list[str], port: int, log: Path, **environment: str) -> Iterator[None]:
    """Run a server meanwhile, from when it takes connections; what it printed tells why it does not."""
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        until = time.monotonic() + 60
        while not _listens(port):
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} did not start: {log.read_text('utf-8', 'replace')[-2000:]}", pytrace=False)
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="session")
def redis_port(require: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redis server that keeps nothing on disk."""
    home, port = tmp_path_factory.mktemp("redis"), free_port()
    # A cluster of one node: whatever is not safe in a cluster fails here, too.
    command = [require("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home), "--save", ""]
    command += ["--appendonly", "no", "--cluster-enabled", "yes", "--cluster-port", str(free_port())]
    with serving(command, port, home / "log"):
        import redis

        with redis.Redis(port=port) as client:
            client.execute_command("CLUSTER ADDSLOTSRANGE", "0", "16383")
            until = time.monotonic() + 30
            while client.cluster("info")["cluster_state"] != "ok":
                assert time.monotonic() < until
                time.sleep(0.05)
        yield port


@pytest.fixture(scope="session")
def ministack(require: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The endpoint of an emulator of AWS's services, such as `http://127.0.0.1:4566`; `aws_client` talks to it."""
    home, port = tmp_path_factory.mktemp("ministack"), free_port()
    settings = {"GATEWAY_PORT": str(port), "BIND_HOST": "127.0.0.1", "TMPDIR": str(home), "LOG_LEVEL": "WARNING"}
    with serving([require("ministack")], port, home / "log", **settings):
        yield f"http://127.0.0.1:{port}"


def aws_client(service: str, endpoint: str) -> Any:
    """A boto3 client of an emulator's service, with credentials made up."""
    import boto3

    client: Any = boto3.client  # the stubs want to know the service
    return client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="123456789012",
        aws_secret_access_key="none",
    )


@contextmanager
def served(application: Any) -> Iterator[str]:
    """An ASGI application under uvicorn on a free port, in a thread of this process; its URL."""
    import uvicorn

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(application, lifespan="on", log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(60)
