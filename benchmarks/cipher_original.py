"""CIPHER as the published program computes it (arXiv 2310.06272), plain and complete.

Written from a description of what the program does, for the times that it takes: batches of
prompts of different lengths, padded on the right and walked one place at a time where some have
ended; keys and values that grow by concatenation; logits for every place; one debater after
another; always as many vectors as are allowed; and texts by the distance to every embedding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.random_llama import Loaded
from simulator.domain.latent import SoftPrompt, SoftText

Tensor = Any

ANSWER, FENCE = "Answer", "```"
BATCH = 16
_GAP = "\x02{}\x03"

PromptOf = Callable[[int, int, Sequence[Mapping[int, SoftText]]], SoftPrompt]
"""The prompt of a question for a debater, by their places, after rounds of messages."""


@dataclass(slots=True)
class Message:
    """What a debater said."""

    soft: SoftText
    """Its text; the vectors are in `vectors`."""
    vectors: Tensor
    """(tokens, width), up to the stop."""
    uncut: Tensor
    """(new tokens, width): all that were made."""


@dataclass(slots=True)
class Transcript:
    """A debate of all questions."""

    rounds: list[dict[tuple[int, int], Message]] = field(default_factory=list)
    """By place of the question and of the debater."""
    vectors: int = 0
    """How many were asked for."""
    steps: int = 0
    """Passes through the model, each with all rows of a batch."""


class OriginalCipher:
    """The algorithm on one loaded model."""

    def __init__(self, loaded: Loaded, new_tokens: int) -> None:
        self.loaded = loaded
        self.new_tokens = new_tokens
        self.table: Tensor = loaded.model.get_input_embeddings().weight.detach()
        self.made: dict[str, Tensor] = {}
        """Vectors of all messages by their origins."""

    def debate(
        self, questions: int, temperatures: Sequence[float], rounds: int, prompt_of: PromptOf
    ) -> Transcript:
        """All questions, a batch after another; in a round, all read the round before."""
        import torch

        done = Transcript(rounds=[{} for _ in range(rounds)])
        with torch.inference_mode():
            for first in range(0, questions, BATCH):
                batch = range(first, min(first + BATCH, questions))
                for round_ in range(rounds):
                    for debater, temperature in enumerate(temperatures):
                        prompts = [
                            self.inputs(
                                prompt_of(question, debater, self._history(done, round_, question))
                            )
                            for question in batch
                        ]
                        whole, steps = self.generate(prompts, temperature)
                        done.steps += steps
                        done.vectors += len(prompts) * self.new_tokens
                        for question, prompt, made in zip(batch, prompts, whole, strict=True):
                            origin = f"{question} {debater} {round_}"
                            said = self.message(origin, made, len(prompt))
                            done.rounds[round_][question, debater] = said
        return done

    def generate(self, prompts: Sequence[Tensor], temperature: float) -> tuple[list[Tensor], int]:
        """Prompts (tokens, width) with the vectors after them, and the steps taken."""
        import torch
        from transformers import DynamicCache

        lengths = torch.tensor([len(prompt) for prompt in prompts], device=self.table.device)
        shortest, longest = int(lengths.min()), int(lengths.max())
        width = self.table.shape[1]
        places = self.table.new_full((len(prompts), longest + self.new_tokens, width), 0.0)
        for row, prompt in enumerate(prompts):
            places[row, : len(prompt)] = prompt
        cache, before = DynamicCache(), 0
        for place in range(shortest, places.shape[1]):
            positions = torch.arange(before, place, device=places.device)
            seen = self.loaded.model(
                inputs_embeds=places[:, before:place],
                past_key_values=cache,
                position_ids=positions.expand(len(prompts), -1),
                use_cache=True,
            )
            chances = torch.softmax(seen.logits[:, -1].float() / temperature, dim=-1)
            mixed = chances.to(self.table.dtype) @ self.table
            # A row whose prompt goes on reads that instead of what it would have said.
            has_prompt = (place < lengths)[:, None]
            places[:, place] = torch.where(has_prompt, places[:, place], mixed)
            before = place
        ends = [len(prompt) + self.new_tokens for prompt in prompts]
        steps = places.shape[1] - shortest
        return [row[:end] for row, end in zip(places, ends, strict=True)], steps

    def message(self, origin: str, whole: Tensor, prompt_tokens: int) -> Message:
        """Cut what follows the prompt where the program cuts it, and read it as text."""
        tokens = self.nearest(whole)[prompt_tokens:]
        kept = tokens[: self.cut(tokens)]
        vectors = whole[prompt_tokens : prompt_tokens + len(kept)]
        self.made[origin] = vectors
        text = self.loaded.tokenizer.decode(kept)
        return Message(SoftText(text, origin), vectors, whole[prompt_tokens:])

    def nearest(self, vectors: Tensor) -> list[int]:
        """Tokens whose embeddings are nearest, all scaled to length 1."""
        import torch

        table = torch.nn.functional.normalize(self.table.float(), dim=-1)
        units = torch.nn.functional.normalize(vectors.float(), dim=-1)
        found: list[int] = torch.cdist(units, table).argmin(dim=-1).tolist()
        return found

    def cut(self, tokens: list[int]) -> int:
        """Where a message ends: at its first stop, if it says "Answer" anywhere."""
        stop = self.first_stop(tokens)
        return stop if ANSWER in self.loaded.tokenizer.decode(tokens) else len(tokens)

    def first_stop(self, tokens: list[int]) -> int:
        """The place of the first end token or three back-ticks; else the number of tokens."""
        fence = self.loaded.tokenizer.encode(FENCE, add_special_tokens=False)
        end = self.loaded.tokenizer.eos_token_id
        for place, token in enumerate(tokens):
            if token == end or tokens[place : place + len(fence)] == fence:
                return place
        return len(tokens)

    def inputs(self, prompt: SoftPrompt) -> Tensor:
        """A prompt (tokens, width): embeddings of its text with messages spliced in."""
        import torch

        softs = prompt.soft_texts
        numbers = iter(range(len(softs)))
        entries = [
            {
                "role": message.role,
                "content": "".join(
                    part if isinstance(part, str) else _GAP.format(next(numbers))
                    for part in message.parts
                ),
            }
            for message in prompt.messages
        ]
        tokenizer = self.loaded.tokenizer
        text = tokenizer.apply_chat_template(entries, tokenize=False, add_generation_prompt=True)
        pieces: list[Tensor] = []
        for number, soft in enumerate(softs):
            before, _, text = text.partition(_GAP.format(number))
            pieces += [self._embedded(before), self.made[soft.origin]]
        return torch.cat([*pieces, self._embedded(text)])

    def _embedded(self, text: str) -> Tensor:
        import torch

        tokens = self.loaded.tokenizer.encode(text, add_special_tokens=False)
        return self.table[torch.tensor(tokens, dtype=torch.long, device=self.table.device)]

    def _history(self, done: Transcript, rounds: int, question: int) -> list[dict[int, SoftText]]:
        return [
            {debater: said.soft for (about, debater), said in each.items() if about == question}
            for each in done.rounds[:rounds]
        ]
