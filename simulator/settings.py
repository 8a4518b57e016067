"""Settings from the environment and `.env`, in one place."""

from __future__ import annotations

import getpass
from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from simulator.errors import UsageError

PROJECT_ROOT = Path(__file__).resolve().parent.parent
APP_NAME = "llm-interaction-simulator"


class Settings(BaseSettings):
    """What may be set with `SIMULATOR_…` variables; see `.env_template`."""

    model_config = SettingsConfigDict(
        env_prefix="SIMULATOR_", env_file=".env", env_file_encoding="utf-8", extra="ignore"
    )

    store: SecretStr | None = None
    """Where experiments live: `sqlite:///PATH` or `mongodb://…`; secret, as it may hold a
    password. None uses `MONGODB_URI`, else a file in the user's data folder."""
    mongodb_uri: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("MONGODB_URI", "mongodb_uri")
    )
    """A MongoDB to use when `store` is not set."""
    user: str = ""
    """Name under which experiments and runs are made; empty takes the login name."""
    log_dir: Path = PROJECT_ROOT / "logs"
    """Folder of the log files."""
    log_level: str = "INFO"
    """DEBUG also logs every prompt's size and every reply's."""
    max_live_runs: int = Field(default=16, ge=1)
    """Runs played at the same time by one command."""
    cost_limit: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    """Dollars (US) that all runs of one command may cost together; None does not limit."""
    token_limit: int | None = Field(default=None, ge=0)
    """Tokens of prompts and replies that they may use; None does not limit."""

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
    def store_url(self) -> str:
        """Where experiments live; may hold a password, so never log it."""
        for secret in (self.store, self.mongodb_uri):
            if secret is not None and secret.get_secret_value():
                return secret.get_secret_value()
        return f"sqlite:///{default_database()}"


def default_database() -> Path:
    """The database file in the user's data folder."""
    from platformdirs import user_data_path

    return user_data_path(APP_NAME, appauthor=False) / "simulator.db"


def load_settings(**overrides: object) -> Settings:
    """Settings with these over them; None leaves a setting alone.

    Raises:
        UsageError: A variable does not have a usable value.
    """
    try:
        return Settings(**{k: v for k, v in overrides.items() if v is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = f"SIMULATOR_{'_'.join(str(part) for part in first['loc'])}".upper()
        raise UsageError(f"{name}: {first['msg']}.", remedy="See .env_template.") from error
