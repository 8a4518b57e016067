from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from simulator.backends.hf.attention import Split
from simulator.backends.hf.jobs import Inputs, LatentJob
from simulator.backends.hf.loading import load
from simulator.backends.hf.network import Network
from simulator.backends.hf.options import HfOptions
from simulator.backends.hf.sequences import Row, splits_of
from simulator.backends.hf.speech import Speech
from simulator.domain.latent import LatentSampling
from tests.backends.hf.conftest import POCKET

WIDE = 64
"""Places that rows have in common."""


def read(network: Network, rows: int, groups: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows of several lengths are read, each group with its own beginning; the next input."""
    random = torch.Generator().manual_seed(5)
    network.rows.resize(64, 128)
    vocabulary = network.table.shape[0]
    tokens = torch.randint(6, vocabulary, (rows, 100), generator=random)
    for row in range(rows):
        tokens[row, :WIDE] = tokens[row % groups, :WIDE]
    lengths = [WIDE + 1 + (7 * row) % 30 for row in range(rows)]
    for row, length in enumerate(lengths):
        places = torch.arange(length)[None]
        network.run(row, row + 1, tokens[row : row + 1, :length], places)
    padding = max(0, 16 - rows)
    inputs = torch.cat([tokens[:, -1:], torch.zeros((padding, 1), dtype=torch.long)])
    return inputs, torch.tensor([*lengths, *[-1] * padding])[:, None]


def split(rows: int, groups: int) -> Split:
    every = tuple(tuple(range(group, rows, groups)) for group in range(min(groups, rows)))
    return Split(WIDE, tuple(range(rows)), every)


@pytest.mark.parametrize("family", ["llama", "gpt2", "pocket"])
@pytest.mark.parametrize(("rows", "groups"), [(1, 1), (5, 2), (33, 1), (40, 3)])
def test_looking_together_is_looking(
    family: str, rows: int, groups: int, tiny: Callable[[str], Path]
) -> None:
    folder = POCKET if family == "pocket" else tiny(family)
    network = load(str(folder), HfOptions(), {}).network
    assert network.can_split
    inputs, places = read(network, rows, groups)
    whole = network.run(0, rows, inputs, places)
    parts = network.run(0, rows, inputs, places, splits=(split(rows, groups),))
    assert float((whole - parts).abs().max()) < 1e-4
    assert not torch.equal(whole, parts)


def test_the_bits_of_a_row_do_not_depend_on_who_looks_along() -> None:
    network = load(str(POCKET), HfOptions(), {}).network
    inputs, places = read(network, 40, 1)
    wanted = network.run(0, 40, inputs, places, splits=(split(40, 1),))
    for rows in (1, 2, 15, 16, 17, 31, 33):
        fill = max(rows, 16)
        got = network.run(0, rows, inputs[:fill], places[:fill], splits=(split(rows, 1),))
        assert torch.equal(got, wanted[:rows])
    halves = (
        Split(0, tuple(range(0, 40, 2)), ()),
        Split(WIDE, tuple(range(1, 40, 2)), (tuple(range(20)),)),
    )
    mixed = network.run(0, 40, inputs, places, splits=halves)
    assert torch.equal(mixed[1::2], wanted[1::2])
    assert torch.equal(mixed[::2], network.run(0, 40, inputs, places)[::2])


def test_rows_are_grouped_by_what_they_begin_with(speech: Speech) -> None:
    def row(start: int, alike: int) -> Row:
        return Row(
            LatentJob(
                Inputs(tuple(range(start, start + 300))), lambda item: None, speech=speech,
                sampling=LatentSampling(temperature=1.0), limit=5, instructions=alike,
            )
        )  # fmt: skip

    assert splits_of([row(0, 100), row(0, 0)]) == ()
    assert splits_of([row(0, 200), row(7, 200), row(0, 70), row(0, 205), row(0, 265)]) == (
        Split(192, (0, 1, 3), ((0, 2), (1,))),
        Split(0, (2,), ((0,),)),
        Split(256, (4,), ((0,),)),
    )


def test_layers_with_a_window_look_at_all_in_one(tiny: Callable[[str], Path]) -> None:
    assert not load(str(tiny("mistral")), HfOptions(), {}).network.can_split
