"""Settings from the environment and `.env`, in one place."""

from __future__ import annotations

import getpass
import logging
import os
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    AliasChoices,
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulator.credentials import (
    check_database_name,
    cluster_address,
    servers_of,
    user_without_password,
    with_password,
)
from simulator.domain.durations import parse_duration
from simulator.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
APP_NAME = "llm-interaction-simulator"

ENV_FILE = ".env"
"""In the folder that the program is started from."""


def _duration(value: object) -> object:
    return parse_duration(value) if isinstance(value, str) else value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
"""A span of time such as `4d`."""

_OUTSIDE_PREFIX = ("MONGODB_URI", "DB_CLUSTER_URL", "DB_USER", "DB_PASSWORD")
"""Variables that do not begin with `SIMULATOR_`."""


def _own_name(name: str) -> AliasChoices:
    return AliasChoices(name, name.lower())


class Settings(BaseSettings):
    """What may be set with `SIMULATOR_…` variables; see `.env_template`."""

    model_config = SettingsConfigDict(
        env_prefix="SIMULATOR_", env_file=ENV_FILE, env_file_encoding="utf-8",
        env_ignore_empty=True, extra="ignore", use_attribute_docstrings=True,
    )  # fmt: skip

    store: SecretStr | None = None
    """Where experiments live: `sqlite:///PATH` or `mongodb://…`; secret, as it may hold a
    password. None uses `mongodb_uri`, else `db_cluster_url`, else a file in the user's data
    folder."""
    mongodb_uri: SecretStr | None = Field(default=None, validation_alias=_own_name("MONGODB_URI"))
    """A MongoDB to use when `store` is not set."""
    db_cluster_url: SecretStr | None = Field(
        default=None, validation_alias=_own_name("DB_CLUSTER_URL")
    )
    """One to use when neither is set: an address, or what stands in one behind `://`."""
    db_user: str = Field(default="", validation_alias=_own_name("DB_USER"))
    """Who logs in there, not escaped."""
    db_password: SecretStr | None = Field(default=None, validation_alias=_own_name("DB_PASSWORD"))
    """With which password, not escaped; also for the same user of `store` or `mongodb_uri`, or
    any if there is no `db_user`. No server gets it that variables do not name, unless they name
    none."""
    database: Annotated[str, AfterValidator(check_database_name)] = "simulator"
    """Database of a MongoDB whose address names none."""
    store_timeout_s: float = Field(default=5.0, gt=0.0, allow_inf_nan=False)
    """Seconds until a MongoDB must answer when a command begins."""
    store_patience_s: float = Field(default=900.0, ge=0.0, allow_inf_nan=False)
    """Seconds that a command waits for one that went away in the meantime."""
    store_pool_size: int = Field(default=20, ge=1)
    """Connections of one command to one of its servers."""
    user: str = ""
    """Name under which experiments and runs are made; empty takes the login name."""
    model: str = ""
    """`provider/model` for designs that name none; empty leaves them to their kind."""
    log_dir: Path = PROJECT_ROOT / "logs"
    """Folder of the log files."""
    log_level: str = "INFO"
    """DEBUG also logs every prompt's size and every reply's."""
    max_live_runs: int = Field(default=16, ge=1)
    """Runs played at the same time by one command."""
    cost_limit: float | None = Field(default=None, gt=0.0, allow_inf_nan=False)
    """Dollars (US) that all runs of one command may cost together; None does not limit."""
    token_limit: int | None = Field(default=None, ge=1)
    """Tokens of prompts and replies that they may use; None does not limit."""
    max_connections: int | None = Field(default=None, ge=1)
    """Requests to one endpoint at a time; None adapts to what it takes."""
    first_token_timeout_s: float = Field(default=600.0, gt=0.0, allow_inf_nan=False)
    """Seconds until a reply must begin."""
    stall_timeout_s: float = Field(default=60.0, gt=0.0, allow_inf_nan=False)
    """Seconds until its next piece must come."""
    reply_timeout_s: float = Field(default=1800.0, gt=0.0, allow_inf_nan=False)
    """Seconds until it must be whole."""
    cache: bool = False
    """Whether replies are kept, and given again to equal requests."""
    cache_expiry: Duration | None = None
    """How long they are good for; None for ever."""
    record: Path | None = None
    """A file that requests and replies are added to."""
    replay: Path | None = None
    """A recording that all replies are taken from."""
    endpoints: Path | None = None
    """The user's own endpoints; None takes `endpoints.toml` in the user's configuration folder,
    if it is there."""
    prices: Path | None = None
    """The user's own prices; None takes `prices.toml` from the same folder, if it is there."""

    _is_strange: bool = PrivateAttr(default=False)
    """Whether `store` is at a server that `db_password` is not for."""

    @property
    def creator(self) -> str:
        """Who makes experiments and runs."""
        if self.user:
            return self.user
        try:
            return getpass.getuser()
        except OSError:
            return "unknown"

    @property
    def store_address(self) -> str:
        """Where experiments live, as it is named; without `db_password`, but never log it."""
        return next(iter(self._addresses()), f"sqlite:///{default_database()}")

    @property
    def store_url(self) -> str:
        """Where experiments live; may hold a password, so never log it."""
        password = self.db_password.get_secret_value() if self.db_password else ""
        address = self.store_address
        if self.store and self._is_strange:
            return address
        user = user_without_password(address)
        if password and user is not None and self.db_user in ("", user):
            return with_password(address, password)
        return address

    def _addresses(self) -> list[str]:
        """The stores that are named, the one to use first; without `db_password`."""
        found = [one.get_secret_value() for one in (self.store, self.mongodb_uri) if one]
        if self.db_cluster_url:
            found.append(cluster_address(self.db_cluster_url.get_secret_value(), self.db_user))
        return found

    def at(self, address: str) -> Settings:
        """The same with another store; at a server unknown so far it does not get `db_password`."""
        known = self._addresses()[1 if self.store and self._is_strange else 0 :]
        servers = {servers_of(one) for one in known} - {""}
        other = self.model_copy(update={"store": SecretStr(address)})
        other._is_strange = bool(servers) and servers_of(address) not in servers
        return other

    @property
    def user_without_password(self) -> str | None:
        """Who is to log in to the store with a password that is not known; None if nobody is."""
        return user_without_password(self.store_url)

    def with_password(self, password: str) -> Settings:
        """The same with the password that is not known."""
        address = SecretStr(with_password(self.store_url, password))
        return self.model_copy(update={"store": address})

    @property
    def endpoints_file(self) -> Path | None:
        """The user's own endpoints; None when there are none."""
        return self.endpoints or _if_there("endpoints.toml")

    @property
    def prices_file(self) -> Path | None:
        """The user's own prices; None when there are none."""
        return self.prices or _if_there("prices.toml")


def variable_name(field: str) -> str:
    """The variable of a setting, by its field's name or its own."""
    return field.upper() if field.upper() in _OUTSIDE_PREFIX else f"SIMULATOR_{field}".upper()


def variable_names() -> list[str]:
    """All variables of settings, in the order of `.env_template`."""
    return [variable_name(name) for name in Settings.model_fields]


def default_database() -> Path:
    """The database file in the user's data folder."""
    return _data_folder() / "simulator.db"


def default_request_cache() -> Path:
    """The file of the request cache, beside the database."""
    return _data_folder() / "requests.db"


def default_measures() -> Path:
    """The file of values of measures, beside the database."""
    return _data_folder() / "measures.db"


def default_drafts() -> Path:
    """The folder of the editor's drafts, beside the database."""
    return _data_folder() / "drafts"


def environment() -> Mapping[str, str]:
    """All variables, those of the process over those of `.env`; keys are among them."""
    return kept_variables() | dict(os.environ)


def kept_variables() -> dict[str, str]:
    """The variables of `.env`; none where it cannot be read."""
    from dotenv import dotenv_values

    try:
        kept = dotenv_values(ENV_FILE, encoding="utf-8")
    except (OSError, ValueError):
        return {}
    return {name: value for name, value in kept.items() if value is not None}


def exported(names: Iterable[str]) -> list[str]:
    """Those variables that the process has, and that so go before `.env`."""
    return [name for name in names if os.environ.get(name)]


def faulty_env_lines() -> list[int]:
    """Numbers of the lines of `.env` that are no `NAME=value`, and so are not read."""
    from dotenv.parser import parse_stream

    try:
        with Path(ENV_FILE).open(encoding="utf-8") as file:
            faulty = [binding.original for binding in parse_stream(file) if binding.error]
    except OSError:
        return []
    # What is parsed as one piece may begin with empty lines.
    before = (part.string[: len(part.string) - len(part.string.lstrip())] for part in faulty)
    return [part.line + blank.count("\n") for part, blank in zip(faulty, before, strict=True)]


def _data_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path(APP_NAME, appauthor=False)


def _if_there(name: str) -> Path | None:
    from platformdirs import user_config_path

    path = user_config_path(APP_NAME, appauthor=False) / name
    return path if path.is_file() else None


def load_settings(**overrides: object) -> Settings:
    """Settings with these over them; None leaves a setting alone.

    Raises:
        UsageError: A variable does not have a usable value, or `.env` is no text.
    """
    # `faulty_env_lines` says it once, and names the file.
    logging.getLogger("dotenv").setLevel(logging.ERROR)
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{Path(ENV_FILE).resolve()} is not text in UTF-8.", remedy="Write it again as UTF-8."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = variable_name(str(first["loc"][0]))
        fault = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{name}: {fault}.", remedy="See .env_template.") from error
