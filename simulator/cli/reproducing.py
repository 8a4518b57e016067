"""Lists, foresees, plays and tells of reproductions on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from simulator.cli.batch_playing import BatchPlayer
from simulator.cli.confirming import confirmed
from simulator.cli.output import Column
from simulator.cli.reproduction_tables import (
    band_document,
    compared_document,
    show_bands,
    show_compared,
)
from simulator.cli.session import Session
from simulator.domain.executions import Caps
from simulator.domain.journal import Usage
from simulator.domain.records import RunQuery
from simulator.estimating import estimate
from simulator.presentation.estimates import counted_large, estimate_lines, large
from simulator.reproducing.originals import original_named, originals
from simulator.reproducing.studies import (
    Size,
    found_runs,
    launched,
    study_of,
)
from simulator.reproducing.verdicts import compared, is_toy

if TYPE_CHECKING:
    from simulator.domain.batches import Batch
    from simulator.domain.estimates import Estimate
    from simulator.engine.limits import Limits
    from simulator.reproducing.originals import Band, Original
    from simulator.reproducing.studies import Played, Study, StudyPart
    from simulator.services import Services

MANY_CALLS = 1000
"""Above so many it is asked whether to begin."""
_LEAST_USD = 1e-6
"""Of a limit of which others have used all: nothing may begin under it."""


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
                "parts": [_part_document(part) for part in study.parts],
                "estimates": [_estimate_document(one) for one in told],
                "bands": [band_document(band) for band in original.bands if _is_shown(band, study)],
            }
        )
        return 0

    async def results(self, name: str) -> int:
        """Set what is stored beside the published."""
        study = await self._study(name)
        self._tell_head(study)
        await self._tell_results(study, await found_runs(self._services, study))
        return 0

    async def play(self, name: str, *, is_agreed: bool, is_queued: bool) -> int:
        """Play what is missing, or only queue it, and set all of it beside the published."""
        study = await self._study(name)
        services, output = self._services, self._session.output
        self._tell_head(study)
        stored = await found_runs(services, study)
        done = sum(one.run.status == "completed" for one in stored)
        if done:
            output.aside(f"{done:,} of {counted_large(study.runs, 'run')} are completed already.")
        if not output.json and done < study.runs:
            found = await self._tell_estimates(study)
            calls = sum(one.calls for one in found)
            costs = any(one.cost_usd != 0 for one in found)
            is_asked = output.is_live and sys.stdin.isatty() and not (is_agreed or is_queued)
            if is_asked and (calls > MANY_CALLS or costs) and not await confirmed("Begin?"):
                output.aside("Nothing was begun.")
                return 0
        caps = Caps(self._limits.tokens, self._limits.cost_usd) if self._limits else Caps()
        with self._session.interrupts.held():
            batches = await launched(services, study, caps)
        exit_code = 0
        for batch in batches if not is_queued else ():
            await services.store.update_batch(batch.id, order="go")
            left = await self._left(caps, batch, batches)
            player = BatchPlayer(self._session, services, batch, left, retry=True)
            exit_code = await player.play() or exit_code
        if is_queued and batches:
            output.aside("Play them, here or elsewhere on the same store, with:")
            for batch in batches:
                output.aside(f"  {self._session.command('launch', '--join', batch.id)}")
        await self._tell_results(
            study, await found_runs(services, study), [batch.id for batch in batches],
            was_played=not is_queued,
        )  # fmt: skip
        return exit_code

    async def _left(self, caps: Caps, batch: Batch, batches: Sequence[Batch]) -> Caps:
        """What a batch may use of limits that are for all of them together.

        A batch counts what its own runs have used, so what the others have is taken off.
        """
        used = [await self._used(one) for one in batches if one.id != batch.id]
        tokens, cost_usd = caps.tokens, caps.cost_usd
        if tokens is not None:
            tokens = max(1, tokens - sum(map(_tokens, used)))
        if cost_usd is not None:
            cost_usd = max(_LEAST_USD, cost_usd - sum(one.cost_usd for one in used))
        return replace(caps, tokens=tokens, cost_usd=cost_usd)

    async def _used(self, batch: Batch) -> Usage:
        runs = await self._services.store.runs(RunQuery(batch_id=batch.id))
        return Usage.total(run.usage for run in runs)

    async def _study(self, name: str) -> Study:
        study = await study_of(self._services, original_named(name), self._size)
        for sentence in study.left_out:
            self._session.output.warn(sentence)
        return study

    # ------------------------------------------------------------ telling

    def _tell_head(self, study: Study) -> None:
        output, original = self._session.output, study.original
        output.line(f"{original.title}: {_size_text(study)}", "bold")
        output.line(f"After {original.after}")
        if self._size.pocket:
            output.line(f"Pocket-sized, a toy: {original.pocket}")
        else:
            output.line(original.grid)

    async def _tell_estimates(self, study: Study) -> list[Estimate]:
        """The grid of each part and what it takes, as far as it can be played."""
        output = self._session.output
        found: list[Estimate] = []
        for part in study.parts:
            output.line()
            output.line(f"{part.part.name}: {_product_text(part)}", "bold")
            for name, labels in part.axes.items():
                output.line(f"  {_title(name)}: {', '.join(labels)}")
            if part.missing is not None:
                output.line(f"  It cannot be played: {part.missing.message}")
                output.line(f"  {part.missing.remedy or ''}")
            for plan in part.plans if part.missing is None else ():
                known = await estimate(self._services, part.design, plan, plan.repeat)
                found.append(known)
                for line in estimate_lines(known):
                    output.line(f"  {line.text}")
        return found

    def _tell_bands(self, original: Original, study: Study) -> None:
        output = self._session.output
        output.line()
        output.line("What ours is held to", "bold")
        show_bands(output, [band for band in original.bands if _is_shown(band, study)])

    async def _tell_results(
        self,
        study: Study,
        played: Sequence[Played],
        batches: Sequence[str] = (),
        *,
        was_played: bool = False,
    ) -> None:
        output = self._session.output
        found = await compared(self._services, study, played)
        output.line()
        output.line("Ours beside the published", "bold")
        models = {one.model for one in found if one.model}
        show_compared(output, found)
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
            "batches": list(batches),
            "bands": [compared_document(one) for one in found],
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
    factors = [f"{_title(name)} {len(own)}" for name, own in part.axes.items() if len(own) > 1]
    repeat = max((plan.repeat for plan in part.plans), default=1)
    if repeat > 1:
        once = f" ({', '.join(part.part.once)} once)" if part.part.once else ""
        factors.append(f"repetitions {repeat}{once}")
    runs = f"{counted_large(part.runs, 'run')}, {counted_large(part.messages, 'message')}"
    return f"{' × '.join(factors)} = {runs}" if factors else runs


def _title(axis: str) -> str:
    return axis.rpartition(".")[2].replace("_", " ")


def _tokens(used: Usage) -> int:
    return used.prompt_tokens + used.completion_tokens


def _is_shown(band: Band, study: Study) -> bool:
    return not band.part or band.part in {part.part.name for part in study.parts}


# ---------------------------------------------------------------- for programs


def _study_document(study: Study) -> dict[str, Any]:
    return {
        "study": study.original.name, "after": study.original.after, "scale": study.size.scale,
        "pocket": study.size.pocket, "runs": study.runs, "messages": study.messages,
        "left_out": list(study.left_out),
    }  # fmt: skip


def _part_document(part: StudyPart) -> dict[str, Any]:
    return {
        "name": part.part.name, "runs": part.runs, "messages": part.messages,
        "models": list(part.models),
        "axes": {name: list(labels) for name, labels in part.axes.items()},
        "missing": None if part.missing is None else part.missing.message,
    }  # fmt: skip


def _estimate_document(found: Estimate) -> dict[str, Any]:
    return {
        "runs": found.runs, "calls": found.calls, "scored": found.scored,
        "prompt_tokens": found.prompt_tokens, "completion_tokens": found.completion_tokens,
        "cost_usd": found.cost_usd, "time_s": found.time_s,
    }  # fmt: skip
