"""What every test can ask for."""

from __future__ import annotations

import asyncio
import faulthandler
import importlib.util
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests import pace
from tests.servers import ministack, redis_port

__all__ = [
    "anyio_backend",
    "corpus",
    "current_loop",
    "ministack",
    "own_pace",
    "pytest_runtest_logstart",
    "pytest_runtest_protocol",
    "pytest_unconfigure",
    "redis_port",
    "require",
]

ROOT = Path(__file__).parents[1]

# No test calls AWS: a client that is given no endpoint finds nobody, at once, whatever this machine is allowed to.
os.environ |= {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_ACCESS_KEY_ID": "example",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "1",
}

# A shell has what it starts in the background ignore Ctrl-C, which the programs that tests interrupt would inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No deadlines: one slow example on a busy machine is no fault. CI draws the same examples every time.
hypothesis.settings.register_profile("dev", deadline=None, max_examples=50)
hypothesis.settings.register_profile(
    "ci", deadline=None, max_examples=100, derandomize=True, database=None, print_blob=True
)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture
def anyio_backend() -> str:
    """`@pytest.mark.anyio` tests run on asyncio, the one backend that the framework uses."""
    return "asyncio"


@pytest.fixture
def current_loop() -> Iterator[None]:
    """A current event loop of this thread, for code that asks `asyncio.get_event_loop()` for it."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    asyncio.set_event_loop(None)
    loop.close()


@pytest.fixture(autouse=True)
def own_pace(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each further run of a test is five times slower than the one before (`tests/pace.py`)."""
    runs = getattr(request.node, "execution_count", 1)
    if runs > 1:
        monkeypatch.setenv(pace.VARIABLE, str(5 ** (runs - 1)))


@pytest.fixture(scope="session")
def require() -> Callable[[str], str]:
    """`require("redis-server")`: where that program or Python module is; without it the test is skipped.

    `make tools` installs the programs. With LAMBDAROUTER_REQUIRE=all, as .ci/run sets it, absence is a failure.
    """

    def require(tool: str) -> str:
        beside = os.pathsep.join([str(ROOT / ".tools" / "bin"), str(Path(sys.executable).parent)])
        program = shutil.which(tool) or shutil.which(tool, path=beside)
        if program is not None:
            return program
        spec = importlib.util.find_spec(tool)
        if spec is not None:
            return spec.origin or tool
        message = f"{tool} is not installed (make tools)"
        if os.environ.get("LAMBDAROUTER_REQUIRE") == "all":
            pytest.fail(message, pytrace=False)
        pytest.skip(message)

    return require


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The directory of other projects' sample events, one directory per class; optional even in CI."""
    path = ROOT.parent / "shared" / "corpus" / "dev"
    if not path.is_dir():
        pytest.skip("no sample events beside the checkout (../shared/corpus/dev)")
    return path


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Keep the deadline's signal from the thread with which pytest watches each test (`faulthandler_timeout`).

    On a busy machine that thread may begin just as the timer rings, and take the signal. Python tells the main thread
    of it only when that takes the GIL again: never, where it runs on without a pause. A new thread's signals are
    blocked as its starter's are.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    return (yield)


def pytest_runtest_logstart() -> None:
    """Let the signal through again: that thread was started."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGALRM])


@pytest.hookimpl(trylast=True)  # pytest has a use of its own for the timer, until then
def pytest_unconfigure() -> None:
    """End the process with an error, rather than never, where a test left a thread that no one will end."""
    faulthandler.dump_traceback_later(120, exit=True)
