"""What debates came to, as tables of words and numbers for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from simulator.analysis.debates.comparison import Comparison
from simulator.analysis.debates.proportions import LEVEL, Interval, Proportion
from simulator.analysis.debates.standing import Way
from simulator.analysis.debates.summary import (
    Changes,
    DebaterSummary,
    DebateSummary,
    Spent,
)
from simulator.domain.prices import dollars
from simulator.presentation.estimates import large
from simulator.presentation.safe_text import one_line

NONE = "–"
"""Where there is no number."""
_TIME = "Time: what calls waited for models together; side by side, they wait longer than it took."
_LEAST_P = 0.001
_CHANGES = ("CHANGED", "TO RIGHT", "TO WRONG")
_VOTES: dict[Way, str] = {
    "debate rounds": "all rounds but the first",
    "all rounds": "all rounds",
    "last round": "the last round",
}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text below headings."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    """Columns of words, from the left; the others are numbers."""
    note: str = ""
    """What to know of it, in sentences; empty for nothing."""


def label(place: int) -> str:
    """A short name for a record among others: A to Z, then A2 and on."""
    turn, letter = divmod(place, 26)
    return chr(ord("A") + letter) + (str(turn + 1) if turn else "")


def short_name(summary: DebateSummary, place: int) -> str:
    """What figures call a record among others, such as `A: cipher T 0.2/0.8`."""
    heat = _heat(summary)
    parts = [_mode(summary.mode), *([f"T {heat}"] if heat != NONE else [])]
    known = " ".join(part for part in parts if part != NONE)
    return f"{label(place)}: {known or one_line(summary.name)}"


def percent_text(share: Proportion | None) -> str:
    """Such as `54.0 %`."""
    return NONE if share is None else f"{100 * share.share:.1f} %"


def accuracy_text(share: Proportion | None, level: float = LEVEL) -> str:
    """Such as `54.0 % [40.4, 67.0]`."""
    if share is None:
        return NONE
    found = share.interval(level)
    return f"{percent_text(share)} [{100 * found.low:.1f}, {100 * found.high:.1f}]"


def points_text(difference: float, interval: Interval | None) -> str:
    """A difference of shares in percentage points, such as `+4.0 [-3.1, 11.0]`."""
    if interval is None:
        return NONE
    return f"{_signed(difference)} [{_points(interval.low)}, {_points(interval.high)}]"


def p_text(p_value: float) -> str:
    """Such as `0.070` or `<0.001`."""
    return f"<{_LEAST_P}" if p_value < _LEAST_P else f"{p_value:.3f}"


def record_tables(summaries: Sequence[DebateSummary], *, level: float = LEVEL) -> Iterator[Table]:
    """An overview of records, then all there is of each."""
    yield overview_table(summaries, level)
    yield from cost_tables(summaries)
    for place, summary in enumerate(summaries):
        title = f"{label(place)}: " if len(summaries) > 1 else ""
        if summary.rounds:
            yield debater_table(summary, level, title)
        if len(summary.debaters) > 1 and summary.rounds:
            yield vote_table(summary, level, title)
            yield round_table(summary, level, title)
        if len(summary.debaters) > 2 and summary.mode != "majority":
            yield pair_table(summary, title)


def overview_table(summaries: Sequence[DebateSummary], level: float = LEVEL) -> Table:
    """How often the final answers of each record are right."""
    missing = any(summary.missing for summary in summaries)
    undecided = any(summary.undecided for summary in summaries)
    rows = [
        (
            label(place), one_line(summary.name), _mode(summary.mode),
            accuracy_text(summary.final, level), f"{summary.right:,}", f"{summary.questions:,}",
            _heat(summary),
            *([f"{summary.undecided:,}"] if undecided else []),
            *([f"{summary.missing:,}"] if missing else []),
        )
        for place, summary in enumerate(summaries)
    ]  # fmt: skip
    notes = [f"In brackets: the {_level(level)} score interval of Wilson."]
    if undecided:
        notes.append("Undecided questions have no final answer, and count as wrong.")
    if missing:
        notes.append("Missing questions have no answer yet, and count nowhere.")
    return Table(
        "Final answers",
        (
            "", "RECORD", "MODE", "ACCURACY", "RIGHT", "OF", "T",
            *(["UNDECIDED"] if undecided else []), *(["MISSING"] if missing else []),
        ),
        tuple(rows), words=3, note=" ".join(notes),
    )  # fmt: skip


def cost_tables(summaries: Sequence[DebateSummary]) -> Iterator[Table]:
    """What answers took; no table where nothing is known of it."""
    known = [
        (place, summary) for place, summary in enumerate(summaries) if _is_known(summary.spent)
    ]
    if not known:
        return
    rows = tuple(
        (
            label(place),
            *spent_cells(summary.spent, summary.questions),
            *spent_cells(summary.spent, summary.right),
        )
        for place, summary in known
    )  # fmt: skip
    headings = ("", "TOKENS/QUESTION", "TIME", "COST", "TOKENS/RIGHT ANSWER", "TIME", "COST")
    yield Table("What answers took", headings, rows, note=_TIME)


def debater_table(summary: DebateSummary, level: float = LEVEL, title: str = "") -> Table:
    """Each debater in each round: accuracy, and what became of the answers before."""
    rows = [row for debater in summary.debaters for row in _debater_rows(debater, level)]
    changes = any(debater.changes for debater in summary.debaters)
    headings = ("DEBATER", "T", "ROUND", "ACCURACY", "NO ANSWER", *(_CHANGES if changes else ()))
    rows = [row[: len(headings)] for row in rows]
    note = "Changed: other answers than in the round before." if changes else ""
    return Table(f"{title}Debaters by round", headings, tuple(rows), note=note)


def vote_table(summary: DebateSummary, level: float = LEVEL, title: str = "") -> Table:
    """How often what most say is right, in three ways."""
    several = len(summary.rounds) > 1
    rows = tuple(
        (
            _VOTES[way] if several else "the only round", accuracy_text(vote.right, level),
            f"{vote.ties:,}", f"{vote.silent:,}", percent_text(vote.classic),
        )
        for way, vote in summary.votes.items()
    )  # fmt: skip
    return Table(
        f"{title}Majority votes",
        ("VOTE OF", "ACCURACY", "TIES", "NO ANSWER", "TIES GUESSED"),
        rows,
        note="A tie is no answer. The original lets the last voter of a tie win: ties guessed.",
    )


def round_table(summary: DebateSummary, level: float = LEVEL, title: str = "") -> Table:
    """All debaters together in each round."""
    over = any(together.over for together in summary.rounds)
    rows = tuple(
        (
            str(r + 1), accuracy_text(together.agreement, level), percent_text(together.pairwise),
            percent_text(together.vote.right), f"{together.vote.ties:,}",
            percent_text(together.best), *([f"{together.over:,}"] if over else []),
        )
        for r, together in enumerate(summary.rounds)
    )  # fmt: skip
    headings = ("ROUND", "ALL AGREE", "PAIRS AGREE", "MAJORITY", "TIES", "BEST DEBATER")
    note = "Questions that were over before keep their answers." if over else ""
    return Table(f"{title}Rounds", (*headings, *(["OVER BEFORE"] if over else [])), rows, note=note)


def pair_table(summary: DebateSummary, title: str = "") -> Table:
    """How often each two debaters agree, by round."""
    names = [one_line(debater.name) for debater in summary.debaters]
    rows = tuple(
        (
            f"{names[first]} and {names[second]}",
            *(percent_text(together.pairs.get((first, second))) for together in summary.rounds),
        )
        for first, second in combinations(range(len(names)), 2)
    )
    headings = ("DEBATERS", *(f"ROUND {r + 1}" for r in range(len(summary.rounds))))
    return Table(f"{title}Agreement of each two", headings, rows)


def comparison_tables(
    comparisons: Sequence[Comparison],
    places: Sequence[tuple[int, int]],
    *,
    level: float = LEVEL,
    mid_p: bool = False,
) -> Iterator[Table]:
    """How records differ on the questions that they share, and what that took.

    Args:
        comparisons: Of records two by two.
        places: Of the two records of each, among all, from 0; see `pairs_of`.
        level: Of the intervals.
        mid_p: Whether the p-values are mid-p ones.
    """
    if not comparisons:
        return
    pairs = [(label(a), label(b)) for a, b in places]
    several = len(comparisons) > 1
    rows = tuple(
        (
            f"{first} → {second}", points_text(one.pairs.difference, one.interval),
            *(
                p_text(p) if one.pairs.n else NONE
                for p in (one.p_value, one.adjusted_p)[: 1 + several]
            ),
            *(f"{count:,}" for count in (
                one.pairs.both, one.pairs.only_first, one.pairs.only_second, one.pairs.neither,
                one.unshared_first + one.unshared_second, one.disputed,
            )),
        )
        for (first, second), one in zip(pairs, comparisons, strict=True)
    )  # fmt: skip
    test = "McNemar's test with mid-p" if mid_p else "McNemar's exact test"
    adjusted = " Adjusted: by Holm's method, for all comparisons here." if several else ""
    yield Table(
        "Comparisons on shared questions",
        (
            "", "POINTS GAINED", "P", *(["ADJUSTED P"] if several else []), "BOTH RIGHT",
            "ONLY 1ST", "ONLY 2ND", "NEITHER", "UNSHARED", "DISPUTED",
        ),
        rows,
        note=f"In brackets: the {_level(level)} interval of Newcombe for paired shares. P: "
        f"{test}.{adjusted} Disputed questions have different right answers.",
    )  # fmt: skip
    if any(_is_known(one.extra) for one in comparisons):
        yield Table(
            "What the second takes more for a question",
            ("", "TOKENS", "TIME", "COST", "TOKENS/POINT", "TIME/POINT", "COST/POINT"),
            tuple(
                (f"{first} → {second}", *spent_cells(one.extra, 1), *_gained(one.per_point))
                for (first, second), one in zip(pairs, comparisons, strict=True)
            ),
            note="Of a percentage point gained; nothing where none was.",
        )


# ---------------------------------------------------------------- cells


def _debater_rows(debater: DebaterSummary, level: float) -> Iterator[tuple[str, ...]]:
    name = one_line(debater.name)
    for r, (right, missing) in enumerate(zip(debater.right, debater.not_found, strict=True)):
        changes = _change_cells(debater.changes[r - 1] if r else None)
        heat = f"{debater.temperatures[r]:g}" if r < len(debater.temperatures) else NONE
        unknown = NONE if right is None else f"{missing:,}"
        yield name, heat, str(r + 1), accuracy_text(right, level), unknown, *changes
    overall = debater.overall
    if overall is not None and overall.changed is not None and len(debater.changes) > 1:
        yield name, "", f"1 → {overall.after + 1}", "", "", *_change_cells(overall)


def _change_cells(changes: Changes | None) -> tuple[str, str, str]:
    if changes is None or changes.changed is None:
        return NONE, NONE, NONE
    changed = f"{changes.changed.count:,} of {changes.changed.of:,}"
    return changed, f"{changes.to_right:,}", f"{changes.to_wrong:,}"


def spent_cells(spent: Spent, number: int) -> tuple[str, str, str]:
    """Tokens, seconds and dollars of one, of so many."""
    if not number:
        return NONE, NONE, NONE
    one = spent.per(number)
    return (
        _amount(one.tokens, lambda tokens: large(round(tokens))),
        _amount(one.model_s, _seconds),
        _amount(one.cost_usd, dollars),
    )


def _amount(amount: float, text: Callable[[float], str]) -> str:
    """An amount that may be negative; nothing where it is 0, which stands for unknown too."""
    if not amount:
        return NONE
    size = text(abs(amount))
    # Of what is too small to show, the sign says nothing either.
    return f"-{size}" if amount < 0 and size[0] in "$0123456789" else size


def _seconds(seconds: float) -> str:
    """Such as `8.67 s` or `1,074 s`."""
    return f"{seconds:,.0f} s" if seconds >= 999.5 else f"{seconds:,.3g} s"


def _gained(per_point: Spent | None) -> tuple[str, str, str]:
    return (NONE, NONE, NONE) if per_point is None else spent_cells(per_point, 1)


def _mode(mode: str) -> str:
    return mode.replace("_", " ") or NONE


def _heat(summary: DebateSummary) -> str:
    """The debaters' temperatures in the first round, such as `0.2/0.8`; one if they are equal."""
    known = [f"{one.temperatures[0]:g}" if one.temperatures else NONE for one in summary.debaters]
    return "/".join(known if len(set(known)) > 1 else known[:1])


def _level(level: float) -> str:
    return f"{100 * level:g} %"


def _points(share: float) -> str:
    return f"{100 * share:.1f}"


def _signed(share: float) -> str:
    return f"{100 * share:+.1f}"


def _is_known(spent: Spent) -> bool:
    return bool(spent.tokens or spent.model_s or spent.cost_usd)
