"""Keeps secrets of this machine out of what is given away."""

from __future__ import annotations

from pydantic import BaseModel

from simulator.domain.journal import Step
from simulator.errors import PermissionDeniedError
from simulator.logs import secrets_known
from simulator.redaction import Redactor, SecretFinder, masked_address
from simulator.settings import Settings


class Guard:
    """Keeps what is secret here, and the store's address, out of a bundle."""

    def __init__(self, settings: Settings) -> None:
        secrets = secrets_known(settings)
        address = settings.store_url
        scheme, is_address, file = address.partition("://")
        places = {address, masked_address(address)}
        is_server = bool(is_address) and scheme != "sqlite"
        if is_address and not is_server:
            places |= {file, f"/{file.lstrip('/')}"} - {"", "/"}
        self.masked = Redactor(secrets | places)
        """An error may tell where the store is."""
        # The path of a file is nobody's secret; models may say the like.
        self._finds = SecretFinder(secrets | (places if is_server else set()))

    def check(self, line: str, record: BaseModel) -> None:
        """Raises PermissionDeniedError when a record's line must not be given away."""
        if not self._finds(line):
            return
        if isinstance(record, Step):
            what = f"Step {record.position} of run {record.run_id}"
        else:
            what = f"{type(record).__name__} {getattr(record, 'id', '')}"
        raise PermissionDeniedError(
            f"{what} has a key, a password or the store's address in it; nothing was written.",
            remedy="Replace that key, as all who open the store can read it; delete what has it, "
            "or export without it.",
        )
