"""Lists, foresees, plays and tells of reproductions on the command line."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from simulator.cli.confirming import confirmed
from simulator.cli.output import Column
from simulator.cli.playing import Player
from simulator.cli.session import Session
from simulator.estimating import estimate
from simulator.presentation.estimates import counted_large, estimate_lines, large
from simulator.presentation.plans import plan_of
from simulator.presentation.wording import counted
from simulator.reproducing.originals import original_named, originals
from simulator.reproducing.studies import (
    Size,
    as_stored,
    found_runs,
    launched,
    study_of,
)
from simulator.reproducing.verdicts import compared, is_toy

if TYPE_CHECKING:
    from simulator.domain.estimates import Estimate
    from simulator.engine.limits import Limits
    from simulator.reproducing.originals import Band, Original
    from simulator.reproducing.studies import Played, Study, StudyPart
    from simulator.reproducing.verdicts import Compared
    from simulator.services import Services

MANY_CALLS = 1000
"""Above so many it is asked whether to begin."""


async def list_originals(session: Session, services: Services) -> int:
    """All five with their sizes."""
    output = session.output
    rows, documents = [], []
    for original in originals().values():
        sizes = [
            await study_of(services, original, size, reads_data=False)
            for size in (Size(), Size(pocket=True))
        ]
        texts = [f"{counted_large(one.runs, 'run')}, {large(one.messages)}" for one in sizes]
        rows.append([original.name, original.title, *texts])
        documents.append(
            {
                "name": original.name, "title": original.title, "after": original.after,
                "bands": len(original.bands),
                "published": {"runs": sizes[0].runs, "messages": sizes[0].messages},
                "pocket": {"runs": sizes[1].runs, "messages": sizes[1].messages},
            }
        )  # fmt: skip
    columns = [
        Column("study"), Column("what happens", flexible=True),
        Column("published: runs, messages", right=True), Column("--pocket", right=True),
    ]  # fmt: skip
    output.table(columns, rows)
    output.aside("See what one would take, or play it as small as it can be, with:")
    output.aside(f"  {session.command('reproduce', 'prison', '--dry-run')}")
    output.aside(f"  {session.command('reproduce', 'prison', '--pocket')}")
    output.result({"studies": documents})
    return 0


class Reproducing:
    """Does what a command asks for, with one original study."""

    def __init__(
        self, session: Session, services: Services, size: Size, limits: Limits | None
    ) -> None:
        self._session = session
        self._services = services
        self._size = size
        self._limits = limits

    async def foresee(self, name: str) -> int:
        """Show the grid, what it would take and the bands; nothing is stored or asked."""
        study = await self._study(name)
        original, output = study.original, self._session.output
        self._tell_head(study)
        told = await self._tell_estimates(study)
        self._tell_bands(original, study)
        output.result(
            _study_document(study)
            | {
                "parts": [
                    _part_document(part, found)
                    for part, found in zip(study.parts, told, strict=True)
                ],
                "bands": [
                    _band_document(band) for band in original.bands if _is_shown(band, study)
                ],
            }
        )
        return 0

    async def results(self, name: str) -> int:
        """Set what is stored beside the published."""
        study = await self._study(name)
        self._tell_head(study)
        await self._tell_results(study, await found_runs(self._services, study))
        return 0

    async def play(self, name: str, *, is_agreed: bool) -> int:
        """Play what is missing, and set all of it beside the published."""
        study = await self._study(name)
        services, output = self._services, self._session.output
        self._tell_head(study)
        stored = await found_runs(services, study)
        if not output.json:
            found = await self._tell_estimates(study)
            calls = sum(one.calls for one in found if one is not None)
            costs = any(one is not None and one.cost_usd != 0 for one in found)
            is_asked = output.is_live and sys.stdin.isatty() and not is_agreed
            if is_asked and (calls > MANY_CALLS or costs) and not await confirmed("Begin?"):
                output.aside("Nothing was begun.")
                return 0
        with self._session.interrupts.held():
            played = await launched(services, study, self._limits)
            player, new = await self._player(played)
        if stored:
            done = len(played) - new
            output.aside(f"{counted(done, 'run')} of {len(played)} are completed already.")
        exit_code = await player.play(announce=True) if player is not None else 0
        await self._tell_results(study, await as_stored(services, played), was_played=True)
        return exit_code

    async def _study(self, name: str) -> Study:
        study = await study_of(self._services, original_named(name), self._size)
        for sentence in study.left_out:
            self._session.output.warn(sentence)
        return study

    async def _player(self, played: Sequence[Played]) -> tuple[Player | None, int]:
        """Who plays the runs that are not completed, and how many these are."""
        services = self._services
        plans = []
        for one in played:
            if one.run.status != "completed":
                design = await services.resolved(one.run)
                plans.append(plan_of(services.kind(one.run.kind), one.run, design))
        if not plans:
            return None, 0
        player = Player(self._session, services, plans, limits=self._limits, in_brief=True)
        return player, len(plans)

    # ------------------------------------------------------------ telling

    def _tell_head(self, study: Study) -> None:
        output, original = self._session.output, study.original
        output.line(f"{original.title}: {_size_text(study)}", "bold")
        output.line(f"After {original.after}")
        if self._size.pocket:
            output.line(f"Pocket-sized, a toy: {original.pocket}")
        else:
            output.line(original.grid)

    async def _tell_estimates(self, study: Study) -> list[Estimate | None]:
        """The grid of each part and what it takes; None where it cannot be played."""
        output = self._session.output
        found: list[Estimate | None] = []
        for part in study.parts:
            output.line()
            output.line(f"{part.part.name}: {_product_text(part)}", "bold")
            for axis in part.grid.axes[1:]:
                output.line(f"  {axis.title}: {', '.join(one.label for one in axis.options)}")
            if part.missing is not None:
                output.line(f"  It cannot be played: {part.missing.message}")
                found.append(None)
                continue
            known = await estimate(self._services, part.design, part.whole_grid)
            found.append(known)
            for line in estimate_lines(known):
                output.line(f"  {line.text}")
        return found

    def _tell_bands(self, original: Original, study: Study) -> None:
        output = self._session.output
        output.line()
        output.line("What ours is held to", "bold")
        shown = [band for band in original.bands if _is_shown(band, study)]
        columns = [
            Column("what is measured", flexible=True, overflow="fold"),
            Column("published", right=True), Column("band", right=True),
            Column("of", overflow="fold"), Column("source", flexible=True, overflow="fold", goes=1),
        ]  # fmt: skip
        rows = [
            [band.claim, _number(band.published), _band_text(band), _whose(band), band.source]
            for band in shown
        ]
        output.table(columns, rows)

    async def _tell_results(
        self, study: Study, played: Sequence[Played], *, was_played: bool = False
    ) -> None:
        output = self._session.output
        found = await compared(self._services, study, played)
        output.line()
        output.line("Ours beside the published", "bold")
        models = dict.fromkeys(one.model for one in found if one.model)
        columns = [
            Column("what is measured", flexible=True, overflow="fold"),
            *([Column("model")] if len(models) > 1 else []),
            Column("ours", right=True), Column("published", right=True),
            Column("band", right=True), Column("verdict", flexible=True, overflow="fold"),
        ]  # fmt: skip
        rows = [
            [
                one.band.claim, *([one.model or "–"] if len(models) > 1 else []),
                _ours_text(one), _number(one.band.published), _band_text(one.band),
                _verdict_text(one),
            ]
            for one in found
        ]  # fmt: skip
        output.table(columns, rows)
        output.line(_tally_text(found))
        if any(map(is_toy, models)):
            output.line(
                "Pocket and scripted models are toys: what they do says that the machinery works, "
                "and nothing of the study."
            )
        elif self._size.pocket or self._size.scale < 1:
            output.line(f"These are fewer runs than were published: {_size_text(study)}.")
        completed = sum(one.run.status == "completed" for one in played)
        document = _study_document(study) | {
            "completed": completed,
            "bands": [_compared_document(one) for one in found],
        }
        if was_played and output.json:  # after lines of what happened
            output.event(type="reproduced", **document)
        else:
            output.result(document)


def _size_text(study: Study) -> str:
    if study.size.pocket:
        what = "pocket-sized"
    else:
        what = "as published" if study.size.scale == 1 else f"at a scale of {study.size.scale:g}"
    return f"{what}, {counted_large(study.runs, 'run')}, {counted_large(study.messages, 'message')}"


def _product_text(part: StudyPart) -> str:
    """How its runs come about, such as `goal 2 × personality 5 × repetitions 10 = 100 runs`."""
    factors = [f"{axis.title} {len(axis.options)}" for axis in part.grid.axes if axis.varies]
    if part.repeat > 1:
        factors.append(f"repetitions {part.repeat}")
    once = f" ({', '.join(part.part.once)} once)" if part.part.once and part.repeat > 1 else ""
    runs = f"{counted_large(len(part.places), 'run')}, {counted_large(part.messages, 'message')}"
    return f"{' × '.join(factors)}{once} = {runs}" if factors else runs


def _is_shown(band: Band, study: Study) -> bool:
    return not band.part or band.part in {part.part.name for part in study.parts}


def _whose(band: Band) -> str:
    if band.toy:
        return "any model" if band.part else "no model"
    return band.models[0] if band.models else "any but a toy"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"


def _band_text(band: Band) -> str:
    if band.low == band.high:
        return _number(band.low)
    return f"{_number(band.low)} to {_number(band.high)}"


def _ours_text(one: Compared) -> str:
    ours = one.ours
    if ours is None:
        return "–"
    if ours.low is None or ours.high is None:
        return _number(ours.value)
    return f"{_number(ours.value)} [{_number(ours.low)}, {_number(ours.high)}]"


def _verdict_text(one: Compared) -> str:
    return f"{one.verdict} {one.why}".rstrip()


def _tally_text(found: Sequence[Compared]) -> str:
    counts = {
        verdict: sum(one.verdict == verdict for one in found)
        for verdict in ("inside", "outside", "cannot be told")
    }
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return f"Of {len(found)} bands: {told}. Brackets hold 95 % intervals."


# ---------------------------------------------------------------- for programs


def _study_document(study: Study) -> dict[str, Any]:
    return {
        "study": study.original.name, "after": study.original.after, "scale": study.size.scale,
        "pocket": study.size.pocket, "runs": study.runs, "messages": study.messages,
        "left_out": list(study.left_out),
    }  # fmt: skip


def _part_document(part: StudyPart, found: Estimate | None) -> dict[str, Any]:
    return {
        "name": part.part.name,
        "runs": len(part.places),
        "messages": part.messages,
        "repeat": part.repeat,
        "models": list(part.models),
        "axes": {
            axis.name: [option.label for option in axis.options] for axis in part.grid.axes[1:]
        },
        "missing": None if part.missing is None else part.missing.message,
        "estimate": None
        if found is None
        else {
            "calls": found.calls, "scored": found.scored, "prompt_tokens": found.prompt_tokens,
            "completion_tokens": found.completion_tokens, "cost_usd": found.cost_usd,
            "time_s": found.time_s,
        },
    }  # fmt: skip


def _band_document(band: Band) -> dict[str, Any]:
    return {
        "claim": band.claim, "part": band.part, "measure": band.measure or None,
        "published": band.published, "low": band.low, "high": band.high, "source": band.source,
        "models": list(band.models), "any_model": band.toy, "people": band.people or None,
    }  # fmt: skip


def _compared_document(one: Compared) -> dict[str, Any]:
    ours: Mapping[str, Any] | None = None
    if one.ours is not None:
        ours = {
            "value": one.ours.value, "low": one.ours.low, "high": one.ours.high, "n": one.ours.n,
            "of": one.ours.of,
        }  # fmt: skip
    return _band_document(one.band) | {
        "model": one.model or None, "ours": ours, "verdict": one.verdict, "why": one.why or None,
    }  # fmt: skip
