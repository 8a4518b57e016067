"""Chains of texts gathered for analysis: of a store, and of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from simulator.analysis.culture.records import Chain
from simulator.archive import Archive
from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.errors import DesignInvalidError, NotFoundError, SimulatorError, UsageError
from simulator.files.chain_files import NAMED, ChainFile, is_chain_file, read_chain_file
from simulator.files.designs import read_document
from simulator.files.originals.assembling import Loss
from simulator.files.originals.chatrooms import is_chatroom, read_chatroom
from simulator.files.originals.telephone_places import TelephonePlace, file_of_place
from simulator.files.originals.telephone_runs import STOPPED, gathered_runs
from simulator.files.originals.telephones import SHAPE, is_telephone, write_game
from simulator.kinds.chatroom import results as chatroom
from simulator.kinds.registry import KINDS
from simulator.kinds.telephone import results as telephone
from simulator.kinds.telephone.design import TelephoneDesign

_ChainsOf = Callable[[Run, Any, Iterable[Step]], tuple[Chain, ...]]

PASSED_ON: Mapping[str, _ChainsOf] = {
    "telephone": telephone.chains_of, "chatroom": chatroom.chains_of,
}  # fmt: skip
"""The kinds that pass texts on, with what gives the chains of their runs."""
_ENDINGS = (".json", ".jsonl", ".xz")
_FOLDERS = 5
"""Of a path, those that tell games of the original telephone apart."""
MOST_IN_MATRIX = 4000
"""Generations of a chain that is written with a matrix."""


async def chains_of_runs(archive: Archive, runs: Iterable[Run]) -> tuple[Chain, ...]:
    """The chains of runs, as far as they were played.

    A run of a kind that passes no texts on is one chain of its messages, the first one being
    generation 0, so that cycles can be sought in any transcript; none where models did not reply
    twice.

    Args:
        archive: Has the runs.
        runs: Of any kind.

    Raises:
        DesignChangedError: The stored design is not the one that a run began with.
    """
    found: list[Chain] = []
    for run in runs:
        steps = await archive.store.steps(run.id)
        if run.kind in PASSED_ON:
            found += PASSED_ON[run.kind](run, await archive.resolved(run), steps)
        else:
            found += _of_messages(run, steps)
    return tuple(found)


def _of_messages(run: Run, steps: Iterable[Step]) -> tuple[Chain, ...]:
    said = sorted((step for step in steps if step.in_transcript), key=lambda step: step.position)
    replies = [step.call.model for step in said if step.call is not None]
    if len(replies) < 2:
        return ()
    models = dict.fromkeys(replies)
    texts = tuple(step.content for step in said)
    return (Chain("+".join(models), run.kind, run.id, 1, texts, source=run.id),)


# ---------------------------------------------------------------- files


def path_named(target: str) -> Path | None:
    """The file or folder that a target names; None where it names a run or an experiment.

    A file is told by its ending, whether or not it is there; anything else must be a folder.
    """
    path = Path(target).expanduser()
    return path if path.suffix.lower() in _ENDINGS or path.is_dir() else None


def holds_chains(path: Path) -> bool:
    """Whether a file, or any file in a folder, is one of chains and not of debates.

    Raises:
        OSError: The folder cannot be read.
    """
    if path.is_dir():
        return any(map(_holds_chains, _candidates(path)))
    return _holds_chains(path)


def files_of_chains(folder: Path) -> list[Path]:
    """The files of chains in a folder and below it, in order."""
    return [path for path in _candidates(folder) if _holds_chains(path)]


def read_chains(path: Path) -> ChainFile:
    """Read one file of chains, whoever wrote it.

    Raises:
        SimulatorError: It cannot be read; as `read_chain_file`.
    """
    if is_chain_file(path):
        return read_chain_file(path)
    if is_telephone(path):
        return _read_game(path)
    if is_chatroom(path):
        return _read_talk(path)
    raise DesignInvalidError(
        f"{path} is no file of chains.",
        remedy="Name chains_MODEL.jsonl, or a file of the original programs.",
    )


def read_folder(folder: Path, leave_out: Callable[[SimulatorError], None]) -> ChainFile:
    """Read all chains in a folder and below it.

    Games of the original telephone are read together, so that seeds of one text which begin with
    different words are found out.

    Args:
        folder: With files of any programs.
        leave_out: Hears of each file that cannot be read and is not counted in what is returned.

    Raises:
        NotFoundError: There is no chain.
    """
    files = files_of_chains(folder)
    games = {path: None for path in files if not is_chain_file(path) and is_telephone(path)}
    read = [_read_games(list(games))] if games else []
    for path in files:
        if path not in games:
            try:
                read.append(read_chains(path))
            except SimulatorError as error:
                leave_out(error)
    chains = tuple(chain for one in read for chain in one.chains)
    remarks = tuple(remark for one in read for remark in one.remarks)
    if not chains:
        raise NotFoundError(
            " ".join((f"{folder} holds no chains that can be read.", *remarks)),
            remedy="Name a folder with chains_MODEL.jsonl, or results of the original programs.",
        )
    return ChainFile(chains, sum(one.left_out for one in read), remarks)


def _candidates(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.json*")) if path.is_file()]


def _holds_chains(path: Path) -> bool:
    return is_chain_file(path) or is_telephone(path) or _is_talk(path)


def _is_talk(path: Path) -> bool:
    return path.suffix.lower() == ".json" and is_chatroom(path)


def _read_talk(path: Path) -> ChainFile:
    experiment, run, steps = read_chatroom(path)
    design: Any = read_document(KINDS[run.kind], experiment.design, experiment.name, "")
    chains = chatroom.chains_of(run, design, steps)
    named = tuple(replace(chain, source=path.name) for chain in chains)
    return ChainFile(named, 0, () if named else (f"{path.name}: nobody spoke; it is left out.",))


def _read_game(path: Path) -> ChainFile:
    found = _read_games([path])
    if not found.chains:
        raise DesignInvalidError(" ".join(found.remarks), remedy=SHAPE)
    return found


def _read_games(paths: Sequence[Path]) -> ChainFile:
    chains: list[Chain] = []
    losses: list[Loss] = []
    for record in gathered_runs(paths):
        if isinstance(record, Loss):
            if record.reason != STOPPED:  # which the chains themselves tell
                losses.append(record)
            continue
        for chain in telephone.chains_of(record.run, record.design, record.steps):
            file = record.files[chain.text, chain.seed]
            chains.append(replace(chain, source="/".join(file.parts[-_FOLDERS:])))
    told = [f"{loss.source}: {loss.id}: {loss.reason}." for loss in losses[:NAMED]]
    if len(losses) > NAMED:
        told.append(f"Of {len(losses) - NAMED} more files something is left out.")
    return ChainFile(tuple(chains), sum(loss.whole for loss in losses), tuple(told))


# ---------------------------------------------------------------- the original's files


@dataclass(frozen=True, slots=True)
class OriginalGames:
    """A run as files of the original telephone."""

    files: Iterator[tuple[PurePosixPath, str]]
    """Paths below its folder of results, each with what stands there; written when wanted."""
    not_begun: int
    """Chains in which nobody spoke yet, which have no file."""


async def chains_as_original(archive: Archive, run: Run) -> OriginalGames:
    """A run as the original telephone writes it.

    Chains that stopped half way have what was said.

    Args:
        archive: Has the run.
        run: A game of telephone.

    Raises:
        UsageError: The run is of another kind, nobody spoke, or it is too long for matrices.
    """
    if run.kind != "telephone":
        raise UsageError(
            f"Run {run.id} is no game of telephone but of the kind {run.kind}.",
            remedy="Name a run of a game; `ls --runs` lists runs.",
        )
    design: TelephoneDesign = await archive.resolved(run)
    if design.generations > MOST_IN_MATRIX:
        raise UsageError(
            f"The original keeps a matrix with a row for each of {design.generations:,} "
            f"generations; at most {MOST_IN_MATRIX:,} are written.",
            remedy="Export it as jsonl or csv.",
        )
    chains = telephone.chains_of(run, design, await archive.store.steps(run.id))
    games: dict[tuple[str, int], list[Chain]] = {}
    for chain in chains:
        games.setdefault((chain.text, chain.seed), []).append(chain)
    begun = [own for own in games.values() if any(chain.generations for chain in own)]
    if not begun:
        raise UsageError(
            f"Nobody spoke in run {run.id} yet.", remedy="Go on with it: `resume` takes its id."
        )
    return OriginalGames(_written(run, design, begun), design.chain_count - len(begun))


def _written(
    run: Run, design: TelephoneDesign, games: Iterable[Sequence[Chain]]
) -> Iterator[tuple[PurePosixPath, str]]:
    for own in games:
        place = TelephonePlace(
            design.all_models, design.sampling.temperature, design.task_name, own[0].text,
            own[0].seed, 0,
        )  # fmt: skip
        yield file_of_place(place), write_game(run, design, own)
