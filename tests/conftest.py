from __future__ import annotations

import contextlib
import gc
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.faults.programs import Program
from tests.forks import OF_PYTHON, Forks
from tests.lab import Lab, open_lab
from tests.servers.mongo.choosing import (
    GIVEN,
    MongoUnderTest,
    UnusableServerError,
    mongo_under_test,
)

MONGODB = "mongodb"
FOUND = pytest.StashKey[dict[str, str]]()
"""The verdict on the MongoDB adapter, or why its server cannot be used."""

settings.register_profile(
    "default", deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("default")

# A shell that runs the tests in its background has switched this off for all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Start from a folder without the `.env` of whoever runs the tests."""
    with contextlib.chdir(tmp_path_factory.mktemp("elsewhere")):
        yield


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks | None]:
    """None but on Linux: libraries of other systems do not bear to be forked."""
    if sys.platform != "linux":
        yield None
        return
    with Forks(OF_PYTHON) as started:
        yield started


@pytest.fixture
def program(tmp_path: Path, forks: Forks | None) -> Program:
    """The real program in an empty home."""
    return Program(tmp_path, forks)


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def mongo(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[MongoUnderTest]:
    """The MongoDB of this process's tests; see `tests.servers.mongo.choosing`."""
    uri = getattr(pytestconfig, "workerinput", {MONGODB: GIVEN})[MONGODB]
    found = pytestconfig.stash[FOUND]
    with ExitStack() as stack:
        try:
            server = stack.enter_context(mongo_under_test(tmp_path_factory.mktemp("mongo"), uri))
        except UnusableServerError as error:
            found["unusable"] = str(error)
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        found["verdict"] = server.verdict()
        yield server


@pytest.fixture
def mongo_url(mongo: MongoUnderTest) -> Iterator[str]:
    """The address of an empty database."""
    with mongo.database() as url:
        yield url


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Number bytes and long texts: a test's name is short, and the same in every process."""
    is_long = isinstance(val, bytes) or (isinstance(val, str) and len(val) > 80)
    return argname if is_long else None


def pytest_collection_finish() -> None:
    """Keep the garbage collector from looking through what stays, over and over: a fifth of all."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)


def pytest_configure(config: pytest.Config) -> None:
    config.stash[FOUND] = {}


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say last which server the MongoDB adapter met, and whether it did well there."""
    if (verdict := config.stash[FOUND].get("verdict")) is not None:
        terminalreporter.write_line("")
        if exitstatus != pytest.ExitCode.OK:
            terminalreporter.write_line("Tests failed, so the next line is not to be relied on.")
        terminalreporter.write_line(verdict)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of the tests the address, which its environment has no longer."""
    node.workerinput[MONGODB] = GIVEN


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the first process what this one found."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output[MONGODB] = session.config.stash[FOUND]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear what a process of the tests found, unless it crashed."""
    found = getattr(node, "workeroutput", {}).get(MONGODB, {})
    node.config.stash[FOUND] |= found
    if "unusable" in found:
        pytest.exit(found["unusable"], returncode=pytest.ExitCode.USAGE_ERROR)
