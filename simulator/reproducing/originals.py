"""What is known of an original study: its grid, its sizes, and the numbers that were published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator
from ruamel.yaml import YAML

from simulator.domain.nearest import nearest
from simulator.errors import NotFoundError

FOLDER = Path(__file__).resolve().parents[1] / "reproductions"

Labels = Mapping[str, tuple[str, ...]]
"""By axis, the labels that a cell may have there."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Size(_Part):
    """A quantity that `--scale` makes smaller."""

    of: str
    """`repeat`, `texts`, or a parameter of a launch such as `chains`."""
    published: int = Field(ge=1)
    least: int = Field(default=1, ge=1)


class Pocket(_Part):
    """What the pocket-sized version of a part is like."""

    sizes: dict[str, int] = {}
    """In place of the published ones."""
    launch: dict[str, JsonValue] = {}
    """Over that of the part."""
    axes: dict[str, tuple[JsonValue, ...]] = {}
    """Labels or values that are kept of an axis; an axis that is not named keeps all."""


class Part(_Part):
    """A grid over one design."""

    name: str
    design: str
    """A seed of `experiments_seed`."""
    changes: dict[str, Any] = {}
    """Fields of the design; None drops one."""
    launch: dict[str, JsonValue] = {}
    """What a launch sets for all cells."""
    axes: dict[str, tuple[JsonValue, ...] | dict[str, dict[str, JsonValue]]] = {}
    """What varies: values of a parameter by its name, or labels with all that they set."""
    once: tuple[str, ...] = ()
    """Labels of cells that come out the same each time, and are not repeated."""
    sizes: tuple[Size, ...]
    """In the order in which they are made smaller; the first is made so first."""
    names: tuple[str, ...] = ()
    """Of initial texts, in the order in which fewer of them are taken."""
    models: tuple[str, ...] = ()
    """Instead of the study's; such a part belongs to these models alone."""
    toy: bool = False
    """Whether it is of the pocket-sized version alone, and of nothing that was published."""
    pocket: Pocket | None = None
    """None leaves the part out of the pocket-sized version."""


class Band(_Part):
    """A published number, how far from it ours may be, and which of ours is held to it."""

    claim: str
    """In a sentence without its end, for people."""
    part: str = ""
    """Whose runs are measured; empty for what needs none."""
    measure: str = ""
    """Of `measures.MEASURES`; empty where no program can measure it."""
    options: dict[str, JsonValue] = {}
    where: dict[str, tuple[str, ...]] = {}
    """Only cells with these labels."""
    less: dict[str, tuple[str, ...]] | None = None
    """Cells whose value is taken off; None takes nothing off."""
    published: float | None = None
    """None where no number was published, or none could be had."""
    low: float
    high: float
    """Ours is inside from `low` to `high`."""
    source: str
    """Where the number stands, and why the band is as wide."""
    models: tuple[str, ...] = ()
    """Parts of names of the models that the number is of; empty for any model but a toy."""
    toy: bool = False
    """Whether any model at all can tell, as it is about the machinery or about theory."""
    people: str = ""
    """What people would have to judge first; empty where nobody has to."""


class Original(_Part):
    """An original study."""

    name: str
    title: str
    after: str
    """The publication."""
    grid: str
    """What was crossed there, and where this deviates from it, in sentences."""
    pocket: str
    """What the pocket-sized version is, and what it cannot tell, in sentences."""
    models: tuple[str, ...]
    """As nearly those of the publication as they can be had today."""
    parts: tuple[Part, ...]
    bands: tuple[Band, ...]

    @model_validator(mode="before")
    @classmethod
    def _spread(cls, document: Any) -> Any:
        """Bands that stand in one entry for several levels of an axis become one each."""
        bands = [one for entry in document["bands"] for one in _spread_out(entry)]
        return {**document, "bands": bands}

    @model_validator(mode="after")
    def _know_their_parts(self) -> Original:
        known = {part.name for part in self.parts} | {""}
        for band in self.bands:
            if band.part not in known:
                raise ValueError(f"{band.claim!r} is of the part {band.part!r}, which is none")
        return self


def _spread_out(entry: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The bands of an entry: `each` has published numbers by label, `within` how far is inside.

    `between` is where values can lie at all.
    """
    own = dict(entry)
    each, within = own.pop("each", None), own.pop("within", None)
    between = own.pop("between", (-inf, inf))
    if each is None:
        yield _with_edges(own, within, between)
        return
    axis, values = each["axis"], each["published"]
    for label, published in values.items():
        where = {**own.get("where", {}), axis: [label]}
        claim = f"{own['claim']}, {label}"
        yield _with_edges(
            {**own, "claim": claim, "where": where, "published": published}, within, between
        )


def _with_edges(
    band: dict[str, Any], within: float | None, between: Sequence[float]
) -> dict[str, Any]:
    if within is None:
        return band
    low, high = band["published"] - within, band["published"] + within
    return {**band, "low": max(low, between[0]), "high": min(high, between[1])}


@lru_cache(maxsize=1)
def originals() -> Mapping[str, Original]:
    """All five by name, in the order of DESIGN: conversation, chatroom, telephone and so on."""
    yaml: Any = YAML(typ="safe")
    read = [Original.model_validate(yaml.load(path)) for path in FOLDER.glob("*.yaml")]
    order = ("prison", "chatroom", "telephone", "iterated", "debate")
    return {one.name: one for one in sorted(read, key=lambda one: order.index(one.name))}


def original_named(name: str) -> Original:
    """The original study of that name.

    Raises:
        NotFoundError: There is none.
    """
    known = originals()
    if name not in known:
        meant = nearest(name, list(known))
        hint = f"Did you mean {meant!r}? " if meant else ""
        raise NotFoundError(
            f"There is no original study {name!r}.",
            remedy=f"{hint}There are {', '.join(known)}; `reproduce` lists them.",
        )
    return known[name]
