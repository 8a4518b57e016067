"""Gathers chains of texts that are named on the command line; shows and writes what they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.analysis.culture.records import Chain
from simulator.chains import chains_of_runs, holds_chains, path_named, read_chains, read_folder
from simulator.domain.records import Run, RunQuery
from simulator.errors import SimulatorError, UsageError

if TYPE_CHECKING:
    from simulator.cli.chain_options import ChainOptions
    from simulator.cli.session import Session
    from simulator.services import Services


async def are_chains(session: Session, services: Services, target: str) -> bool:
    """Whether a target is to be read as chains of texts, and not as debates."""
    path = await asyncio.to_thread(path_named, target)
    if path is not None:
        return await asyncio.to_thread(holds_chains, path)
    from simulator.cli.finding import find_either

    return (await find_either(session, services, target)).kind != "debate"


class ChainGathering:
    """The chains of all targets, in order."""

    def __init__(self, session: Session, services: Services) -> None:
        self.chains: list[Chain] = []
        self.remarks: list[str] = []
        """Sentences on what was left out."""
        self.left_out = 0
        """Rows and files that could not be read."""
        self._session, self._services = session, services

    async def add(self, target: str) -> None:
        """Take a file, a folder of files, a run, or an experiment with its runs.

        Raises:
            NotFoundError: There is no such thing, or no chain in the folder.
            UsageError: It has no chain.
            DesignInvalidError: The file has no chain.
        """
        path = await asyncio.to_thread(path_named, target)
        if path is None:
            await self._add_stored(target)
        else:
            await asyncio.to_thread(self._add_files, path)

    def kept(self, options: ChainOptions) -> tuple[Chain, ...]:
        """The chains of the models, tasks and texts that were asked for.

        Raises:
            UsageError: There is none.
        """
        chains = self.chains
        for names, field in (
            (options.of_models, "model"), (options.tasks, "task"), (options.texts, "text")
        ):  # fmt: skip
            there = dict.fromkeys(str(getattr(chain, field)) for chain in chains)
            for name in names:
                if name not in there:
                    raise UsageError(
                        f"No chain has the {field} {name!r}.",
                        remedy=f"There are {', '.join(list(there)[:20])}.",
                    )
            if names:
                chains = [chain for chain in chains if getattr(chain, field) in names]
        if options.lengths:
            there = dict.fromkeys(str(one) for one in sorted({chain.length for chain in chains}))
            for length in map(str, options.lengths):
                if length not in there:
                    raise UsageError(
                        f"No chain was to be {length} generations long.",
                        remedy=f"There are chains of {', '.join(list(there)[:20])}.",
                    )
            chains = [chain for chain in chains if chain.length in options.lengths]
        return tuple(chains)

    def _add_files(self, path: Path) -> None:
        found = read_folder(path, self._leave_out) if path.is_dir() else read_chains(path)
        self.chains += found.chains
        self.left_out += found.left_out
        self.remarks += found.remarks

    def _leave_out(self, error: SimulatorError) -> None:
        self.left_out += 1
        self._session.output.warn(" ".join(filter(None, (error.message, error.remedy))))

    async def _add_stored(self, target: str) -> None:
        from simulator.cli.finding import find_either

        found = await find_either(self._session, self._services, target)
        if isinstance(found, Run):
            runs = [found]
        else:
            query = RunQuery(experiment_id=found.id, order="oldest")
            runs = await self._services.store.runs(query)
        debates = [run for run in runs if run.kind == "debate"]
        if debates:
            raise UsageError(
                f"Run {debates[0].id} is a debate, and the others are chains of texts.",
                remedy="Analyse debates on their own.",
            )
        chains = await chains_of_runs(self._services, runs)
        if not chains:
            raise UsageError(
                f"{target} is no debate, and no chain of texts yet: models have not replied twice.",
                remedy="Go on with it: `resume` takes its id.",
            )
        self.chains += chains


async def show_chains(
    session: Session,
    services: Services,
    targets: Sequence[str],
    options: ChainOptions,
    *,
    classic: bool,
    level: float,
    out: Path | None,
    figures: Sequence[Any],
    force: bool,
) -> int:
    """Gather, measure and analyse chains; show and write what they came to."""
    from simulator.cli.chain_analysis import ChainAnalysis
    from simulator.cli.debates import show

    output = session.output
    shown = options.shown()
    if out is not None:
        from simulator.files.saving import check_folder

        # The one file that is always among them; measuring takes minutes.
        check_folder(out, ("analysis.json",), force=force)
    gathered = ChainGathering(session, services)
    for target in targets:
        await gathered.add(target)
    chains = gathered.kept(options)
    analysis = ChainAnalysis(session, chains, options, classic=classic, level=level)
    await analysis.measure(
        shown, all_of_it=out is not None and options.sections is None,
        figures=bool(figures),
    )  # fmt: skip
    files = analysis.write(out, figures, force=force) if out is not None else []
    document = analysis.document() | {
        "left_out": gathered.left_out, "remarks": [*gathered.remarks, *analysis.remarks],
        "files": [str(path) for path in files],
    }  # fmt: skip
    output.result(document)
    for remark in (*gathered.remarks, *analysis.remarks):
        output.aside(remark)
    show(output, analysis.tables(shown))
    for path in files:
        output.line(f"Wrote {path}.")
    return 0
