"""Chains of texts gathered for analysis: of a store, and of files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from simulator.analysis.culture.records import Chain
from simulator.archive import Archive
from simulator.domain.journal import Step
from simulator.domain.records import Run
from simulator.errors import DesignInvalidError
from simulator.files.chain_files import ChainFile, is_chain_file, read_chain_file
from simulator.files.designs import read_document
from simulator.files.originals.chatrooms import is_chatroom, read_chatroom
from simulator.kinds.chatroom import results as chatroom
from simulator.kinds.registry import KINDS
from simulator.kinds.telephone import results as telephone

_ChainsOf = Callable[[Run, Any, Iterable[Step]], tuple[Chain, ...]]

PASSED_ON: Mapping[str, _ChainsOf] = {
    "telephone": telephone.chains_of, "chatroom": chatroom.chains_of,
}  # fmt: skip
"""The kinds that pass texts on, with what gives the chains of their runs."""
_ENDINGS = (".json", ".jsonl", ".xz")


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
        return bool(files_of_chains(path))
    return is_chain_file(path) or _is_original(path)


def files_of_chains(folder: Path) -> list[Path]:
    """The files of chains in a folder and below it, in order."""
    return [
        path
        for path in sorted(folder.rglob("*.json*"))
        if path.is_file() and (is_chain_file(path) or _is_original(path))
    ]


def read_chains(path: Path) -> ChainFile:
    """Read one file of chains, whoever wrote it.

    Raises:
        SimulatorError: It cannot be read; as `read_chain_file`.
    """
    if is_chain_file(path):
        return read_chain_file(path)
    if not is_chatroom(path):
        raise DesignInvalidError(
            f"{path} is no file of chains.",
            remedy="Name chains_MODEL.jsonl, or a file of the original programs.",
        )
    experiment, run, steps = read_chatroom(path)
    design: Any = read_document(KINDS[run.kind], experiment.design, experiment.name, "")
    chains = chatroom.chains_of(run, design, steps)
    named = tuple(replace(chain, source=path.name) for chain in chains)
    return ChainFile(named, 0, () if named else (f"{path.name}: nobody spoke; it is left out.",))


def _is_original(path: Path) -> bool:
    """Whether it is a file of an original program that passes texts on."""
    return path.suffix.lower() == ".json" and is_chatroom(path)
