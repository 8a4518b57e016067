from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from simulator.backends.hf.loading import Loaded, load
from simulator.backends.hf.options import HfOptions
from simulator.backends.pocket.model import PocketModel
from simulator.domain.prompts import ChatMessage
from tests.backends.hf.conftest import FAMILIES, POCKET, logits_of

WITHOUT_ROWS = ("bloom", "mamba")


def loaded(folder: Path, **options: object) -> Loaded:
    return load(str(folder), HfOptions.model_validate(options), {})


def test_pocket_has_the_same_logits_as_in_numpy() -> None:
    theirs, ours = loaded(POCKET), PocketModel()
    messages = (
        ChatMessage("system", "You are a guard in a prison."),
        ChatMessage("user", "Prisoner_2: May I have 12 + 30 blankets? <|end|>"),
    )
    tokens = theirs.speech.prompt_tokens(messages)
    assert tokens == ours.chat.prompt_tokens(messages)
    got = theirs.network.read_anew(torch.tensor([tokens]))[0, -1].numpy()
    assert abs(got - ours.read(tokens).start_logits).max() < 1e-3


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_beside_each_other_give_what_the_model_gives_alone(
    family: str, tiny: Callable[[str], Path]
) -> None:
    network = loaded(tiny(family)).network
    assert network.has_rows == (family not in WITHOUT_ROWS)
    long, short = list(range(5, 45)), list(range(300, 317))
    wanted = [logits_of(network.model, long)[-1], logits_of(network.model, short)[-1]]
    if not network.has_rows:
        got = [network.read_anew(torch.tensor([one]))[0, -1] for one in (long, short)]
    else:
        network.rows.resize(16, 64)
        # In two pieces, the short one all padding in the first.
        inputs = [long[:16], [0] * 16]
        places = [list(range(16)), [-1] * 16]
        network.run(0, 2, torch.tensor(inputs), torch.tensor(places))
        inputs = [[0] * 9 + long[16:39], [0] * 16 + short[:16]]
        places = [[-1] * 9 + list(range(16, 39)), [-1] * 16 + list(range(16))]
        network.run(0, 2, torch.tensor(inputs), torch.tensor(places))
        last = torch.tensor([[long[-1]], [short[-1]], *[[0]] * 14])
        at = torch.tensor([[39], [16], *[[-1]] * 14])
        logits = network.run(0, 2, last, at)
        got = [logits[0, -1], logits[1, -1]]
    for one, other in zip(wanted, got, strict=True):
        assert float((one - other).abs().max()) < 1e-3


def test_the_bits_of_a_row_do_not_depend_on_how_many_there_are() -> None:
    network = loaded(POCKET).network
    network.rows.resize(64, 128)
    tokens = torch.randint(6, 2048, (64, 32), generator=torch.Generator().manual_seed(0))
    places = torch.arange(32)[None].repeat(64, 1)

    def logits(rows: int, width: int) -> torch.Tensor:
        parts = [slice(start, start + width) for start in range(0, 32, width)]
        got = [network.run(0, rows, tokens[:rows, p], places[:rows, p]) for p in parts]
        return got[-1][:, -1]

    whole = logits(64, 32)
    for rows, width in ((1, 32), (1, 16), (3, 16), (17, 32), (64, 16)):
        assert torch.equal(logits(rows, width), whole[:rows])


def test_the_table_holds_inputs_as_the_model_scales_them(tiny: Callable[[str], Path]) -> None:
    for family in ("llama", "gemma3_text"):
        network = loaded(tiny(family)).network
        tokens = torch.tensor([[7, 2000]])
        assert torch.equal(network.table[tokens], network.embed(tokens))
