"""Checks of all that the simulator stands on, with what to do about what is wrong."""

from __future__ import annotations

import asyncio
import os
import platform
import shlex
import shutil
import stat
import sys
import tempfile
import tomllib
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simulator.adapters import Warn, store_options
from simulator.domain.nearest import nearest
from simulator.domain.records import StoreCard
from simulator.errors import (
    NotFoundError,
    PermissionDeniedError,
    SimulatorError,
    StoreUnavailableError,
)
from simulator.redaction import secrets_of
from simulator.settings import (
    APP_NAME,
    ENV_FILE,
    PROJECT_ROOT,
    Settings,
    environment,
    faulty_env_lines,
    kept_variables,
    variable_names,
)
from simulator.store.opening import is_mongodb, open_store, sqlite_path

if TYPE_CHECKING:
    from simulator.store.mongo_server import ServerCard

State = Literal["ok", "warning", "failure"]

LARGEST_SKEW_S = 2.0
"""Seconds between clocks that leases, which last 30 s, still bear easily."""
SLOW_ROUND_TRIP_S = 0.2
STORE_PATIENCE_S = 10.0
"""Seconds that the store has to open, besides those until its server must answer."""
LITTLE_SPACE_BYTES = 1_000_000_000
NO_SPACE_BYTES = 50_000_000
_NOT_MADE = "Check its name, or let somebody who may write use it first."
"""What to do about an empty database, for those who may only read."""
MODEL = "pocket"
"""What designs speak with where nothing else is said."""


@dataclass(frozen=True, slots=True)
class Check:
    """What was found of one thing."""

    name: str
    state: State
    found: str
    """One line."""
    remedy: str | None = None
    """What to do; None when all is well."""
    exit_code: int = 0
    """Of the program, if this is the worst: 6 for what cannot be reached, 4 for what may not be
    done, 1 for other failures."""


def failed(name: str, error: SimulatorError) -> Check:
    """The check that ended with an error."""
    exit_code = error.exit_code if error.exit_code in (4, 6) else 1
    found = error.message[:1].upper() + error.message[1:].rstrip(".")
    return Check(name, "failure", found, error.remedy, exit_code)


# ---------------------------------------------------------------- program


def check_python() -> Check:
    """Whether the interpreter is new enough."""
    from packaging.specifiers import SpecifierSet

    wanted, _ = _wanted()
    found = f"{platform.python_version()} at {sys.executable}"
    if platform.python_version() in SpecifierSet(wanted, prereleases=True):
        return Check("python", "ok", found)
    return Check(
        "python", "failure", f"{found}; {wanted} is needed",
        "Install a newer Python and make the environment again.", 1,
    )  # fmt: skip


def check_packages() -> Check:
    """Whether every package that is needed is there, and new enough."""
    from packaging.requirements import Requirement

    faults: list[str] = []
    requirements = [Requirement(line) for line in _wanted()[1]]
    needed = [one for one in requirements if one.marker is None or one.marker.evaluate()]
    for requirement in needed:
        try:
            found = version(requirement.name)
        except PackageNotFoundError:
            faults.append(f"{requirement.name} is missing")
            continue
        if not requirement.specifier.contains(found, prereleases=True):
            faults.append(f"{requirement} is needed, not {found}")
    if not faults:
        return Check("packages", "ok", f"all {len(needed)} are there and new enough")
    return Check(
        "packages", "failure", "; ".join(faults),
        "Install what is needed beside main.py: `pip install -e .`.", 1,
    )  # fmt: skip


def _wanted() -> tuple[str, list[str]]:
    """Versions of Python, and packages: as pyproject.toml has them, else as they were installed."""
    try:
        project = tomllib.loads((PROJECT_ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    except OSError:
        installed = metadata(APP_NAME)
        return installed["Requires-Python"], installed.get_all("Requires-Dist") or []
    return project["requires-python"], project["dependencies"]


# ---------------------------------------------------------------- settings


def check_settings() -> list[Check]:
    """Whether `.env` can be read, by nobody else, and every variable of ours is known."""
    file = Path(ENV_FILE).resolve()
    checks = [
        Check(
            "settings", "warning", f"{file}, line {number}, is no NAME=value; it is not read",
            "Mend or remove the line.",
        )
        for number in faulty_env_lines()
    ]  # fmt: skip
    for name in _unknown_variables():
        meant = nearest(name, variable_names())
        remedy = f"Did you mean {meant}?" if meant else "Settings are listed in .env_template."
        checks.append(Check("settings", "warning", f"there is no setting {name}", remedy))
    if file.exists() and secrets_of(kept_variables()) and _is_open(file):
        found = f"{file} has secrets, and others may read it"
        remedy = f"Keep it to yourself: chmod 600 {shlex.quote(str(file))}"
        checks.append(Check("settings", "warning", found, remedy))
    found = str(file) if file.exists() else f"as in the environment; there is no {file}"
    return checks or [Check("settings", "ok", found)]


def _unknown_variables() -> list[str]:
    known = set(variable_names())
    names = {name.upper() for name in environment()}
    ours = [name for name in names if name.startswith("SIMULATOR_")]
    return sorted(name for name in ours if name not in known and "_TEST_" not in name)


def _is_open(file: Path) -> bool:
    mode = file.stat().st_mode
    return sys.platform != "win32" and bool(mode & (stat.S_IRWXG | stat.S_IRWXO))


# ---------------------------------------------------------------- store


async def check_store(settings: Settings) -> list[Check]:
    """Whether the store opens, who may write, how news comes, and whose clock is right."""
    heard: list[str] = []
    try:
        file = _database_file(settings)
        if file is not None and not file.exists():
            _check_folder(file)
            return [Check("store", "ok", f"{file}: SQLite; it is made when it is first needed")]
        checks = await _store_checks(settings, heard.append)
    except SimulatorError as error:
        return [failed("store", error)]
    told = dict.fromkeys(heard)
    return [*checks, *(Check("store", "warning", one, "Correct the address.") for one in told)]


async def _store_checks(settings: Settings, warn: Warn) -> list[Check]:
    try:
        card = await _described(settings, warn)
    except NotFoundError:
        from simulator.store.mongo_server import look_at_server

        server = await look_at_server(settings.store_url, store_options(settings), warn)
        may_write = server.may_write(server.database or settings.database)
        checks = [_empty(server, settings, may_write), _access(may_write)]
        return [*checks, _news(server.change_streams), check_clock(server.clock_skew_s)]
    checks = [_opened(card), _access(card.may_write)]
    if card.kind == "sqlite":
        return [*checks, Check("news", "ok", "`watch` looks into the file")]
    return [*checks, _news(card.change_streams), check_clock(card.clock_skew_s)]


async def try_store(settings: Settings, warn: Warn) -> ServerCard | None:
    """See that a file can be used, without writing to it, or what a MongoDB has.

    Raises:
        SimulatorError: It cannot.
    """
    if is_mongodb(settings.store_url):
        from simulator.store.mongo_server import look_at_server

        return await look_at_server(settings.store_url, store_options(settings), warn)
    file = _database_file(settings)
    if file is not None and not file.exists():
        _check_folder(file)
    elif not (card := await _described(settings, warn)).may_write:
        warn(f"You may read {card.place}, but not write to it.")
    return None


async def try_database(settings: Settings, server: ServerCard, warn: Warn) -> None:
    """See that the database can be used, without writing to it.

    Args:
        settings: Name it.
        server: Where it is.
        warn: Hears that it can only be read.

    Raises:
        SimulatorError: It cannot be used.
    """
    from simulator.store.mongo_server import look_at_database

    version = await look_at_database(settings.store_url, store_options(settings), warn)
    name = server.database or settings.database
    if server.may_write(name):
        return
    if version == 0:
        raise PermissionDeniedError(
            f"the database {name} is empty, and this user may not set it up", remedy=_NOT_MADE
        )
    warn(f"In the database {name} you may read, but not write.")


async def _described(settings: Settings, warn: Warn) -> StoreCard:
    """What a store has that is there; NotFoundError for an empty MongoDB, which stays so."""
    impatient = settings.model_copy(update={"store_patience_s": 0.0})
    try:
        async with asyncio.timeout(settings.store_timeout_s + STORE_PATIENCE_S):
            options = replace(store_options(impatient), may_make=False)
            if is_mongodb(settings.store_url):
                from simulator.store.mongo_server import look_at_database

                # Opening waits for who sets the database up; looking says that somebody does.
                await look_at_database(settings.store_url, options, warn)
            store = await open_store(settings.store_url, options, warn)
            try:
                return await store.describe()
            finally:
                await store.close()
    except TimeoutError:
        raise StoreUnavailableError(
            "the database does not answer", remedy="See whether its server is well."
        ) from None


def _database_file(settings: Settings) -> Path | None:
    """The file of the database, if it is in one."""
    scheme, found, _ = settings.store_url.partition("://")
    return sqlite_path(settings.store_url) if scheme == "sqlite" or not found else None


def _check_folder(file: Path) -> None:
    """Raises PermissionDeniedError if the file cannot be made."""
    folder = _existing(file)
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise PermissionDeniedError(
            f"{file} cannot be made: {folder} may not be written",
            remedy="Choose another place with SIMULATOR_STORE, or with `setup`.",
        )


def _existing(place: Path) -> Path:
    """The place, or the nearest folder above it that is there."""
    there = place.expanduser().resolve()
    while not there.exists():
        there = there.parent
    return there


def _opened(card: StoreCard) -> Check:
    software = "SQLite" if card.kind == "sqlite" else "MongoDB"
    found = (
        f"{card.place}: {software} {card.server_version}, schema {card.schema_version}; "
        f"experiments: {card.experiments:,}, batches: {card.batches:,}, "
        f"runs: {card.runs:,}, steps: {card.messages:,}; "
        f"answers in {card.round_trip_s * 1000:.1f} ms"
    )
    if card.round_trip_s <= SLOW_ROUND_TRIP_S:
        return Check("store", "ok", found)
    remedy = "Each message waits for it; use a nearer server for runs of many messages."
    return Check("store", "warning", found, remedy)


def _empty(server: ServerCard, settings: Settings, may_write: bool) -> Check:
    place = server.place if server.database else f"{server.place}{settings.database}"
    found = f"{place}: MongoDB {server.version}; it is empty"
    if may_write:
        return Check("store", "ok", f"{found}: the first run sets it up")
    return Check("store", "failure", found, _NOT_MADE, 4)


def _access(may_write: bool) -> Check:
    if may_write:
        return Check("access", "ok", "may read and write")
    return Check(
        "access", "warning", "may read but not write",
        "To run experiments, ask for the role readWrite, or for write access to the file.",
    )  # fmt: skip


def _news(change_streams: bool) -> Check:
    if change_streams:
        return Check("news", "ok", "`watch` is told at once, by change streams")
    return Check(
        "news", "warning", "`watch` asks again and again: the server is no replica set",
        "Make it a replica set, of one server if need be; docs/setup.md says how.",
    )  # fmt: skip


def check_clock(skew_s: float) -> Check:
    """Whether the database's clock, which is so many seconds ahead, goes with this machine's."""
    direction = "ahead of" if skew_s > 0 else "behind"
    found = f"the database's is {abs(skew_s):.1f} s {direction} this machine's"
    if abs(skew_s) <= LARGEST_SKEW_S:
        return Check("clock", "ok", found if abs(skew_s) >= 0.1 else "as the database's")
    remedy = "Set both by a time server (NTP): who plays a run is settled by the clock."
    return Check("clock", "warning", found, remedy)


# ---------------------------------------------------------------- machine


def check_disk(settings: Settings) -> Check:
    """Whether there is room for the database, if it is a file, and for the log."""
    places = {"log": settings.log_dir}
    if (file := _database_file(settings)) is not None:
        places["database"] = file
    free = {name: _free_bytes(place) for name, place in places.items()}
    found = ", ".join(f"{size / 1e9:,.1f} GB free for the {name}" for name, size in free.items())
    least = min(free.values())
    if least >= LITTLE_SPACE_BYTES:
        return Check("disk", "ok", found)
    remedy = "Free some space: a full disk stops runs; what was committed is kept."
    if least >= NO_SPACE_BYTES:
        return Check("disk", "warning", found, remedy)
    return Check("disk", "failure", found, remedy, 1)


def _free_bytes(place: Path) -> int:
    return shutil.disk_usage(_existing(place)).free


def check_log(settings: Settings) -> Check:
    """Whether the log can be written where the settings say."""
    folder = settings.log_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return Check("log", "ok", str(folder))
    except OSError as error:
        refused = PermissionDeniedError(
            f"{folder} cannot be written: {error.strerror or error}",
            remedy="Set SIMULATOR_LOG_DIR to a folder that you may write to.",
        )
        return failed("log", refused)
