"""A model's forward passes over rows of different lengths."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch

from simulator.backends.hf.attention import QUERIES, RowAttention, Split
from simulator.backends.hf.rows import STEP, KeyValueRows

Tensor = Any
Model = Any

_KINDS = {"full_attention", "sliding_attention"}
"""Of layers, that our masks are for."""
READ_TOKENS = 2048
"""Inputs of one forward pass over prompts, padding included."""


class Network:
    """Runs a causal language model on `KeyValueRows`. Not for several threads at once.

    A model whose attention does not follow our masks and positions is found out by `check`, and
    then read from the start for each token: slow, but right.
    """

    def __init__(self, model: Model, steady: tuple[int, int] | None = None) -> None:
        """Take a model.

        Args:
            model: Of transformers, in evaluation mode.
            steady: The least and the most rows of a forward pass with which a row's bits do not
                depend on the others; None does not care.
        """
        self.model = model
        self.device = model.device
        self.exact = steady is not None
        self.least_rows = steady[0] if steady else 1
        """Rows that a step is padded to."""
        self.most_inputs = min(steady[1], READ_TOKENS) if steady else READ_TOKENS
        """Inputs of one forward pass; longer prompts take several."""
        self.rows = KeyValueRows()
        self.has_rows = True
        """Whether keys and values are kept; else `run` is not to be called."""
        self._attention = RowAttention(exact=steady is not None)
        self._skips_padding = self._attention.use(model)
        self._embed = model.get_input_embeddings()
        config = model.config.get_text_config()
        self._kinds: tuple[str, ...] = tuple(
            dict.fromkeys(getattr(config, "layer_types", ()) or ())
        )
        self._window: int | None = getattr(config, "sliding_window", None)
        if not getattr(config, "use_sliding_window", True):
            self._window = None

    @property
    def company(self) -> int:
        """Rows that must have room at least, as padding takes some too."""
        return 1 if self._skips_padding else self.least_rows

    @property
    def can_split(self) -> bool:
        """Whether rows may look at places that they have in common together."""
        return self._skips_padding and self._window is None and self.device.type == "cpu"

    def embed(self, tokens: Tensor) -> Tensor:
        """Inputs (…, width) of tokens (…)."""
        return self._embed(tokens)

    @cached_property
    def table(self) -> Tensor:
        """What each token is as an input, (vocabulary, width), as `embed` scales it."""
        weights = self._embed.weight
        with torch.inference_mode():
            some = torch.arange(min(len(weights), STEP), device=self.device)
            if torch.equal(self._embed(some), weights[: len(some)]):
                return weights.detach()
            every = torch.arange(len(weights), device=self.device)
            return torch.cat([self._embed(part) for part in every.split(8192)])

    def run(
        self,
        start: int,
        stop: int,
        inputs: Tensor,
        positions: Tensor,
        *,
        keep: int = 1,
        splits: Sequence[Split] = (),
    ) -> Tensor:
        """Logits (rows, keep, vocabulary) in float32 of the last inputs of rows.

        Args:
            start: First row.
            stop: The row after the last.
            inputs: Tokens (rows, n), or vectors (rows, n, width). With `exact` there may be more
                rows than from `start` to `stop`, to be computed for company and forgotten.
            positions: (rows, n), left-padded with -1; as many rows as `inputs`.
            keep: For how many of the last inputs logits are wanted.
            splits: How rows look at places that they have in common; only where `can_split`, and
                for one input of each row.
        """
        self._attention.splits = tuple(splits)
        reach = _rounded(int(positions.max()) + 1)
        live = stop - start if self._skips_padding else inputs.shape[0]
        self.rows.aim(start, start + live, reach, positions[:live])
        named = {"input_ids": inputs} if inputs.dim() == 2 else {"inputs_embeds": inputs}
        # The output layer too multiplies rows, see `least_rows`.
        wide = math.ceil(self.least_rows / inputs.shape[0])
        kept = min(max(keep, wide), inputs.shape[1])
        with torch.inference_mode():
            output = self.model(
                **named,
                attention_mask=self._masks(positions[:live], reach),
                position_ids=positions.clamp(min=0),
                past_key_values=self.rows,
                use_cache=True,
                logits_to_keep=kept,
            )
        return output.logits[: stop - start, -keep:].float()

    def read_anew(self, inputs: Tensor, *, keep: int = 1) -> Tensor:
        """Logits (1, keep, vocabulary) of a whole sequence of inputs, nothing being kept."""
        named = {"input_ids": inputs} if inputs.dim() == 2 else {"inputs_embeds": inputs}
        with torch.inference_mode():
            output = self.model(**named, use_cache=False)
        return output.logits[:, -keep:].float()

    def check(self) -> None:
        """See whether rows give what the model gives by itself, with other rows beside them."""
        vocabulary = self._embed.weight.shape[0]
        lengths = (23, 18)
        long = [1 + (7 * number) % (vocabulary - 1) for number in range(max(lengths))]
        wanted = [self.read_anew(self._tensor([long[:length]]))[0, -1] for length in lengths]
        try:
            got = self._two_rows(long, lengths)
        except (TypeError, ValueError, AttributeError, IndexError, RuntimeError, KeyError):
            self.has_rows = False
            return
        tolerance = 1e-3 if self.model.dtype == torch.float32 else 6e-2
        scale = max(1.0, *(float(one.abs().max()) for one in wanted))
        apart = max(
            float((one - other).abs().max()) for one, other in zip(wanted, got, strict=True)
        )
        self.has_rows = apart <= tolerance * scale and self.rows.bytes_per_place > 0
        self.has_rows &= set(self._kinds) <= _KINDS

    def _two_rows(self, tokens: Sequence[int], lengths: Sequence[int]) -> list[Tensor]:
        rows = max(self.least_rows, len(lengths))
        self.rows.resize(rows, STEP)
        n = max(lengths) - 1
        inputs = [[0] * (n - length + 1) + list(tokens[: length - 1]) for length in lengths]
        places = [[-1] * (n - length + 1) + list(range(length - 1)) for length in lengths]
        self.run(0, len(lengths), self._tensor(inputs), self._tensor(places))
        inputs = [[tokens[length - 1]] for length in lengths]
        places = [[length - 1] for length in lengths]
        spare = rows - len(lengths)
        logits = self.run(
            0,
            len(lengths),
            self._tensor(inputs + [[0]] * spare),
            self._tensor(places + [[-1]] * spare),
        )
        return [logits[row, -1] for row in range(len(lengths))]

    def _tensor(self, numbers: Sequence[Sequence[int]]) -> Tensor:
        return torch.tensor(numbers, device=self.device)

    def _masks(self, positions: Tensor, reach: int) -> Any:
        """What each input may look at: 0 or minus infinity, (rows, 1, inputs, places)."""
        last = positions.clamp(min=0)[:, None, :, None]
        places = torch.arange(reach, device=self.device)[None, None, None, :]
        full = self._additive(places <= last)
        if self._window is None:
            return dict.fromkeys(self._kinds, full) if len(self._kinds) > 1 else full
        near = self._additive((places <= last) & (places > last - self._window))
        if len(self._kinds) > 1:
            return {kind: near if "sliding" in kind else full for kind in self._kinds}
        is_full = self._kinds == ("full_attention",)
        return full if is_full else near

    def _additive(self, allowed: Tensor) -> Tensor:
        mask = torch.zeros(allowed.shape, dtype=self.model.dtype, device=self.device)
        return mask.masked_fill_(~allowed, torch.finfo(self.model.dtype).min)


def _rounded(places: int) -> int:
    return -(-places // QUERIES) * QUERIES
