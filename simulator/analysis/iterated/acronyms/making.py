"""Makes the lists of the acronym game: the commonest words, and the two pools of examples.

    python -m simulator.analysis.iterated.acronyms.making DICTIONARY UNWANTED [FOLDER]

DICTIONARY holds English words, one a line, names with capitals (Debian's `wamerican-large` was
taken); UNWANTED words that shall be in no pool, one a line. It needs `pip install wordfreq`. The
same files give the same lists, byte by byte.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from itertools import pairwise
from math import log
from pathlib import Path
from random import Random

from simulator.analysis.iterated.acronyms.ranks import LISTED
from simulator.errors import NotFoundError

SEED = 8
LENGTHS = (5, 6, 7)
ROWS_OF_A_LENGTH = 80
EASY_RANKS = (200, 12_000)
RARE = 80_000
"""The rank down to which rare words are taken."""
INPUT_RANKS = (300, 7_000)
INPUT_LENGTHS = range(4, 10)
HEAVY = """
abortion abuse addiction assault bleed bleeding bloody dead drowned executed execution explosion
gambling goniff gonna gotta hajji hate hated hating hatred honkey hurt idiot idiots illegal
immigrant insane intimate jigaboo kinda lesbian mammary marijuana murder nasty naughty nudist
obsessed opium outta racial racism racist refugees shark sheeny shyster suicide terror terrorism
terrorist theft tobacco torture toxic trauma victim wanna weapons
"""
"""Words that distract from a game of words, beside those of the file."""


def main(arguments: Sequence[str]) -> None:
    """Writes `commonest.txt.gz`, `easy.csv` and `hard.csv` into a folder."""
    lines = set(Path(arguments[0]).read_text(encoding="utf-8").split())
    dictionary = {word for word in lines if _is_plain(word) and word.islower()}
    names = {word for word in lines if word.istitle()}
    unwanted = {*filter(_is_plain, Path(arguments[1]).read_text("utf-8").split()), *HEAVY.split()}
    folder = Path(arguments[2]) if len(arguments) > 2 else Path(__file__).parent / "lists"
    known = _by_frequency()
    commonest = known[:LISTED]
    ranks = {word: rank for rank, word in enumerate(commonest, 1)}

    def decent(word: str) -> bool:
        return word not in unwanted and not any(bad in word for bad in unwanted if len(bad) > 3)

    def good(word: str) -> bool:
        return word in dictionary and word.capitalize() not in names and decent(word)

    low, high = INPUT_RANKS
    inputs = [word for word in commonest[low - 1 : high] if len(word) in INPUT_LENGTHS]
    words = _Words([word for word in inputs if good(word)], Random(SEED))
    easy = list(_easy(ranks, good, words))
    hard = [
        *_rare(known[LISTED:RARE], good, words),
        *_made_up(dictionary, set(known), decent, words),
    ]
    data = "".join(f"{word}\n" for word in commonest).encode("ascii")
    (folder / "commonest.txt.gz").write_bytes(gzip.compress(data, 9, mtime=0))
    _write(folder / "easy.csv", sorted(easy, key=ranks.__getitem__), words, ranks)
    _write(folder / "hard.csv", sorted(hard), words, ranks)


class _Words:
    """Input words by their first letter; those that were taken least are taken first."""

    def __init__(self, words: Iterable[str], rng: Random) -> None:
        self._by_letter: defaultdict[str, list[str]] = defaultdict(list)
        for word in words:
            self._by_letter[word[0]].append(word)
        self._taken: Counter[str] = Counter()
        self._rng = rng

    def spells(self, output: str) -> bool:
        """Whether there are words enough for all letters of an output."""
        return all(
            len(self._by_letter[letter]) >= 3 * count for letter, count in Counter(output).items()
        )

    def sample(self, words: Sequence[str], count: int) -> list[str]:
        """So many of the words that can be spelt."""
        return self._rng.sample([word for word in words if self.spells(word)], count)

    def spelling(self, output: str) -> list[str]:
        """Input words whose first letters spell an output, all different and none the output."""
        chosen: list[str] = []
        for letter in output:
            free = [word for word in self._by_letter[letter] if word not in (*chosen, output)]
            least = min(self._taken[word] for word in free)
            chosen.append(self._rng.choice([w for w in free if self._taken[w] == least]))
            self._taken[chosen[-1]] += 1
        return chosen

    def weighted(self, letters: str, weights: Sequence[int]) -> str:
        """One of the letters."""
        return self._rng.choices(letters, weights)[0]


def _easy(ranks: dict[str, int], good: Callable[[str], bool], words: _Words) -> Iterable[str]:
    """Common words, as many in each part of the logarithm of the rank."""
    low, high = EASY_RANKS
    parts = 8
    for length in LENGTHS:
        for part in range(parts):
            inside = [
                word
                for word, rank in ranks.items()
                if len(word) == length
                and low <= rank < high
                and int(parts * log(rank / low) / log(high / low)) == part
                and good(word)
            ]
            yield from words.sample(inside, ROWS_OF_A_LENGTH // parts)


def _rare(known: Sequence[str], good: Callable[[str], bool], words: _Words) -> Iterable[str]:
    """Words of the dictionary that are outside the list, not inflected."""
    for length in LENGTHS:
        inside = [
            word
            for word in known
            if len(word) == length
            and not word.endswith(("s", "ed", "ing", "er", "ier", "est", "ly"))
            and good(word)
        ]
        yield from words.sample(inside, ROWS_OF_A_LENGTH // 2)


def _made_up(
    dictionary: set[str], known: set[str], decent: Callable[[str], bool], words: _Words
) -> Iterable[str]:
    """Letters that follow each other as in English words, yet are none."""
    follow: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for word in sorted(dictionary):
        if len(word) in LENGTHS and not word.endswith("s"):
            ended = f"^^{word}$"
            for (first, second), third in zip(pairwise(ended), ended[2:], strict=False):
                follow[first + second][third] += 1
    for length in LENGTHS:
        made: set[str] = set()
        while len(made) < ROWS_OF_A_LENGTH // 2:
            letters = "^^"
            while not letters.endswith("$") and len(letters) < length + 3:
                counts = sorted(follow[letters[-2:]].items())
                letters += words.weighted(
                    "".join(letter for letter, _ in counts), [count for _, count in counts]
                )
            word = letters[2:-1]
            if (
                letters.endswith("$")
                and len(word) == length
                and word not in known
                and word not in dictionary
                and decent(word)
                and words.spells(word)
            ):
                made.add(word)
        yield from sorted(made)


def _write(path: Path, outputs: Sequence[str], words: _Words, ranks: dict[str, int]) -> None:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("output", "rank", "input"))
    for output in outputs:
        table.writerow((output, ranks.get(output, ""), ", ".join(words.spelling(output))))
    path.write_text(text.getvalue(), encoding="ascii")


def _by_frequency() -> list[str]:
    """English words of the letters a to z, the commonest first, equally common by alphabet."""
    try:
        frequencies = import_module("wordfreq").get_frequency_dict("en", wordlist="large")
    except ModuleNotFoundError:
        raise NotFoundError(
            "Frequencies of words come from wordfreq, which is not installed.",
            remedy="Install it: pip install wordfreq.",
        ) from None
    plain = [word for word in frequencies if _is_plain(word)]
    return sorted(plain, key=lambda word: (-frequencies[word], word))


def _is_plain(word: str) -> bool:
    return word.isascii() and word.isalpha()


if __name__ == "__main__":
    main(sys.argv[1:])
