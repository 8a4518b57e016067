"""One use of the command line: its options, output, log and services."""

from __future__ import annotations

import logging
import re
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.interrupts import Interrupts
from simulator.cli.output import Output
from simulator.errors import PermissionDeniedError, UsageError
from simulator.redaction import masked_address

if TYPE_CHECKING:
    from simulator.catalogue import Catalogue
    from simulator.services import Services
    from simulator.settings import Settings

_log = logging.getLogger("simulator.cli")


_COMMAND = re.compile(r"`(?:python main\.py )?(?P<verb>[a-z]+)(?P<rest>(?: [^`]*)?)`")
_DATABASES = (".db", ".db3", ".sqlite", ".sqlite3")


def program_name() -> str:
    """How the user started us, such as `python main.py`, to be pasted into a shell."""
    if not sys.argv[0].endswith(".py"):
        return "python main.py"
    return shlex.join([sys.orig_argv[0], sys.argv[0]])


def check_store(url: str) -> None:
    """Refuse a bare word as the store, which is more likely a slip than the name of a file.

    Raises:
        UsageError: It is neither an address, a path, a database's file name nor a file.
    """
    if "/" in url or "\\" in url or Path(url).suffix in _DATABASES or Path(url).is_file():
        return
    # Before the @ of an address without its beginning stands a password.
    name = url.rpartition("@")[2]
    raise UsageError(
        f"The store {name!r} is neither an address nor a database file.",
        remedy=f"Write sqlite:///{name}.db to keep experiments in that file.",
    )


class Session:
    """What all verbs share."""

    def __init__(self) -> None:
        self.output = Output(self.spelled_out)
        self.interrupts = Interrupts(self.output.aside)
        self.program = program_name()
        self.verb = ""
        self.store: str | None = None
        self.log_level: str | None = None
        self.model_settings: dict[str, object] = {}
        """What options of the verb say over the settings of models."""
        self.log_file: Path | None = None
        self._settings: Settings | None = None

    @property
    def settings(self) -> Settings:
        """The settings, loaded when first asked for; the log is open from then on."""
        if self._settings is None:
            from simulator.logs import set_up_logging
            from simulator.settings import ENV_FILE, faulty_env_lines, load_settings

            settings = load_settings(log_level=self.log_level, **self.model_settings)
            if self.store is not None:
                settings = settings.at(self.store)
            check_store(settings.store_url)
            self._settings = settings
            self.log_file, warning = set_up_logging(self._settings, self.verb)
            if warning is not None:
                self.output.warn(warning)
            for number in faulty_env_lines():
                self.output.warn(
                    f"{Path(ENV_FILE).resolve()}, line {number}: this is no NAME=value; it is not "
                    "read."
                )
        return self._settings

    def store_settings(self) -> Settings:
        """The settings with all that the store is opened with; a missing password is asked for.

        Raises:
            PermissionDeniedError: It is missing, and nobody can be asked here.
        """
        self._settings = self._with_password(self.settings)
        return self._settings

    def settings_at(self, address: str) -> Settings:
        """As `store_settings`, for another store than the one in use."""
        from simulator.logs import hide_secrets

        settings = self.settings.at(address)
        hide_secrets(self.settings, settings)
        return self._with_password(settings)

    def _with_password(self, settings: Settings) -> Settings:
        user = settings.user_without_password
        if user is None:
            return settings
        if self.output.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise PermissionDeniedError(
                f"The password of {user!r} for the database is missing.",
                remedy="Set DB_PASSWORD, if variables name its server, or write it into the "
                "address; `setup` keeps it in .env.",
            )
        import click

        from simulator.logs import hide_secrets
        from simulator.presentation.safe_text import visible

        question = f"Password of {visible(user)} for the database"
        with self.interrupts.raised():
            password = click.prompt(question, hide_input=True, err=True)
        settings = settings.with_password(password)
        hide_secrets(self.settings, settings)
        return settings

    def another(self, *, anew: bool = False) -> Session:
        """Another use with the same options, to which no signal has come yet.

        Args:
            anew: Whether to read the settings again, instead of taking over those of this one.
        """
        other = Session()
        other.store, other.log_level = self.store, self.log_level
        if not anew:
            other._settings, other.log_file = self._settings, self.log_file
        return other

    def command(self, *words: str) -> str:
        """A command line of ours that finds what this one found, to be pasted.

        In the address of a store, secrets are masked: they must be filled in again.
        """
        if self.store is not None:
            words = ("--store", masked_address(self.store), *words)
        return f"{self.program} {shlex.join(words)}"

    def spelled_out(self, text: str) -> str:
        """A sentence whose commands, such as `ls --runs`, can be pasted."""
        from simulator.cli.commands import VERBS

        def whole(found: re.Match[str]) -> str:
            if found["verb"] not in VERBS:
                return found[0]
            head = self.command(found["verb"]) + found["rest"]
            return f"`{head}`"

        return _COMMAND.sub(whole, text)

    def resume(self, *runs: str, options: Sequence[str] = ()) -> str:
        """The command that resumes runs, with models asked as this one asks them."""
        from simulator.cli.model_options import model_words

        return self.command("resume", *runs, *model_words(self.model_settings), *options)

    def work(self, main: Callable[[Services], Awaitable[int | None]]) -> int:
        """Open the services and run a coroutine on them; its exit code.

        Raises:
            Interrupted: The user stopped it.
            SimulatorError: What went wrong.
        """
        settings = self.store_settings()
        from simulator.services import open_services

        async def opened() -> int:
            async with open_services(settings, self.output.warn) as services:
                return await main(services) or 0

        return self.interrupts.run(opened)

    def work_on_models(self, main: Callable[[Catalogue], Awaitable[int | None]]) -> int:
        """As `work`, on the models alone: no store is opened."""
        settings = self.settings
        from simulator.services import open_catalogue

        async def opened() -> int:
            async with open_catalogue(settings) as catalogue:
                return await main(catalogue) or 0

        return self.interrupts.run(opened)

    def ended(self, exit_code: int) -> None:
        """Note in the log how the verb ended."""
        _log.info("%s ends with exit code %d", self.verb, exit_code)
