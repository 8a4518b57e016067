"""How soft tokens are made, stopped and handed on, whatever the model computes with.

A soft token is a mixture of input embeddings (CIPHER, arXiv 2310.06272, section 3.2). Everything
here is in NumPy and exact to double precision; nothing is random.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from simulator.domain.latent import LatentMessage, Vectors

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from simulator.domain.journal import StopReason
    from simulator.domain.latent import Criterion, EmbeddingTable, LatentSampling
    from simulator.domain.prompts import ChatRole

    Doubles = NDArray[np.float64]
    Numbers = NDArray[np.intp]

ANSWER = "Answer"
"""The word without which the classic rule cuts nothing."""
_DIGITS = 6
"""Decimal places of the figures that are kept for people."""


# ---------------------------------------------------------------- prompts


def merged(messages: Iterable[LatentMessage]) -> tuple[LatentMessage, ...]:
    """Neighbours of one role joined by a newline, texts side by side joined, blanks taken off.

    A prompt without vectors comes out as `Prompt.merged` and the chat template would have it: the
    first text of a message loses the blanks at its beginning, the last those at its end.
    """
    joined: list[tuple[ChatRole, list[str | Vectors]]] = []
    for message in messages:
        if joined and joined[-1][0] == message.role:
            joined[-1][1].extend(("\n", *message.parts))
        else:
            joined.append((message.role, list(message.parts)))
    return tuple(LatentMessage(role, _trimmed(parts)) for role, parts in joined)


def _trimmed(parts: Iterable[str | Vectors]) -> tuple[str | Vectors, ...]:
    whole: list[str | Vectors] = []
    for part in parts:
        last = whole[-1] if whole else None
        if isinstance(part, str) and isinstance(last, str):
            whole[-1] = last + part
        else:
            whole.append(part)
    for place, trim in ((0, str.lstrip), (-1, str.rstrip)):
        if whole and isinstance(end := whole[place], str):
            whole[place] = trim(end)
    return tuple(part for part in whole if part != "")


def rows_of(vectors: Vectors, width: int) -> NDArray[np.float32]:
    """The inputs (count, width) that a prompt brings.

    Raises:
        ValueError: They are of another width than the model's.
    """
    if vectors.width != width:
        raise ValueError(f"vectors of {vectors.width} numbers for a model of {width}")
    return np.frombuffer(vectors.data, "<f4").reshape(-1, width).astype(np.float32, copy=False)


def vectors_of(rows: Sequence[NDArray[np.float32]], width: int) -> Vectors:
    """Rows of one width, in the domain's form."""
    return Vectors(b"".join(row.astype("<f4").tobytes() for row in rows), width)


# ---------------------------------------------------------------- mixtures


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a step makes of its logits."""

    weights: Doubles
    """(vocabulary,): of each token's embedding; they sum to 1."""
    probabilities: Doubles
    """(vocabulary,): at the temperature of the mixture, after top-k and top-p."""
    entropy: float
    """Of the distribution at temperature 1, in nats."""
    best: int
    """The most probable token, the smaller number where several are."""
    is_mixed: bool
    """False where `weights` is that token alone."""

    def top(self, count: int) -> list[tuple[int, float]]:
        """The most probable tokens that take part, and their probabilities as they are kept."""
        order = _heaviest(self.probabilities, count)
        return [(int(n), p) for n in order if (p := rounded(self.probabilities[n])) > 0.0]


def mixture(logits: NDArray[np.floating], sampling: LatentSampling) -> Mixture:
    """The weights of a step; tokens that cannot be said have logits of minus infinity.

    Mixed by softmax(logits / T), the paper's equation 1. Partial CIPHER (its section 5.3) takes
    the most probable token alone where the uncertainty U of the step lies on one side of the
    threshold: `confident` where U <= threshold, `unsure` where U > threshold.
    """
    exact = logits.astype(np.float64)
    plain = softmax(exact)
    best = int(np.argmax(exact))
    entropy = entropy_of(plain)
    warm = softmax(exact, sampling.temperature)
    warm = _pruned(warm, sampling.top_k, sampling.top_p)
    if not is_greedy(sampling, uncertainty(plain, sampling.criterion)):
        return Mixture(warm, warm, entropy, best, True)
    weights = np.zeros_like(warm)
    weights[best] = 1.0
    return Mixture(weights, warm, entropy, best, False)


def softmax(logits: Doubles, temperature: float = 1.0) -> Doubles:
    """Probabilities (vocabulary,) of logits at a temperature above 0."""
    scaled = logits - logits.max()
    with np.errstate(over="ignore"):  # at a temperature of almost nothing: minus infinity
        scaled /= temperature
    heights: Doubles = np.exp(scaled)
    heights /= heights.sum()
    return heights


def entropy_of(probabilities: Doubles) -> float:
    """Shannon entropy in nats, 0 to ln(vocabulary)."""
    some = probabilities[probabilities > 0.0]
    return max(0.0, float(-(some * np.log(some)).sum()))


def uncertainty(probabilities: Doubles, criterion: Criterion) -> float:
    """Of a step at temperature 1: 1 - max p (0 to 1), or the entropy (nats)."""
    if criterion == "entropy":
        return entropy_of(probabilities)
    return 1.0 - float(probabilities.max())


def is_greedy(sampling: LatentSampling, unsure_by: float) -> bool:
    """Whether a step of this uncertainty takes its most probable token alone."""
    if sampling.greedy == "never":
        return False
    return (unsure_by <= sampling.threshold) == (sampling.greedy == "confident")


def rounded(number: float) -> float:
    """A figure as it is kept for people."""
    return round(float(number), _DIGITS)


def _pruned(probabilities: Doubles, top_k: int | None, top_p: float) -> Doubles:
    """The `top_k` most probable tokens, of these the fewest that reach `top_p`; they sum to 1."""
    size = len(probabilities)
    if (top_k is None or top_k >= size) and top_p >= 1.0:
        return probabilities
    order = _heaviest(probabilities, size if top_k is None else min(top_k, size))
    kept = order
    if top_p < 1.0:
        mass = np.cumsum(probabilities[order])
        kept = order[: int(np.searchsorted(mass, top_p * mass[-1], side="left")) + 1]
    pruned = np.zeros_like(probabilities)
    pruned[kept] = probabilities[kept] / probabilities[kept].sum()
    return pruned


def _heaviest(weights: Doubles, count: int) -> Numbers:
    """The `count` heaviest places, heaviest first, equal weights in order of place."""
    places: Numbers = np.arange(len(weights))
    if 0 < count < len(weights):
        border = np.partition(weights, len(weights) - count)[len(weights) - count]
        places = np.flatnonzero(weights >= border)
    return places[np.argsort(-weights[places], kind="stable")][:count]


# ---------------------------------------------------------------- nearest text


class NearestText:
    """The text of the nearest tokens as it comes, and which vectors belong to the message.

    Text is held back while it may turn out to be half a character, or to begin what ends the
    message. Tokens that spell any part of a stop text are not part of the message.

    By the `first` rule the first end token or stop text ends it. By the `classic` one nothing
    does, but when all vectors are made, the message is cut at the first of these if the word
    "Answer" occurs anywhere, before or after.
    """

    def __init__(self, stops: Sequence[str] = (), *, classic: bool = False) -> None:
        self._stops = [stop.encode("utf-8", "replace") for stop in stops]
        self._classic = classic
        self._bytes = bytearray()
        self._ends: list[int] = []
        """Where each token ends, in bytes."""
        self._cut: int | None = None
        """Tokens before the first end token or stop text."""
        self._told = 0
        """Tokens whose text was given out."""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._searched = 0
        self._is_finished = False

    @property
    def stopped(self) -> bool:
        """Whether no more vectors are needed."""
        return self._cut is not None and not self._classic

    @property
    def kept(self) -> int:
        """Vectors of the message; final once it is stopped or finished."""
        return len(self._ends) if self._cut is None else self._cut

    @property
    def stop_reason(self) -> StopReason:
        """Why the message ends there; final as `kept` is."""
        return "length" if self._cut is None else "stop"

    def push(self, token: bytes, *, is_end: bool = False) -> str:
        """Text that is certain after one more token; may be empty."""
        if is_end and self._cut is None:
            self._cut = len(self._ends)
        self._bytes += token
        self._ends.append(len(self._bytes))
        if self._cut is None:
            self._look_for_stops()
        return self._given_out(self.kept if self._cut is not None else self._safe())

    def finish(self) -> str:
        """Text that was held back, now that no token follows."""
        if self._classic and ANSWER.encode() not in self._bytes:
            self._cut = None
        return self._given_out(self.kept)

    def _look_for_stops(self) -> None:
        places = [self._bytes.find(stop, self._searched) for stop in self._stops]
        found = [place for place in places if place >= 0]
        if found:
            self._cut = sum(end <= min(found) for end in self._ends)
        longest = max(map(len, self._stops), default=1)
        self._searched = max(0, len(self._bytes) - longest + 1)

    def _safe(self) -> int:
        """Tokens that no stop text can reach any more."""
        held = max((_overlap(self._bytes, stop) for stop in self._stops), default=0)
        safe = len(self._bytes) - held
        count = len(self._ends)
        while count and self._ends[count - 1] > safe:
            count -= 1
        return count

    def _given_out(self, tokens: int) -> str:
        if tokens <= self._told:
            return ""
        start = self._ends[self._told - 1] if self._told else 0
        self._told = tokens
        return self._decode(bytes(self._bytes[start : self._ends[tokens - 1]]))


def _overlap(data: bytearray, stop: bytes) -> int:
    """Length of the longest end of the data that begins the stop text, not all of it."""
    for size in range(min(len(stop) - 1, len(data)), 0, -1):
        if data.endswith(stop[:size]):
            return size
    return 0


# ---------------------------------------------------------------- receivers


@dataclass(frozen=True, slots=True)
class Overlap:
    """Tokens that two vocabularies share, by the bytes that they stand for."""

    own: Numbers
    """Their numbers for the model that speaks."""
    others: Numbers
    """Their numbers for the model that reads, in the same order."""


@lru_cache(maxsize=16)
def overlap(own: tuple[bytes, ...], other: tuple[bytes, ...]) -> Overlap:
    """What two vocabularies share. Markers, which stand for no bytes, are not shared.

    Of several tokens that stand for the same bytes the last one reads: where a vocabulary spells
    rare texts byte by byte, the tokens for that come first.
    """
    places = {token: number for number, token in enumerate(other) if token}
    pairs = [(number, places[token]) for number, token in enumerate(own) if token in places]
    numbers = np.array(pairs, np.intp).reshape(-1, 2)
    return Overlap(numbers[:, 0], numbers[:, 1])


class Reception:
    """A message as another model is to read it, vector by vector.

    The same mixture of the reader's own embeddings where the vocabularies are equal, as the
    paper's cross-model debates have it (its section 5.2). Else the weights of the tokens that
    both have, scaled to sum to 1.
    """

    def __init__(
        self, own: tuple[bytes, ...], table: EmbeddingTable, *, unit_length: bool = False
    ) -> None:
        self._rows = table.rows()
        self._shared = None if own == table.tokens else overlap(own, table.tokens)
        self._unit_length = unit_length
        self._made: list[NDArray[np.float32] | None] = []

    def add(self, weights: Doubles) -> None:
        """Another soft token, by the weights (vocabulary,) of the model that speaks."""
        self._made.append(self._vector(weights))

    def message(self, kept: int) -> tuple[Vectors, int]:
        """The first `kept` soft tokens, and how many of them have no vector here."""
        made = self._made[:kept]
        known = [row for row in made if row is not None]
        return vectors_of(known, self._rows.shape[1]), len(made) - len(known)

    def _vector(self, weights: Doubles) -> NDArray[np.float32] | None:
        if self._shared is None:
            return mixed(weights, self._rows, unit_length=self._unit_length)
        some = weights[self._shared.own]
        mass = float(some.sum())
        if mass <= 0.0:
            return None
        part = some > 0.0
        rows = self._rows[self._shared.others[part]]
        return mixed(some[part] / mass, rows, unit_length=self._unit_length)


def mixed(
    weights: Doubles, rows: NDArray[np.float32], *, unit_length: bool = False
) -> NDArray[np.float32]:
    """The sum (width,) of rows by their weights, summed in the precision of the rows."""
    vector: NDArray[np.float32] = weights.astype(np.float32) @ rows
    if unit_length and (length := math.sqrt(float(vector @ vector))) > 0.0:
        vector = vector / np.float32(length)
    return vector


def unit_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """Rows (count, width) of length 1, to be compared by cosine; empty ones stay empty."""
    lengths = np.sqrt(np.sum(np.square(rows, dtype=np.float64), axis=1, keepdims=True))
    return (rows / np.where(lengths > 0.0, lengths, 1.0)).astype(np.float32)


def nearest_of(
    texts: Sequence[str], tokens: Sequence[int], units: NDArray[np.float32], vector: object
) -> str | None:
    """The text whose token is nearest by cosine to a vector (width,); the first of equals.

    Args:
        texts: What there is to name.
        tokens: The token that stands for each.
        units: Rows of length 1 of the embedding table.
        vector: The last of a message; None when it has none.
    """
    if vector is None or not texts:
        return None
    return texts[int(np.argmax(units[list(tokens)] @ np.asarray(vector, np.float32)))]
