"""Limits of what is well; `tests/cli/test_doctor.py` has the rest."""

from __future__ import annotations

import pytest

from simulator import diagnosis
from simulator.errors import (
    BackendUnavailableError,
    ModelAccessError,
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    StoreUnavailableError,
    UsageError,
)
from simulator.settings import Settings


@pytest.mark.parametrize(
    ("skew_s", "state", "found"),
    [
        (0.04, "ok", "as the database's"),
        (1.9, "ok", "1.9 s ahead of this machine's"),
        (2.5, "warning", "2.5 s ahead of this machine's"),
        (-30.0, "warning", "30.0 s behind this machine's"),
    ],
)
def test_clocks_may_be_two_seconds_apart(skew_s: float, state: str, found: str) -> None:
    check = diagnosis.check_clock(skew_s)
    assert check.state == state
    assert check.found.endswith(found)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (StoreUnavailableError, 6), (BackendUnavailableError, 6), (PermissionDeniedError, 4),
        (ModelAccessError, 4), (UsageError, 1), (NotFoundError, 1), (SimulatorError, 1),
    ],
)  # fmt: skip
def test_failures_have_exit_codes_by_what_they_are(
    error: type[SimulatorError], exit_code: int
) -> None:
    check = diagnosis.failed("store", error("it broke.", remedy="Mend it."))
    assert check == diagnosis.Check("store", "failure", "It broke", "Mend it.", exit_code)


def test_packages_that_are_missing_or_old_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = ["pytest>=1", "no-such-package>=2", "rich>=999", 'nothing; python_version < "3"']
    monkeypatch.setattr(diagnosis, "_wanted", lambda: (">=99", wanted))
    check = diagnosis.check_packages()
    assert check.exit_code == 1
    assert check.found.startswith("no-such-package is missing; rich>=999 is needed, not ")
    assert ">=99 is needed" in diagnosis.check_python().found


@pytest.mark.parametrize(
    ("free_bytes", "state", "exit_code"),
    [(2e9, "ok", 0), (5e8, "warning", 0), (1e7, "failure", 1)],
)
def test_little_space_is_told(
    free_bytes: float, state: str, exit_code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diagnosis, "_free_bytes", lambda place: int(free_bytes))
    check = diagnosis.check_disk(Settings())
    assert (check.state, check.exit_code) == (state, exit_code)
