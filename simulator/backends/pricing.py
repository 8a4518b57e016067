"""What models cost: a dated table, the user's own over it, and a wrapper that counts money."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from simulator.backends.wrapping import Wrapper
from simulator.domain.latent import LatentChunk, LatentCompletion, LatentRequest
from simulator.domain.models import (
    Chunk,
    Completion,
    GenerateRequest,
    ModelBackend,
    ModelCard,
)
from simulator.domain.nearest import nearest
from simulator.domain.prices import FREE, Price
from simulator.errors import UsageError

SHIPPED = Path(__file__).with_name("prices.toml")
_EDITION = re.compile(r"-(?:\d{4}-\d{2}-\d{2}|\d{8}|\d{3,4}|latest)$")
"""What tells editions of a model apart."""
_C = TypeVar("_C", Completion, LatentCompletion)
_FORM = '[provider] and below it "model" = { input_usd = 1.5, output_usd = 6.0 }'


class ListedModel(Price):
    """What a table says of a model."""

    context_length: int | None = Field(default=None, ge=1)
    """Tokens of prompt and reply together that it can take at most."""

    @property
    def price(self) -> Price:
        """Without the rest."""
        return Price.model_validate(self.model_dump(exclude={"context_length"}))


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Models by `provider/model`; `*` in a name stands for anything."""

    date: date
    """When the shipped prices were last checked."""
    tables: tuple[Mapping[str, ListedModel], ...]
    """The first that knows a model is believed; what it leaves out, the next may know."""

    @classmethod
    def load(
        cls, user_file: Path | None = None, providers: Collection[str] | None = None
    ) -> PriceTable:
        """The shipped table, under the user's own of the same form.

        Args:
            user_file: The user's own; None when there is none.
            providers: All that there are; None does not check that the user's file has no others.

        Raises:
            UsageError: The user's file cannot be read, is not of that form, or has prices of a
                provider that nobody knows.
        """
        checked, shipped = _read(SHIPPED)
        if checked is None:
            raise ValueError(f"{SHIPPED} has no date")
        own = () if user_file is None else (_read(user_file, providers)[1],)
        return cls(checked, (*own, shipped))

    def listed(self, model: str) -> ListedModel | None:
        """What is known of `provider/model`: its price, and its context where any table has it.

        A name is looked for as it is, then without its edition (a date, a number of 3 or 4
        digits, `latest`), then among names with `*`, the longest first.
        """
        found = [listed for table in self.tables if (listed := _find(table, model))]
        if not found:
            return None
        contexts = (listed.context_length for listed in found)
        context_length = next((length for length in contexts if length is not None), None)
        return found[0].model_copy(update={"context_length": context_length})

    def price(self, model: str, *, free: bool = False) -> Price | None:
        """What `provider/model` costs; None when no table says, or nothing if it is `free`."""
        found = self.listed(model)
        if found is None:
            return FREE if free else None
        return found.price

    def completed(self, card: ModelCard, *, free: bool = False) -> ModelCard:
        """A card with what the tables know of its model."""
        found = self.listed(card.model)
        known = found.context_length if found else None
        return replace(
            card,
            price=self.price(card.model, free=free),
            context_length=card.context_length or known,
        )


def _find(table: Mapping[str, ListedModel], model: str) -> ListedModel | None:
    for name in (model, _EDITION.sub("", model)):
        if name in table:
            return table[name]
    patterns = [name for name in table if "*" in name and fnmatchcase(model, name)]
    return table[max(patterns, key=len)] if patterns else None


def _read(
    file: Path, providers: Collection[str] | None = None
) -> tuple[date | None, dict[str, ListedModel]]:
    try:
        data = tomllib.loads(file.expanduser().read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"There is no prices file {file}.", remedy="Check the path, or leave the setting out."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise UsageError(f"The prices file {file} cannot be read: {reason}.") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(
            f"The prices file {file} is no TOML: {error}.", remedy=f"Write {_FORM}."
        ) from None
    checked = data.pop("date", None)
    models: dict[str, ListedModel] = {}
    for provider, entries in data.items():
        if not isinstance(entries, dict):
            raise _fault(file, provider, "this is no provider with models below it")
        if providers is not None and provider not in providers:
            meant = nearest(provider, providers)
            hint = f"; did you mean [{meant}]?" if meant else ""
            raise _fault(file, f"[{provider}]", f"there is no such provider{hint}")
        for name, entry in entries.items():
            try:
                models[f"{provider}/{name}"] = ListedModel.model_validate(entry)
            except ValidationError as error:
                if whole := _split_name(name, entry):
                    fault = f'quote a name that has dots, as in "{whole}" = {{ … }}'
                    raise _fault(file, f"{provider}.{whole}", fault) from None
                first = error.errors()[0]
                key = ".".join([f'{provider}."{name}"', *map(str, first["loc"])])
                raise _fault(file, key, first["msg"]) from None
    return checked if isinstance(checked, date) else None, models


def _split_name(name: str, entry: object) -> str | None:
    """The name of a model that TOML took apart at its dots; None where it did not."""
    if isinstance(entry, dict):
        for part, inner in entry.items():
            if isinstance(inner, dict):
                whole = f"{name}.{part}"
                return _split_name(whole, inner) or whole
    return None


def _fault(file: Path, key: str, fault: str) -> UsageError:
    said = fault if fault.endswith("?") else f"{fault}."
    return UsageError(f"The prices file {file}, {key}: {said}", remedy=f"Write {_FORM}.")


class PricedBackend(Wrapper):
    """A backend whose completions say what they cost."""

    def __init__(self, inner: ModelBackend, prices: PriceTable, *, free: bool = False) -> None:
        """Price a backend.

        Args:
            inner: The backend.
            prices: The tables.
            free: Whether a model that they do not list costs nothing.
        """
        super().__init__(inner)
        self._prices = prices
        self._free = free
        self._price = prices.price(inner.model, free=free) or inner.price

    @property
    def price(self) -> Price | None:
        """What the tables say, else what the backend itself knows."""
        return self._price

    async def describe(self) -> ModelCard:
        """The inner card with what the tables know."""
        card = self._prices.completed(await self._inner.describe(), free=self._free)
        return replace(card, price=self._price)

    def generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        """See the port; what the server says that a call cost stands, else the price counts."""
        return self._inner.generate(request) if self._price == FREE else self._generate(request)

    async def _generate(self, request: GenerateRequest) -> AsyncGenerator[Chunk, None]:
        async with aclosing(self._inner.generate(request)) as chunks:
            async for chunk in chunks:
                if chunk.completion is None:
                    yield chunk
                else:
                    yield Chunk(chunk.text, chunk.retry, self._priced(chunk.completion))

    def generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        """See the port; priced as `generate` is."""
        if self._price == FREE:
            return self._inner.generate_latent(request)
        return self._generate_latent(request)

    async def _generate_latent(self, request: LatentRequest) -> AsyncGenerator[LatentChunk, None]:
        async with aclosing(self._inner.generate_latent(request)) as chunks:
            async for chunk in chunks:
                if chunk.completion is None:
                    yield chunk
                else:
                    yield LatentChunk(chunk.text, self._priced(chunk.completion))

    def _priced(self, completion: _C) -> _C:
        usage = completion.usage
        if usage.cost_usd > 0.0:
            paid: dict[str, float] = {"unpriced_calls": 0}
        elif self._price is None:
            paid = {"unpriced_calls": 1}
        else:
            paid = {"cost_usd": self._price.cost_usd(usage)}
        return replace(completion, usage=usage.model_copy(update=paid))
