from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from simulator.backends.hf.backend import HfBackend
from simulator.backends.hf.options import parse_name
from simulator.domain.models import Completion, GenerateRequest
from simulator.domain.prompts import ChatMessage, Prompt
from simulator.domain.sampling import Sampling

if TYPE_CHECKING:
    from simulator.backends.hf.speech import Speech

POCKET = Path(__file__).parents[3] / "simulator" / "backends" / "pocket" / "weights"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # PyTorch takes seconds to import, so one process of the tests does it.
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("torch"))


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    import torch

    torch.set_num_threads(1)


@asynccontextmanager
async def opened(options: str = "", folder: Path = POCKET) -> AsyncIterator[HfBackend]:
    """The backend of a folder while the block runs."""
    name = f"{folder}?{options}" if options else str(folder)
    backend = HfBackend(name, *parse_name(name), {})
    try:
        yield backend
    finally:
        await backend.close()


@pytest.fixture
async def pocket() -> AsyncIterator[HfBackend]:
    async with opened() as backend:
        yield backend


@pytest.fixture(scope="session")
def speech() -> Speech:
    from transformers import AutoTokenizer

    from simulator.backends.hf.speech import Speech

    return Speech(AutoTokenizer.from_pretrained(POCKET), {2}, has_template=True)


def asked(words: str = "Let me out, please.", *, system: str = "You are a guard.") -> Prompt:
    return Prompt.of(ChatMessage("system", system), ChatMessage("user", words))


async def reply(
    backend: HfBackend, prompt: Prompt, seed: int = 1, top_logprobs: int = 0, **sampling: Any
) -> Completion:
    """The completion of a request, its pieces seen to be the text."""
    request = GenerateRequest(
        prompt, Sampling(**({"max_tokens": 24} | sampling)), seed, top_logprobs=top_logprobs
    )
    pieces = ""
    async for chunk in backend.generate(request):
        pieces += chunk.text
        if chunk.completion is not None:
            assert chunk.completion.text == pieces
            return chunk.completion
    raise AssertionError("no completion")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Folders of random models of several families, with pocket's tokenizer."""
    return lambda family: made(family, tmp_path_factory.getbasetemp() / f"tiny-{family}")


def made(family: str, folder: Path, settings: dict[str, Any] | None = None) -> Path:
    """A folder with a random model of a family, with the usual settings unless others are given."""
    import shutil

    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    if not folder.exists():
        torch.manual_seed(3)
        config = AutoConfig.for_model(family, **(settings or FAMILIES[family]))
        model = AutoModelForCausalLM.from_config(config)
        model.save_pretrained(folder)
        for file in ("tokenizer.json", "tokenizer_config.json"):
            shutil.copy(POCKET / file, folder)
    return folder


_COMMON: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "vocab_size": 2048,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "pad_token_id": 0,
}
_HEADS = _COMMON | {
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "max_position_embeddings": 256,
}
_GROUPED = _HEADS | {"num_key_value_heads": 2, "head_dim": 8}
_OLD = {"n_layer": 2, "n_head": 4, "n_embd": 32, "n_positions": 256}
FAMILIES: dict[str, dict[str, Any]] = {
    "llama": _GROUPED,
    "qwen3": _GROUPED,
    "mistral": _GROUPED | {"sliding_window": 12},
    "gemma2": _GROUPED | {"sliding_window": 12},
    "gemma3_text": _GROUPED
    | {"sliding_window": 12, "layer_types": ["sliding_attention", "full_attention"]},
    "gpt2": {**_COMMON, **_OLD},
    "gpt_neox": _HEADS,
    "bloom": {**_COMMON, "n_layer": 2, "n_head": 4},
    "mamba": {**_COMMON, "state_size": 8},
}
"""Bloom's attention (ALiBi) and Mamba's states do not follow our masks."""


def logits_of(model: Any, tokens: Sequence[int]) -> Any:
    """(tokens, vocabulary): what the model gives by itself."""
    import torch

    with torch.inference_mode():
        return model(input_ids=torch.tensor([list(tokens)]), use_cache=False).logits[0].float()
