"""From the arguments to a running app, and everything put in order after it."""

from __future__ import annotations

import asyncio
import gc
import getpass
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

import click

from simulator.errors import PermissionDeniedError, SimulatorError, UsageError
from simulator.presentation.safe_text import visible
from simulator.presentation.wording import counted

if TYPE_CHECKING:
    from screens.app import SimulatorApp
    from simulator.settings import Settings


LOADING_S = 2.0
"""Seconds after which the other screens are imported; the first one is there by then."""
SETTLED_S = 5.0
"""Seconds after which all is there that stays as long as the app."""
SAME_WISH_S = 1.0
"""Seconds after the first signal in which another one is the same wish, told twice."""
GIVE_BACK = b"\x1b[?1049l\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\r\n"
"""Leaves the other screen, mouse and paste reports, and shows the cursor."""


@click.command(add_help_option=False)
@click.option("--store")
@click.option("--log-level")
def _options(store: str | None, log_level: str | None) -> tuple[str | None, str | None]:
    return store, log_level


@contextmanager
def collecting_little() -> Iterator[None]:
    """Keep the garbage collector from looking through what the start makes, then and ever after.

    It would find nothing there, and hold up the first frame and the answers to keys.
    """

    def settle() -> None:
        gc.freeze()
        gc.enable()

    gc.disable()
    waiting = asyncio.get_running_loop().call_later(SETTLED_S, settle)
    try:
        yield
    finally:
        waiting.cancel()
        gc.enable()
        gc.unfreeze()


def main(arguments: Sequence[str]) -> int:
    """Run the app until it is left; the exit code.

    Args:
        arguments: `--store URL` and `--log-level LEVEL`, as the verbs take them.
    """
    try:
        store, log_level = _options.main(list(arguments), standalone_mode=False)
        settings = _settings(store, log_level)
        return asyncio.run(_opened(settings))
    except click.ClickException as error:
        return _failed(UsageError(error.format_message(), remedy="See `python main.py --help`."))
    except SimulatorError as error:
        return _failed(error)
    except KeyboardInterrupt:
        return 130


def _failed(error: SimulatorError) -> int:
    lines = [f"Error: {error.message}", *([error.remedy] if error.remedy else [])]
    sys.stderr.write("".join(f"{visible(line)}\n" for line in lines))
    return error.exit_code


def _settings(store: str | None, log_level: str | None) -> Settings:
    from simulator.logs import hide_secrets, set_up_logging
    from simulator.settings import load_settings

    settings = load_settings(log_level=log_level)
    if store is not None:
        settings = settings.at(store)
    _, warning = set_up_logging(settings, "app")
    if warning is not None:
        sys.stderr.write(f"Warning: {visible(warning)}\n")
    user = settings.user_without_password
    if user is not None:
        try:
            password = getpass.getpass(f"Password of {visible(user)} for the database: ")
        except EOFError:
            raise PermissionDeniedError(
                f"The password of {user!r} for the database is missing.",
                remedy="Set DB_PASSWORD, or write it into the address; `setup` keeps it in .env.",
            ) from None
        settings = settings.with_password(password)
        hide_secrets(settings)
    return settings


async def _opened(settings: Settings) -> int:
    with collecting_little():
        return await _run(settings)


async def _run(settings: Settings) -> int:
    from screens.app import SimulatorApp
    from screens.areas import load_screens
    from screens.laboratory import Laboratory
    from screens.preferences import load_preferences
    from simulator.live_runs import LiveRuns
    from simulator.services import open_catalogue, open_services

    early: list[str] = []
    hear: list[Callable[[str], None]] = [early.append]
    async with (
        open_services(settings, lambda sentence: hear[-1](sentence)) as services,
        open_catalogue(settings) as catalogue,
        LiveRuns(services) as live,
    ):
        preferences, faults = load_preferences()
        laboratory = Laboratory(services, catalogue, live)
        app = SimulatorApp(laboratory, preferences, told=[*early, *faults])
        hear.append(app.warn)
        loop = asyncio.get_running_loop()
        loop.call_later(LOADING_S, loop.run_in_executor, None, load_screens)
        with _ended_by_signals(app):
            await app.run_async()
        hear.pop()
        unfinished = live.unfinished
    if unfinished:
        told = f"To be resumed: {counted(unfinished, 'run')}; u in the monitor (F3) starts them."
        # The terminal may be gone.
        with suppress(OSError):
            sys.stderr.write(f"{told}\n")
    return app.return_value or app.return_code or 0


@contextmanager
def _ended_by_signals(app: SimulatorApp) -> Iterator[None]:
    """Let a signal leave the app in order, so that the terminal is clean and runs are paused.

    Another one, later than `SAME_WISH_S`, ends the process at once, even where nothing else can.
    """
    loop = asyncio.get_running_loop()
    first_at: list[float] = []

    def on_signal(number: int, frame: FrameType | None) -> None:
        if not first_at:
            first_at.append(time.monotonic())
            loop.call_soon_threadsafe(app.exit, 128 + number)
        elif time.monotonic() - first_at[0] > SAME_WISH_S:
            os.write(sys.stderr.fileno(), GIVE_BACK)
            os._exit(128 + number)

    numbers = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP] if os.name == "posix" else []
    with ExitStack() as stack:
        for number in numbers:
            if signal.getsignal(number) is not signal.SIG_IGN:
                stack.callback(signal.signal, number, signal.signal(number, on_signal))
        yield
