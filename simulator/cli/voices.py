"""How messages look: a colour for each role, the researcher and helpers apart."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from simulator.cli.output import Output
from simulator.files.transcripts import remarks
from simulator.presentation.ordering import Ordering
from simulator.presentation.safe_text import visible

if TYPE_CHECKING:
    from rich.rule import Rule
    from rich.text import Text

    from simulator.domain.journal import Step
    from simulator.domain.records import Agent

_COLOURS = ("cyan", "green", "magenta", "yellow", "blue", "bright_red", "bright_cyan", "white")
_RESEARCHER = "bold"
_HELPER = "dim italic"
_LONG = 20_000
"""Characters from which the terminal wraps a message, which is much faster than we are."""
_NOTHING = "(nothing)"


class Voices:
    """The style of each speaker, by the order of the roles."""

    def __init__(self, agents: Sequence[Agent]) -> None:
        roles = list(dict.fromkeys(agent.role for agent in agents if agent.number))
        self._styles = {role: _COLOURS[place % len(_COLOURS)] for place, role in enumerate(roles)}
        # What some say has a role of its own, such as the rule of a learner.
        self._roles = {agent.name: agent.role for agent in agents if agent.number}
        self._helpers = {agent.name for agent in agents if not agent.number}

    def style(self, speaker: str, role: str) -> str:
        """The style of somebody's words."""
        if speaker in self._helpers:
            return _HELPER
        own = self._styles.get(self._roles.get(speaker, ""), _RESEARCHER)
        return self._styles.get(role, own)


class Printer:
    """Prints the messages of a run one after another, with a heading for each day."""

    def __init__(
        self,
        output: Output,
        agents: Sequence[Agent],
        *,
        numbered: bool = False,
        raw: bool = False,
        reasoning: bool = False,
        prefix: str = "",
        ordering: Ordering | None = None,
        tokens: bool = False,
    ) -> None:
        """Print to `output`.

        Args:
            output: A terminal, or plain text.
            agents: The run's.
            numbered: Whether each message shows its number, as `fork --at` takes it.
            raw: Whether replies that were cleaned also show as the model gave them.
            reasoning: Whether what models thought aloud also shows.
            prefix: Before each plain line.
            ordering: How the run is read; None is by days.
            tokens: Whether it also shows what was likely at each soft token.
        """
        self._output = output
        self._voices = Voices(agents)
        self._numbered = numbered
        self._raw = raw
        self._reasoning = reasoning
        self._prefix = prefix
        self._ordering = ordering or Ordering()
        self._tokens = tokens
        self._before: tuple[str, int | None] | None = None

    def message(self, step: Step, *, faded: bool = False) -> None:
        """Print a message for good; `faded` where it was said before, on a terminal."""
        number = f"{step.position:>3} " if self._numbered else ""
        if self._output.is_live:
            self._styled(step, number, self._heading(step), faded)
        else:
            self._plain(step, number)

    def _extras(self, step: Step) -> dict[str, str]:
        """What else there is to read of a message, by what it is."""
        call, extras = step.call, {}
        if call is not None and self._reasoning and call.reasoning:
            extras["thought before it spoke"] = call.reasoning
        if call is not None and self._raw and call.raw != step.content:
            extras["as the model gave it"] = call.raw
        if self._tokens and step.soft_tokens:
            from simulator.presentation.soft_tokens import token_lines

            extras["soft tokens"] = "\n".join(
                [f"{len(step.soft_tokens):,}", *token_lines(step.soft_tokens)]
            )
        return extras

    def _heading(self, step: Step) -> Rule | None:
        heading = self._ordering.heading(step.scope, step.day, self._before)
        self._before = (step.scope, step.day)
        if not heading:
            return None
        from rich.rule import Rule
        from rich.text import Text

        return Rule(Text(heading), style="dim", align="left")

    def _styled(self, step: Step, number: str, heading: Rule | None, faded: bool) -> None:
        from rich.padding import Padding
        from rich.text import Text

        style = "dim" if faded else self._voices.style(step.speaker, step.role)
        text = Text()
        text.append(visible(step.speaker), f"bold {style}")
        text.append(f"{self._notes(step)}: ", "dim")
        words = visible(step.content).strip()
        text.append(words or _NOTHING, style if words else "dim italic")
        self._put(text, number, heading)
        for name, words in self._extras(step).items():
            extra = Text(f"{name}: {visible(words)}", "dim")
            if len(words) > _LONG:
                self._put(extra)
            else:
                self._output.show(Padding(extra, (0, 0, 0, 4)))

    def _put(self, text: Text, number: str = "", heading: Rule | None = None) -> None:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        shown_number = Text(number, "dim")
        # All at once: each print draws the region below anew.
        above = () if heading is None else (heading,)
        if len(text) > _LONG:
            for one in above:
                self._output.show(one)
            self._output.console.print(shown_number + text, soft_wrap=True)
        elif number:
            beside = Table.grid()
            # By default, cells drop letters that rich's wrapping leaves over beside wide ones.
            beside.add_column()
            beside.add_column(overflow="fold")
            beside.add_row(shown_number, text)
            self._output.show(Group(*above, beside))
        else:
            self._output.show(Group(*above, text))

    def _plain(self, step: Step, number: str) -> None:
        where = self._ordering.where(step.scope, step.day)
        told = f"[{where}] " if where else ""
        head = f"{self._prefix}{number}{told}{visible(step.speaker)}{self._notes(step)}: "
        sys.stdout.write(f"{head}{_indented(step.content) or _NOTHING}\n")
        for name, words in self._extras(step).items():
            sys.stdout.write(f"    {name}: {_indented(words)}\n")
        sys.stdout.flush()

    def _notes(self, step: Step) -> str:
        edited = ["edited"] if step.edited else []
        notes = [*self._ordering.notes(step), *edited, *remarks(step)]
        return f" ({', '.join(notes)})" if notes else ""


def _indented(text: str) -> str:
    """Lines after the first are moved in, so that none looks like a message of its own."""
    return visible(text).strip().replace("\n", "\n    ")
