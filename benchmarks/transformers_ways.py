"""How transformers itself serves many requests: what the local decoder is compared with."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.random_llama import Loaded

TIE = 1e-4
"""Between logits of this difference rounding decides; they are around 4."""

Replies = list[list[int]]
"""New tokens of each request, in order."""


@dataclass(frozen=True, slots=True)
class Job:
    """One request as tokens."""

    prompt: tuple[int, ...]
    new_tokens: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What some work took."""

    wall_s: float
    cpu_s: float
    """Of all threads of this process."""


@contextmanager
def spending(into: list[Spent]) -> Iterator[None]:
    """Add what the body takes; a GPU's queue is empty before and after."""
    settle()
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    wait_for_device()
    into.append(Spent(time.perf_counter() - wall, time.process_time() - cpu))


def wait_for_device() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def settle() -> None:
    """Leave no work to the measured part that earlier work caused."""
    gc.collect()
    wait_for_device()


def one_by_one(loaded: Loaded, jobs: Sequence[Job]) -> Replies:
    """`generate` for each request alone."""
    return [reply for job in jobs for reply in static(loaded, [job])]


def static(loaded: Loaded, jobs: Sequence[Job], size: int = 32) -> Replies:
    """`generate` for left-padded batches; each runs until its longest reply is whole.

    What a batch makes beyond a reply's own length is thrown away.
    """
    import torch

    replies: Replies = []
    for first in range(0, len(jobs), size):
        batch = jobs[first : first + size]
        longest = max(len(job.prompt) for job in batch)
        ids = torch.zeros((len(batch), longest), dtype=torch.long)
        mask = torch.zeros_like(ids)
        for row, job in enumerate(batch):
            ids[row, longest - len(job.prompt) :] = torch.tensor(job.prompt)
            mask[row, longest - len(job.prompt) :] = 1
        with torch.inference_mode():
            made = loaded.model.generate(
                ids.to(loaded.device),
                attention_mask=mask.to(loaded.device),
                do_sample=False,
                max_new_tokens=max(job.new_tokens for job in batch),
                pad_token_id=0,
            )
        for row, job in zip(made[:, longest:].tolist(), batch, strict=True):
            replies.append(ended(row[: job.new_tokens], loaded))
    return replies


def ended(reply: list[int], loaded: Loaded) -> list[int]:
    """The reply without what follows its end."""
    end = loaded.tokenizer.eos_token_id
    return reply[: reply.index(end)] if end in reply else reply


def is_after_tie(loaded: Loaded, job: Job, reply: Sequence[int], text: str) -> bool:
    """Whether another greedy reply went on differently where two tokens were as good as equal.

    Rounding decides between them, and so does the order in which a kernel adds.
    """
    import torch

    read = torch.tensor([[*job.prompt, *reply]], device=loaded.device)
    with torch.inference_mode():
        seen = loaded.model(read).logits[0, len(job.prompt) - 1 : -1].float()
    heights, tokens = seen.topk(2, dim=-1)
    ties = (heights[:, 0] - heights[:, 1] < TIE).nonzero()[:, 0].tolist()
    others = [(n, token) for n in ties for token in tokens[n].tolist() if token != reply[n]]
    return any(text.startswith(loaded.text([*reply[:n], token])) for n, token in others)


@dataclass(frozen=True, slots=True)
class Continuous:
    """transformers' continuous batching with its settings."""

    requests_per_batch: int

    def __str__(self) -> str:
        return f"{self.requests_per_batch} requests a batch"

    @contextmanager
    def serving(self, loaded: Loaded) -> Iterator[Callable[[Sequence[Job]], Replies]]:
        """Start its thread and its cache; both are fresh each time and not part of what it takes.

        The cache is sized by hand: left alone, it takes most of the machine's memory on a CPU and
        is slower than requests one by one.
        """
        from transformers import ContinuousBatchingConfig, GenerationConfig

        config = ContinuousBatchingConfig(
            page_size=32,
            num_blocks=512,
            max_batch_tokens=1024,
            max_requests_per_batch=self.requests_per_batch,
        )
        generation = GenerationConfig(
            do_sample=False,
            eos_token_id=loaded.tokenizer.eos_token_id,
            pad_token_id=0,
            max_new_tokens=256,
        )
        with loaded.model.continuous_batching_context_manager(
            generation_config=generation, continuous_batching_config=config, timeout=5
        ) as manager:
            yield lambda jobs: served(manager, loaded, jobs)


def served(manager: Any, loaded: Loaded, jobs: Sequence[Job]) -> Replies:
    """All replies of a manager that runs."""
    names = [
        manager.add_request(list(job.prompt), max_new_tokens=job.new_tokens, request_id=str(number))
        for number, job in enumerate(jobs)
    ]
    found: dict[str, list[int]] = {}
    while len(found) < len(names):
        result = manager.get_result(timeout=1)
        if result is None:
            if not manager.is_running():
                raise RuntimeError("transformers' continuous batching stopped by itself")
        elif result.is_finished():
            if result.error is not None:
                raise RuntimeError(f"transformers' continuous batching: {result.error}")
            found[result.request_id] = ended(list(result.generated_tokens), loaded)
    return [found[name] for name in names]
