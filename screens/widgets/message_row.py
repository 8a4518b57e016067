"""A message as a row: what is written of it, and how it is divided into columns."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from screens.widgets.wrapping import WrappedText
from simulator.domain.journal import Step
from simulator.files.transcripts import remarks
from simulator.presentation.safe_text import one_line, visible
from simulator.presentation.scores import unheard_text
from simulator.presentation.soft_tokens import token_lines

NOTHING = "(nothing)"
LONGEST_NAME = 20
"""Cells of names; longer ones are cut."""
ROOM_FOR_WORDS = 32
"""Cells that words need beside the names; names stand above them where there are less."""
BAR = 2
"""Cells of the bar before a helper's words."""
TAB = 4
_LOOSE_END = re.compile("[\u200c\u200d]+\\Z")


@dataclass(frozen=True, slots=True)
class Columns:
    """How the lines of messages are divided, in cells."""

    width: int
    number: int
    """Of message numbers; 0 shows none."""
    name: int
    """Of names; 0 where they stand above the words."""

    @classmethod
    def of(cls, width: int, number: int, name: int) -> Columns:
        """Those that fit.

        Args:
            width: Of all.
            number: Digits of the highest number; 0 shows none.
            name: Of the longest name, without its mark.
        """
        number = number + 1 if number else 0
        name = min(name, LONGEST_NAME) + 3
        if width - 1 - number - name < ROOM_FOR_WORDS:
            return cls(width, number, 0)
        return cls(width, number, name)

    @property
    def indent(self) -> int:
        """Where words begin."""
        return 1 + self.number + self.name if self.name else 3

    @property
    def words(self) -> int:
        """Of words."""
        return max(2, self.width - self.indent)


@lru_cache(maxsize=1000)
def shown_name(speaker: str) -> str:
    """A name as it is seen."""
    return one_line(speaker)


class MessageRow:
    """One step, or the turn in progress."""

    __slots__ = ("_columns", "_notes", "_words", "body", "day", "has_tokens", "heading",
                 "is_helper", "is_live", "is_part", "is_top", "key", "notice", "role", "scope",
                 "section", "speaker", "step")  # fmt: skip

    def __init__(
        self,
        step: Step | None,
        speaker: str,
        role: str,
        day: int | None,
        *,
        is_helper: bool,
        notes: Sequence[str] = (),
    ) -> None:
        self.step = step
        """None while the turn is in progress."""
        self.speaker = shown_name(speaker)
        self.role = role
        self.day = day
        self.is_helper = is_helper
        self.is_live = step is None
        self.scope = "" if step is None else step.scope
        self.section: int | None = None
        """Number of the part of the run that it belongs to; None where there are none."""
        self.key: tuple[float, ...] = ()
        """What rows are sorted by."""
        self.has_tokens = False
        """Whether its soft tokens are shown, if it has any."""
        self._notes = notes
        self.heading: str | None = None
        """Above it, such as `Day 2`."""
        self.is_part = False
        """Whether that begins a part of the run, such as a question."""
        self.is_top = False
        """Whether nothing stands above that."""
        self.notice: str | None = None
        """Above that, of messages that are not shown."""
        self.body = (0, 0)
        """Where its own words begin and end in what is written."""
        self._words: WrappedText | None = None
        self._columns: Columns | None = None

    @property
    def words(self) -> WrappedText:
        """What is written: the words, with what is to be known of them above and below."""
        if self._words is None:
            self._words = WrappedText(self._written())
        return self._words

    def _written(self) -> str:
        step = self.step
        above = "summary\n" if self.is_helper else ""
        if step is None:
            return above
        said = step.content if step.in_transcript else unheard_text(step)
        said = visible(said).strip("\n").rstrip().expandtabs(TAB)
        known = [*self._notes, *(["edited"] if step.edited else []), *remarks(step)]
        self.body = (len(above), len(above) + len(said))
        lines = [f"{above}{said or NOTHING}", *([f"({', '.join(known)})"] if known else [])]
        if self.has_tokens:
            lines += token_lines(step.soft_tokens)
        return "\n".join(lines)

    def show_tokens(self, shown: bool) -> bool:
        """Show or hide its soft tokens; whether that changed anything."""
        if self.step is None or not self.step.soft_tokens or shown == self.has_tokens:
            return False
        self.has_tokens = shown
        self._words = self._columns = None
        return True

    # ------------------------------------------------------------ lines

    @property
    def before(self) -> int:
        """Lines above the words."""
        stacked = self._columns is not None and not self._columns.name
        heading = 0 if self.heading is None else 1 if self.is_top else 2
        return heading + (self.notice is not None) + stacked

    @property
    def height(self) -> int:
        """See `Row`."""
        if self._words is None or self._columns is None:
            length = len(self.step.content) if self.step is not None else 0
            return self.before + 1 + length // (self._columns.words if self._columns else 60)
        return self.before + self._words.height

    def wrap(self, columns: Hashable) -> None:
        """See `Row`."""
        assert isinstance(columns, Columns)
        if columns != self._columns:
            self._columns = columns
            self.words.wrap(columns.words - (BAR if self.is_helper else 0))

    def find(self, most: int | None) -> bool:
        """See `Row`."""
        return self.words.find(most)

    def place(self, line: int) -> int:
        """See `Row`: a character of the words, or how many lines above them."""
        line -= self.before
        return line if line < 0 else self.words.line(line)[0]

    def line_at(self, place: int) -> int:
        """See `Row`."""
        if place < 0:
            return max(0, self.before + place)
        return self.before + self.words.line_at(place)


class LiveRow(MessageRow):
    """The turn in progress."""

    __slots__ = ("_held", "_last")

    def __init__(self, speaker: str, role: str, day: int | None, *, is_helper: bool) -> None:
        super().__init__(None, speaker, role, day, is_helper=is_helper)
        self._last = ""
        self._held = ""

    def stream(self, piece: str) -> None:
        """Add to what is said; joiners wait for what they join."""
        raw = self._held + piece
        loose = _LOOSE_END.search(raw)
        raw, self._held = (raw[: loose.start()], loose[0]) if loose else (raw, "")
        if raw:
            # What is shown of a character can depend on the one before it.
            shown = visible(self._last + raw)[len(visible(self._last)) :]
            self.words.append(shown.replace("\t", " " * TAB))
            self._last = raw[-1]
