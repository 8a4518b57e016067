from __future__ import annotations

import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.lab import Lab, open_lab
from tests.servers.mongo.choosing import MongoUnderTest, UnusableServerError, mongo_under_test

VERDICT = pytest.StashKey[str]()

settings.register_profile(
    "default", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("default")

# A shell that runs the tests in its background has switched this off for all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Start from a folder without the `.env` of whoever runs the tests."""
    with contextlib.chdir(tmp_path_factory.mktemp("elsewhere")):
        yield


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with open_lab(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def mongo(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[MongoUnderTest]:
    """The MongoDB of the tests; see `tests.servers.mongo.choosing`."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(mongo_under_test(tmp_path_factory.mktemp("mongo")))
        except UnusableServerError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        pytestconfig.stash[VERDICT] = server.verdict()
        yield server


@pytest.fixture
def mongo_url(mongo: MongoUnderTest) -> Iterator[str]:
    """The address of an empty database."""
    with mongo.database() as url:
        yield url


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
) -> None:
    """Say last which server the MongoDB adapter met, and whether it did well there."""
    if (verdict := config.stash.get(VERDICT, None)) is not None:
        terminalreporter.write_line("")
        if exitstatus != pytest.ExitCode.OK:
            terminalreporter.write_line("Tests failed, so the next line is not to be relied on.")
        terminalreporter.write_line(verdict)
