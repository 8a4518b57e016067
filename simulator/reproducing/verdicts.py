"""Ours beside the published, band by band."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Literal

from simulator.errors import SimulatorError
from simulator.reproducing.measures import Measurer, Ours, less
from simulator.reproducing.originals import Band, Labels
from simulator.reproducing.studies import Played, Study
from simulator.services import Services

Verdict = Literal["inside", "outside", "cannot be told"]

TOYS = ("pocket", "scripted")
"""Providers of models that are no subjects of research."""
WITH_THIS_MODEL = "with this model"
"""Why a band cannot be told whose number is of other models."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A band, and what one model came to."""

    band: Band
    model: str
    """Empty where no model is needed."""
    ours: Ours | None
    """None where nothing could be measured."""
    verdict: Verdict
    why: str = ""
    """Why it cannot be told, after `cannot be told`; empty where it can."""


def is_toy(model: str) -> bool:
    """Whether a model shows the machinery and nothing else."""
    return model.partition("/")[0].partition("?")[0] in TOYS


def is_meant(band: Band, model: str) -> bool:
    """Whether a band's number can be held against that of a model."""
    if band.toy:
        return True
    if is_toy(model):
        return False
    return not band.models or any(one.lower() in model.lower() for one in band.models)


async def compared(services: Services, study: Study, played: Sequence[Played]) -> list[Compared]:
    """Every band of the parts that are in the study, for every model that was played.

    A band that is of some models only is told of those; where none of them was played, what the
    others came to stands beside it, without a verdict.

    Args:
        services: Have the runs.
        study: Whose bands.
        played: Its runs as they are in the store now; only those that are completed are measured.
    """
    measurer = Measurer(services)
    return [one async for one in _compared(measurer, study, played)]


async def _compared(
    measurer: Measurer, study: Study, played: Sequence[Played]
) -> AsyncIterator[Compared]:
    parts = {part.part.name: part for part in study.parts}
    whole = [one for one in played if one.run.status == "completed"]
    for band in study.original.bands:
        if not band.part:
            ours, why = await _measured(measurer, band, [])
            yield judged(band, "", ours, why)
            continue
        if band.part not in parts:
            continue
        models = parts[band.part].models
        meant = [model for model in models if is_meant(band, model)]
        for model in meant or models:
            own = [one for one in whole if one.model == model]
            ours, why = await _measured(measurer, band, own)
            missing = parts[band.part].missing
            if ours is None and missing is not None:
                why = f"as its data are not here: {missing.message}"
            yield judged(band, model, ours, why)


async def _measured(
    measurer: Measurer, band: Band, played: Sequence[Played]
) -> tuple[Ours | None, str]:
    """What was measured, and why there is nothing."""
    if band.people:
        return None, f"before people have judged {band.people}"
    try:
        ours = await _of_cells(measurer, band, played, band.where)
        if ours is None or band.less is None:
            return ours, "as nothing of it is played"
        other = await _of_cells(measurer, band, played, band.less)
        return (None if other is None else less(ours, other)), "as nothing of it is played"
    except SimulatorError as error:
        return None, f"here: {error.message} {error.remedy or ''}".rstrip()


async def _of_cells(
    measurer: Measurer, band: Band, played: Sequence[Played], labels: Labels
) -> Ours | None:
    runs = [one.run for one in played if one.is_of(band.part, labels)]
    if band.part and not runs:
        return None
    return await measurer.measured(band.measure, runs, band.options)


def judged(band: Band, model: str, ours: Ours | None, why: str) -> Compared:
    """What a band says of what was measured.

    Args:
        band: Any.
        model: Whose; empty where none is needed.
        ours: None where nothing was measured.
        why: There is nothing.
    """
    if ours is None:
        return Compared(band, model, None, "cannot be told", why)
    if model and not is_meant(band, model):
        return Compared(band, model, ours, "cannot be told", WITH_THIS_MODEL)
    if ours.instead:
        return Compared(band, model, ours, "cannot be told", ours.instead)
    if band.low <= ours.value <= band.high:
        return Compared(band, model, ours, "inside")
    is_near = ours.low is not None and ours.high is not None and (
        ours.low <= band.high and ours.high >= band.low
    )  # fmt: skip
    if is_near:
        return Compared(band, model, ours, "cannot be told", "by so few runs")
    return Compared(band, model, ours, "outside")
