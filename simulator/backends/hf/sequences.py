"""Sequences in the cache, and the tables of their inputs that a forward pass takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch

from simulator.backends.hf.attention import QUERIES, Split
from simulator.backends.hf.jobs import Job, LatentJob
from simulator.backends.hf.network import Network

Tensor = Any

SHORTEST = 128
"""Places; looking at fewer together saves nothing."""


class Row:
    """A sequence in the cache."""

    __slots__ = ("common", "job", "length", "next_input")

    def __init__(self, job: Job) -> None:
        self.job = job
        alike = job.begins_alike // QUERIES * QUERIES
        self.common = job.inputs.keys[: alike if alike >= SHORTEST else 0]
        """Inputs at which it looks together with the rows that begin with them too."""
        self.length = 0
        """Places that are written."""
        self.next_input: int | Tensor = 0
        """A token, or a vector (width,)."""


def splits_of(rows: Sequence[Row]) -> tuple[Split, ...]:
    """How rows look at what they have in common; none where all look at all in one."""
    places: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        places.setdefault(len(row.common), []).append(number)
    if set(places) == {0}:
        return ()
    splits = []
    for place, numbers in places.items():
        groups: dict[tuple[int, ...], list[int]] = {}
        for at, number in enumerate(numbers):
            groups.setdefault(rows[number].common, []).append(at)
        splits.append(Split(place, tuple(numbers), tuple(map(tuple, groups.values()))))
    return tuple(splits)


def prompt_table(
    network: Network, rows: Sequence[Row], spans: Sequence[tuple[int, int]], width: int
) -> tuple[Tensor, Tensor]:
    """Inputs of prompts, right-aligned, and their positions, -1 for padding.

    Args:
        network: Embeds them where vectors are among them.
        rows: Whose prompts.
        spans: The first and the last but one place of each.
        width: Columns of the tables.

    Returns:
        Tokens (rows, width), or vectors (rows, width, hidden); positions (rows, width).
    """
    tokens, positions = [], []
    for row, (start, stop) in zip(rows, spans, strict=True):
        keys = row.job.inputs.keys[start:stop]
        padding = width - len(keys)
        tokens.append([0] * padding + [max(key, 0) for key in keys])
        positions.append([-1] * padding + list(range(start, stop)))
    inputs = torch.tensor(tokens, device=network.device)
    vectors = [
        (number, width - stop + place, vector)
        for number, (row, (start, stop)) in enumerate(zip(rows, spans, strict=True))
        for place, vector in row.job.inputs.vectors.items()
        if start <= place < stop
    ]
    if vectors:
        with torch.inference_mode():
            inputs = network.embed(inputs)
            for number, column, vector in vectors:
                inputs[number, column] = vector.to(inputs)
    return inputs, torch.tensor(positions, device=network.device)


def step_table(network: Network, rows: Sequence[Row], count: int) -> tuple[Tensor, Tensor]:
    """The next input of each row, and its position; padded to `count` rows.

    Returns:
        Tokens (count, 1), or vectors (count, 1, hidden); positions (count, 1).
    """
    spare = count - len(rows)
    tokens = [row.next_input if isinstance(row.next_input, int) else 0 for row in rows]
    inputs = torch.tensor([*tokens, *[0] * spare], device=network.device)[:, None]
    soft = [n for n, row in enumerate(rows) if not isinstance(row.next_input, int)]
    if soft:
        with torch.inference_mode():
            inputs = network.embed(inputs)
            vectors: Tensor = torch.stack([rows[n].next_input for n in soft])
            inputs[soft, 0] = vectors.to(inputs)
    positions = [*(row.length for row in rows), *[-1] * spare]
    return inputs, torch.tensor(positions, device=network.device)[:, None]


def rereading(network: Network, row: Row) -> Iterator[Tensor]:
    """Logits (1, inputs looked at, vocabulary) of a sequence that is read from its start each time.

    After each, the row's next input is added to it.
    """
    job = row.job
    inputs, _ = prompt_table(network, [row], [(0, len(job.inputs))], len(job.inputs))
    if isinstance(job, LatentJob) and inputs.dim() == 2:
        inputs = network.embed(inputs)
    yield network.read_anew(inputs, keep=job.looks_back)
    while True:
        new = row.next_input
        if not isinstance(new, int):
            added = new[None, None].to(inputs)
        else:
            added = torch.tensor([[new]], device=network.device)
            added = network.embed(added) if inputs.dim() == 3 else added
        inputs = torch.cat([inputs, added], dim=1)
        yield network.read_anew(inputs)
