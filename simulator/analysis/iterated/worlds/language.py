"""A tiny language: a word for each of a few meanings.

The languages of Griffiths & Kalish (2007, Cognitive Science 31), told to learners as in the
experiments of Kirby, Cornish & Smith (2008, PNAS 105). A meaning is a shape of a colour; a word is
one syllable after another. With two of each there are 4 meanings, 4 words and 4^4 = 256 languages.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from simulator.analysis.iterated.worlds.assignments import Assignments
from simulator.analysis.iterated.worlds.base import Data, Example, ReadData, ReadRule
from simulator.analysis.iterated.worlds.noise import log_of_output, noisy
from simulator.analysis.iterated.worlds.replies import Left, bare, excerpt, listed, read_examples

MOST = 20_000
"""Languages of a world, so that they can be listed."""
KINDS = ("compositional", "holistic", "degenerate", "other")
"""Of languages, as `Language.kind` tells them apart."""
_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class Language:
    """Meanings are inputs, words are outputs; a hypothesis is a word for each meaning."""

    shapes: tuple[str, ...] = ("circle", "square")
    colours: tuple[str, ...] = ("red", "blue")
    syllables: tuple[str, ...] = ("ka", "mo")
    """Words have one of these for each of the two features."""
    name: str = "language"

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ValueError: Names that are alike or no words, or more languages than can be listed.
        """
        for setting in (self.shapes, self.colours, self.syllables):
            folded = {one.casefold() for one in setting if _WORD.fullmatch(one)}
            if len(setting) < 2 or len(folded) < len(setting):
                raise ValueError(f"not two or more different words of letters: {setting}")
        if len(set(self.outputs)) < len(self.outputs):
            raise ValueError(f"syllables {self.syllables} make one word in two ways")
        if len(self.outputs) ** len(self.inputs) > MOST:
            raise ValueError(f"more than {MOST} languages of these meanings and words")

    @property
    def hypotheses(self) -> tuple[str, ...]:
        """Each the JSON of meanings and words, such as `{"red circle": "kaka", …}`."""
        return tuple(_languages(self.inputs, self.outputs))

    @property
    def inputs(self) -> tuple[str, ...]:
        """Meanings, such as `red circle`."""
        return tuple(f"{colour} {shape}" for colour in self.colours for shape in self.shapes)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Words of two syllables."""
        return tuple(map("".join, itertools.product(self.syllables, repeat=2)))

    def words(self, hypothesis: str) -> Mapping[str, str]:
        """The word for each meaning.

        Raises:
            ValueError: The hypothesis is not of this world, or not canonical.
        """
        try:
            return _languages(self.inputs, self.outputs)[hypothesis]
        except KeyError:
            message = f"not a hypothesis of the world {self.name}: {hypothesis!r}"
            raise ValueError(message) from None

    def kind(self, hypothesis: str) -> str:
        """One of `KINDS`, after Kirby, Tamariz, Cornish & Smith (2015, Cognition 141).

        Compositional: one syllable tells the colour, the other the shape. Holistic: all words
        differ, without such a system. Degenerate: one word for everything. Other: the rest.
        """
        words = set(self.words(hypothesis).values())
        if len(words) == 1:
            return "degenerate"
        if len(words) < len(self.inputs):
            return "other"
        return "compositional" if self._is_compositional(hypothesis) else "holistic"

    def expressiveness(self, hypothesis: str) -> float:
        """Different words per meaning; 1 where every meaning has its own."""
        return len(set(self.words(hypothesis).values())) / len(self.inputs)

    def compositionality(self, hypothesis: str) -> float | None:
        """How far meanings that are alike have words that are alike, -1 to 1.

        Topographic similarity (Brighton & Kirby, 2006, Artificial Life 12): Pearson's correlation,
        over pairs of meanings, of the features in which they differ and the syllables in which
        their words do. None where all words are as far from each other, as where there is one.
        """
        signals = self._signals(hypothesis)
        pairs = [*itertools.combinations(signals, 2)]
        meanings = [float(_different(*pair)) for pair in pairs]
        words = [float(_different(signals[one], signals[other])) for one, other in pairs]
        constant = len(set(words)) == 1 or len(set(meanings)) == 1
        return None if constant else statistics.correlation(meanings, words)

    @property
    def preferred(self) -> str:
        """See `WithPrior`."""
        return "compositional languages"

    @property
    def prior_share(self) -> float:
        """See `WithPrior`; Griffiths & Kalish (2007) vary it."""
        return 0.5

    def prior(self, compositional: float) -> tuple[float, ...]:
        """P(h), sum 1: a share spread evenly over compositional languages, the rest over others.

        As in Griffiths & Kalish (2007), with their alpha as the share.
        """
        kinds = [self.kind(one) == "compositional" for one in self.hypotheses]
        shares = {True: compositional, False: 1 - compositional}
        return tuple(shares[one] / kinds.count(one) for one in kinds)

    def predict(self, hypothesis: str, given: str) -> str:
        """The word for a meaning.

        Raises:
            ValueError: The hypothesis or the meaning is not of this world, or not canonical.
        """
        return self._said(self.words(hypothesis), given)

    def log_likelihood(self, hypothesis: str, data: Sequence[Example], noise: float) -> float:
        """Log P(words | meanings, hypothesis) in nats; -inf for unknown words."""
        words = self.words(hypothesis)
        total = 0.0
        for given, output in data:
            if output not in self.outputs:
                return -math.inf
            right = self._said(words, given) == output
            total += log_of_output(right, len(self.outputs), noise)
        return total

    def drawn(self, hypothesis: str, count: int, rng: Random, *, noise: float = 0.0) -> Data:
        """Examples of meanings that are drawn uniformly and with replacement."""
        words = self.words(hypothesis)
        meanings = rng.choices(self.inputs, k=count)
        return tuple(Example(one, noisy(words[one], self.outputs, rng, noise)) for one in meanings)

    def described(self) -> str:
        """The rules of the game, for learners."""
        return (
            f"There is an unknown language with a word for each of {len(self.inputs)} things: "
            f"{listed(self.inputs)}. Every word has two syllables, each {_either(self.syllables)}. "
            "Two things may have the same word. A rule says the word for each thing. "
            "An example says a thing (input) and its word (output)."
        )

    def rule_form(self) -> str:
        """How learners shall write a rule."""
        pattern = ", ".join(f'"{one}": "WORD"' for one in self.inputs)
        return f"Write the rule on one line and nothing else, in this form:\nRule: {{{pattern}}}"

    def data_form(self) -> str:
        """How learners shall write examples."""
        return (
            "Write each example on two lines and nothing else, the thing and then its word, as in\n"
            f"Input: {self.inputs[0]}\nOutput: WORD"
        )

    def rule_text(self, hypothesis: str) -> str:
        """Such as `Rule: {"red circle": "kaka", …}`."""
        return f"Rule: {hypothesis}"

    def data_text(self, data: Sequence[Example]) -> str:
        """Two lines for each example, such as `Input: red circle` and `Output: kaka`."""
        return "\n".join(f"Input: {given}\nOutput: {output}" for given, output in data)

    def read_rule(self, text: str) -> ReadRule:
        """The last rule in a reply, or why there is none."""
        words, reason = self._rules.read(text)
        language = json.dumps({one: words.get(one) for one in self.inputs})
        return ReadRule(None, reason) if reason else ReadRule(language)

    def read_data(self, text: str) -> ReadData:
        """The examples in a reply, and why others are left out."""
        return read_examples(self._rules.without_rules(text), self._example)

    def _said(self, words: Mapping[str, str], given: str) -> str:
        if given not in words:
            raise ValueError(f"not a meaning of the world {self.name}: {given!r}")
        return words[given]

    @property
    def _rules(self) -> Assignments:
        return Assignments(self.inputs, self._meaning, self._word, "thing", "word")

    def _meaning(self, said: str) -> str | None:
        """In any order of its words, as in `the circle, red`."""
        named = {*re.findall(r"\w+", said.casefold())} - {"the", "a"}
        return next((one for one in self.inputs if {*one.casefold().split()} == named), None)

    def _word(self, said: str) -> str | None:
        folded = "".join(re.findall(r"\w", said.casefold()))
        return next((one for one in self.outputs if one.casefold() == folded), None)

    def _example(self, given: str, output: str) -> Example | Left:
        if not bare(given):
            return Left("an example without an input")
        meaning, word = self._meaning(given), self._word(output)
        if meaning is None:
            return Left(f"`{excerpt(bare(given))}` is nothing in this world", wrong=True)
        if not bare(output):
            return Left(f"no output for the input {meaning}")
        if word is None:
            return Left(f"`{excerpt(bare(output))}` is no word of this language", wrong=True)
        return Example(meaning, word)

    def _signals(self, hypothesis: str) -> dict[tuple[str, ...], tuple[str, ...]]:
        """The syllables for each colour and shape."""
        syllables = dict(
            zip(self.outputs, itertools.product(self.syllables, repeat=2), strict=True)
        )
        words = self.words(hypothesis).values()
        meanings = itertools.product(self.colours, self.shapes)
        return {one: syllables[word] for one, word in zip(meanings, words, strict=True)}

    def _is_compositional(self, hypothesis: str) -> bool:
        """Whether each syllable is told by one feature; words are known to differ."""
        signals = self._signals(hypothesis).items()
        return any(
            all(
                len({syllables[place] for meaning, syllables in signals if meaning[feature] == one})
                == 1
                for feature, place in enumerate(places)
                for one in (self.colours, self.shapes)[feature]
            )
            for places in ((0, 1), (1, 0))
        )


@lru_cache(maxsize=8)
def _languages(
    meanings: tuple[str, ...], words: tuple[str, ...]
) -> Mapping[str, Mapping[str, str]]:
    chosen = itertools.product(words, repeat=len(meanings))
    languages = (dict(zip(meanings, one, strict=True)) for one in chosen)
    return {json.dumps(one): one for one in languages}


def _different(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """Places that differ (Hamming)."""
    return sum(a != b for a, b in zip(one, other, strict=True))


def _either(syllables: Sequence[str]) -> str:
    return " or ".join(f'"{one}"' for one in syllables)
