"""Which messages of a run are shown, and where words stand in them."""

from __future__ import annotations

from collections import Counter
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widgets import Static

from screens.dialogs import AskText, Pick
from screens.transcript.run_screen import RunScreen
from screens.transcript.search_bar import SearchBar
from screens.widgets.searching import MOST
from screens.widgets.transcript_view import TranscriptView
from simulator.presentation.ordering import Ordering
from simulator.presentation.plans import day_word
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted, plural

EVERYBODY = ""
NOTHING_SUCH = "No message is like that."


class Sifting(RunScreen):
    """Filters and search."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "search", "Search", key_display="/", id="transcript.search",
                tooltip="Find words; n and N go from place to place"),
        Binding("s", "speaker", "Speaker", id="transcript.speaker",
                tooltip="Show the messages of one speaker"),
        Binding("d", "day", "Day", show=False, id="transcript.day",
                tooltip="Show the messages of one day, of a round or of a generation"),
        Binding("right_square_bracket", "part(1, 'question')", "Next question", key_display="]",
                id="transcript.next_question", tooltip="Go to the next question of a debate"),
        Binding("left_square_bracket", "part(-1, 'question')", "Question before",
                key_display="[", show=False, id="transcript.question_before",
                tooltip="Go to where this question begins, then to the one before"),
        Binding("right_square_bracket", "part(1, 'chain')", "Next chain", key_display="]",
                id="transcript.next_question",
                tooltip="Go to the next chain of a game of telephone"),
        Binding("left_square_bracket", "part(-1, 'chain')", "Chain before", key_display="[",
                show=False, id="transcript.question_before",
                tooltip="Go to where this chain begins, then to the one before"),
        Binding("right_square_bracket", "part(1, 'generation')", "Next generation",
                key_display="]", id="transcript.next_question",
                tooltip="Go to the next generation of learners"),
        Binding("left_square_bracket", "part(-1, 'generation')", "Generation before",
                key_display="[", show=False, id="transcript.question_before",
                tooltip="Go to where this generation begins, then to the one before"),
        Binding("number_sign", "go_to_part", "Go to", key_display="#", show=False,
                id="transcript.go_to_part",
                tooltip="Go to the question of a debate, the chain of a game of telephone, or the "
                        "generation of learners that has this number"),
        Binding("w", "parts", "Which", id="transcript.questions",
                tooltip="Show questions that are answered wrongly, or where answers changed; "
                        "chains of one text, or those that are complete; generations whose rules "
                        "are wrong"),
        Binding("a", "all", "All steps", show=False, id="transcript.all",
                tooltip="Also show what nobody heard, such as choices of a speaker and scores"),
    ]  # fmt: skip

    has_all: bool = False
    """Whether steps that nobody heard are shown too."""
    _which: str = ""
    """Which parts are shown, in words."""

    @property
    def _day_word(self) -> str:
        return day_word(self.reading.run.kind) if self.reading is not None else "day"

    @property
    def _ordering(self) -> Ordering:
        return self.reading.ordering if self.reading is not None else Ordering()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of parts are those of runs whose parts are played side by side."""
        match action:
            case "part":
                return self._ordering.part in parameters
            case "go_to_part":
                return bool(self._ordering.part)
            case "parts":
                return self._ordering.parts is not None
        return super().check_action(action, parameters)

    def show_filters(self) -> None:
        """Say what is shown, unless it is everything."""
        view = self.view
        parts = [
            f"only {one_line(view.speaker)}" if view.speaker is not None else "",
            f"only {self._day_word} {view.day}" if view.day is not None else "",
            f"only {one_line(self._which)}" if view.sections is not None else "",
            "with steps that nobody heard" if self.has_all else "",
        ]
        shown = " · ".join(filter(None, parts))
        line = self.query_one("#filters", Static)
        line.update(f"{shown} · {counted(len(view.rows), 'message')} · esc shows all")
        line.display = bool(shown)
        if view.steps and not view.rows:
            view.empty = NOTHING_SUCH
            view.refresh()

    @work(exclusive=True, group="ask")
    async def action_speaker(self) -> None:
        """Choose whose messages are shown."""
        counts = Counter(step.speaker for step in self.view.steps)
        offered = [("everybody", EVERYBODY)]
        offered += [
            (f"{name} · {counted(number, 'message')}", name) for name, number in counts.items()
        ]
        chosen = await self.app.push_screen_wait(Pick("Show the messages of whom?", offered))
        if chosen is not None:
            view = self.view
            view.filter(speaker=chosen or None, day=view.day, sections=view.sections)
            self.show_filters()

    @work(exclusive=True, group="ask")
    async def action_day(self) -> None:
        """Choose the day that is shown."""
        counts = Counter(step.day for step in self.view.steps if step.day is not None)
        word = self._day_word
        offered = [(f"every {word}", EVERYBODY)]
        offered += [
            (f"{word} {day} · {counted(counts[day], 'message')}", str(day))
            for day in sorted(counts)
        ]
        chosen = await self.app.push_screen_wait(Pick(f"Show which {word}?", offered))
        if chosen is not None:
            view, day = self.view, int(chosen) if chosen else None
            view.filter(speaker=view.speaker, day=day, sections=view.sections)
            self.show_filters()

    def action_part(self, by: int, part: str) -> None:
        """Go to the next part, or with -1 to where this one or the last begins."""
        self.view.go_to_section(by)

    @work(exclusive=True, group="ask")
    async def action_go_to_part(self) -> None:
        """Ask for the number of a question, a chain or a generation, and go there."""
        ordering = self._ordering
        part, last = ordering.part, ordering.parts
        hint = f"A number from 1 to {last:,}." if last is not None else "A number from 1 on."

        def fault(answer: str) -> str | None:
            number = int(answer) if answer.strip().isdecimal() else 0
            return hint if number < 1 or (last is not None and number > last) else None

        answer = await self.app.push_screen_wait(
            AskText(f"Go to which {part}?", hint=hint, check=fault, yes="Go")
        )
        if answer is not None and not self.view.go_to_part(int(answer)):
            self.tell(f"No message of {part} {int(answer)} is shown.", severity="warning")

    @work(exclusive=True, group="ask")
    async def action_parts(self) -> None:
        """Choose which questions, chains or generations are shown."""
        part, kinds = self._ordering.part, self._ordering.sorts()
        offered = [(f"all {plural(part)}", EVERYBODY)]
        offered += [
            (f"{name} · {counted(len(numbers), part)}", name) for name, numbers in kinds.items()
        ]
        chosen = await self.app.push_screen_wait(Pick(f"Show which {plural(part)}?", offered))
        if chosen is not None:
            view, self._which = self.view, chosen
            view.filter(speaker=view.speaker, day=view.day, sections=kinds.get(chosen))
            self.show_filters()

    def action_all(self) -> None:
        """Show or hide what nobody heard."""
        self.has_all = not self.has_all
        self.show_again()

    def show_again(self) -> None:
        """Show the messages anew, with the cursor where it was."""
        if self.reading is None:
            return
        while self.reading.arrived():
            pass
        here, view = self.view.current, self.view
        steps = self.reading.steps.values()
        view.show([step for step in steps if self.has_all or step.in_transcript],
                  at_end=view.is_following)  # fmt: skip
        if here is not None and not view.is_following:
            view.go_to(here)
        self.show_filters()

    # ------------------------------------------------------------ search

    def action_search(self) -> None:
        """Type words to find."""
        self.query_one(SearchBar).open()

    @on(SearchBar.Changed)
    def _search(self, event: SearchBar.Changed) -> None:
        self.view.look_for(event.words)

    @on(SearchBar.Entered)
    def _go_on(self) -> None:
        self.view.action_next_match(1)
        self.view.focus()

    @on(SearchBar.Closed)
    def _end_search(self) -> None:
        self.view.look_for("")
        self.view.focus()

    @on(TranscriptView.Searched)
    def _tell_search(self) -> None:
        search = self.view.search
        bar = self.query_one(SearchBar)
        if search is None:
            bar.tell("")
        elif not search.found:
            bar.tell("not found" if search.is_whole else "searching …")
        else:
            more = "+" if len(search.found) >= MOST or not search.is_whole else ""
            bar.tell(f"{self.view.match_number:,} of {len(search.found):,}{more} · n N")
