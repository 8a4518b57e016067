"""The questions of `setup`, one after another on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import questionary
from prompt_toolkit.formatted_text.utils import fragment_list_to_text
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput
from questionary import Choice

from simulator.cli.output import Column
from simulator.cli.session import Session
from simulator.cli.waiting import busy
from simulator.credentials import (
    SCHEMES,
    check_database_name,
    cluster_address,
    user_without_password,
    with_password,
    without_login,
)
from simulator.diagnosis import MODEL, try_database, try_store
from simulator.errors import SimulatorError
from simulator.presentation.safe_text import one_line
from simulator.redaction import masked_address, starred_address
from simulator.settings import (
    ENV_FILE,
    Settings,
    default_database,
    variable_name,
)

if TYPE_CHECKING:
    from questionary.question import Question

    from simulator.catalogue import Catalogue
    from simulator.store.mongo_server import ServerCard

ATLAS = ".mongodb.net"
"""Where hosted clusters are; their addresses are `mongodb+srv`."""
SCRIPTED = "scripted"
"""The provider of models for tests, not to be the usual one."""
_EACH_TIME = "Password (not shown); empty to be asked each time:"


class GaveUpError(Exception):
    """The user would rather leave everything as it was."""


class Interview:
    """Asks for what is not given; Ctrl-C at any question leaves everything as it was."""

    def __init__(
        self, session: Session, given: Mapping[str, str | None], *, untested: bool
    ) -> None:
        """Make one.

        Args:
            session: Whose settings are offered.
            given: Answers by the names of settings; None is asked for.
            untested: Do not try the connection.
        """
        self._session = session
        self._given = given
        self._untested = untested
        self._settings = session.settings
        self._refused = ""
        """The MongoDB that could not be used, with user but without password."""

    def hold(self) -> dict[str, str]:
        """Settings by their fields' names; empty when nothing is to be written."""
        try:
            chosen = self._store()
            chosen["model"] = self._given["model"] or self._model()
            chosen["user"] = self._given["user"] or self._user(chosen["store"])
        except GaveUpError:
            return {}
        chosen = {name: value for name, value in chosen.items() if value}
        return chosen if self._agreed(chosen) else {}

    # ------------------------------------------------------------ store

    def _store(self) -> dict[str, str]:
        address = self._settings.store_address if self._session.store else self._where()
        while True:
            address = address or self._address()
            try:
                return self._usable(address)
            except SimulatorError as error:
                self._session.output.problem(error)
            if self._is_used_untested():
                return self._chosen(address, self._settings.at(address), None)
            if address.startswith(SCHEMES):
                self._refused = cluster_address(*without_login(address))
                address = ""
            else:
                address = self._where()

    def _usable(self, address: str) -> dict[str, str]:
        """The store at an address, tried. Raises SimulatorError when it cannot be used."""
        settings = self._settings.at(address)
        if self._untested:
            return self._chosen(address, settings, None)
        if settings.user_without_password is not None:
            self._session.output.line("The password is for trying the connection: it is not kept.")
        settings = self._session.settings_at(address)
        return self._chosen(address, settings, self._looked_at(settings))

    def _chosen(
        self, address: str, settings: Settings, server: ServerCard | None
    ) -> dict[str, str]:
        """The store and its database, which is tried if its server was looked at."""
        if not address.startswith(SCHEMES):
            return {"store": address}
        database = self._given["database"] or ""
        if not database and not (server and server.database):
            database = self._database_name(server)
        if server is not None:
            named = settings.model_copy(update={"database": database or settings.database})
            warn = self._session.output.warn
            with busy(self._session.output, "Looking at the database …"):
                self._session.interrupts.run(lambda: try_database(named, server, warn))
        return {"store": address, "database": database}

    def _where(self) -> str:
        """The address of the store; empty for a MongoDB that is yet to be named."""
        file, now = f"sqlite:///{default_database()}", self._settings.store_address
        choices = [
            Choice(f"In a file on this machine: {default_database()}", file),
            Choice("In a MongoDB, which several people can share", ""),
        ]
        if now != file:
            choices.insert(0, Choice(f"As it is now: {masked_address(now)}", now))
        return str(_ask(questionary.select("Where shall experiments be kept?", choices)))

    def _address(self) -> str:
        whole = _ask(
            questionary.select(
                "How do you name the MongoDB?",
                [Choice("By host, user and password", False),
                 Choice("By its whole address, mongodb://… or mongodb+srv://…", True)],
            )
        )  # fmt: skip
        if whole:
            question = questionary.text(
                "Its address, without the password:", default=self._refused,
                validate=_is_address, input_processors=[MaskedPassword()],
            )  # fmt: skip
            address = str(_ask(question)).strip()
        else:
            address = self._address_by_parts()
        if user_without_password(address) is None:
            return address
        password = str(_ask(questionary.password(_EACH_TIME)))
        return with_password(address, password) if password else address

    def _address_by_parts(self) -> str:
        place, name = without_login(self._refused)
        question = "Host, such as db.lab.example:27017 or cluster0.abcde.mongodb.net:"
        host = str(_ask(questionary.text(question, default=place, validate=_is_given))).strip()
        user = str(_ask(questionary.text("User (empty for none):", default=name))).strip()
        if not host.startswith(SCHEMES):
            name = host.partition("/")[0].partition("?")[0]
            host = f"{SCHEMES[name.endswith(ATLAS)]}{host}"
        return cluster_address(host, user)

    def _looked_at(self, settings: Settings) -> ServerCard | None:
        """What is at the address. Raises SimulatorError when it cannot be used."""
        output = self._session.output
        with busy(output, "Connecting …"):
            server = self._session.interrupts.run(lambda: try_store(settings, output.warn))
        if server is not None:
            output.line(f"Connected to MongoDB {server.version} at {server.place}.", "green")
        return server

    def _is_used_untested(self) -> bool:
        what = _ask(
            questionary.select(
                "What now?",
                [Choice("Name it again", "again"), Choice("Use it untested", "use"),
                 Choice("Give up, and leave everything as it was", "leave")],
            )
        )  # fmt: skip
        if what == "leave":
            raise GaveUpError
        return bool(what == "use")

    def _database_name(self, server: ServerCard | None) -> str:
        usual = self._settings.database
        if server is not None:
            choices = [
                Choice(f"{one_line(name)}, which holds experiments", name)
                for name in server.databases
            ]
            if usual not in server.databases:
                choices.insert(0, Choice(f"{usual}, a new one", usual))
            choices.append(Choice("Another one, to be named", ""))
            question = questionary.select("Which database?", choices, default=usual)
            if name := str(_ask(question)):
                return name
        question = questionary.text(
            "Name of the database:", default=usual if server is None else "", validate=_is_database
        )
        return str(_ask(question))

    # ------------------------------------------------------------ model and user

    def _model(self) -> str:
        usable: list[str] = []

        async def look(catalogue: Catalogue) -> None:
            async for report in catalogue.reports(catalogue.providers(), patience_s=5.0):
                if report.provider != SCRIPTED:
                    usable.extend(card.model for card in report.models)

        with busy(self._session.output, "Asking which models can be used …"):
            self._session.work_on_models(look)
        usual = self._settings.model or MODEL
        names = sorted({usual, *usable}, key=lambda name: (name != usual, name))
        if len(names) == 1:
            self._session.output.line(
                f"Model: {usual}, the only one that can be used now. For others, see "
                f"{self._session.command('models', 'ls', '--all')}"
            )
            return usual
        question = questionary.select(
            "Which model for designs that name none? (type to search)",
            [Choice(one_line(name), name) for name in names],
            use_search_filter=True, use_jk_keys=False,
        )  # fmt: skip
        return str(_ask(question))

    def _user(self, store: str) -> str:
        is_shared = store.startswith(SCHEMES)
        asked = "Your name, as colleagues see it"
        question = questionary.text(
            f"{asked}; each needs another one:" if is_shared else f"{asked}:",
            default=self._settings.creator,
            validate=_is_given,
        )
        return str(_ask(question)).strip()

    def _agreed(self, chosen: Mapping[str, str]) -> bool:
        output = self._session.output
        rows = [[variable_name(name), masked_address(value)] for name, value in chosen.items()]
        output.line()
        output.table([Column("VARIABLE"), Column("VALUE", flexible=True, overflow="fold")], rows)
        return bool(_ask(questionary.confirm(f"Write this to {ENV_FILE} in this folder?")))


class MaskedPassword(Processor):
    """Draws stars for what should be asked for hidden."""

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """The line as it is drawn, as long as it is."""
        fragments = transformation_input.fragments
        style = fragments[0][0] if fragments else ""
        return Transformation([(style, starred_address(fragment_list_to_text(fragments)))])


def _ask(question: Question) -> Any:
    """The answer. Raises KeyboardInterrupt or EOFError when the user leaves."""
    return question.unsafe_ask()


def _is_given(text: str) -> bool | str:
    return bool(text.strip()) or "Type something, or leave with Ctrl-C."


def _is_address(text: str) -> bool | str:
    if text.strip().startswith(SCHEMES):
        return True
    return f"It begins with {' or '.join(SCHEMES)}"


def _is_database(text: str) -> bool | str:
    return _fault_of(check_database_name, text) or True


def _fault_of(check: Callable[[str], str], text: str) -> str:
    try:
        check(text)
    except ValueError as error:
        return str(error)
    return ""
