"""What is known of a run before it plays, for headers and progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.domain.records import Interjections, Outlook
from simulator.presentation.safe_text import one_line
from simulator.presentation.wording import counted, plural

if TYPE_CHECKING:
    from simulator.domain.journal import Step
    from simulator.domain.ports import Kind
    from simulator.domain.records import Agent, Run


@dataclass(frozen=True, slots=True)
class Plan:
    """A run and what its design foresees."""

    run: Run
    name: str
    """Of the design."""
    turns: int | None
    """How many times agents will speak, unless something ends it earlier."""
    days: int | None
    levels: tuple[str, ...]
    """Of the factors, such as `goal=escape`."""
    needs_person: bool
    interjections: Interjections = "none"
    design: Any = None
    """Resolved; None where it is not at hand."""
    unforeseen: frozenset[str] = frozenset()
    """Roles of messages that may come beside the turns."""

    def is_turn(self, step: Step) -> bool:
        """Whether a step is a turn of a participant, of those that are foreseen."""
        if not step.in_transcript or step.role in self.unforeseen:
            return False
        return any(agent.number and agent.name == step.speaker for agent in self.run.agents)

    @property
    def condition(self) -> str:
        """All levels, such as `goal=escape, risks=no`; empty without factors."""
        return ", ".join(self.levels)

    @property
    def models(self) -> str:
        """The models of the run; where they differ, with their roles."""
        return models_text(self.run.agents)

    @property
    def length(self) -> str:
        """Such as `10 messages over 2 days`."""
        return length_text(self.turns, self.days, self.run.kind)


def models_text(agents: Sequence[Agent]) -> str:
    """The models of a run; where they differ, with their roles."""
    by_model: dict[str, list[str]] = {}
    for agent in agents:
        roles = by_model.setdefault(agent.model, [])
        if agent.role not in roles:
            roles.append(agent.role)
    if len(by_model) == 1:
        return next(iter(by_model))
    return ", ".join(f"{'+'.join(roles)}={model}" for model, roles in by_model.items())


def day_word(kind: str) -> str:
    """What people call a day of a run."""
    words = {"debate": "round", "telephone": "generation", "iterated": "generation"}
    return words.get(kind, "day")


def length_text(turns: int | None, days: int | None, kind: str = "") -> str:
    """Such as `10 messages over 2 days`; empty where it is not foreseen.

    Args:
        turns: Of agents.
        days: None where the kind knows no days.
        kind: Of the run.
    """
    if turns is None:
        return ""
    over = "" if days in (None, 1) else f" over {days} {plural(day_word(kind))}"
    return f"{counted(turns, 'message')}{over}"


def levels_of(outlook: Outlook) -> tuple[str, ...]:
    """The level that a run has of each factor, such as `goal=escape`."""
    return tuple(f"{factor}={level}" for factor, level in outlook.condition)


def plan_of(kind: Kind, run: Run, design: Any) -> Plan:
    """The plan of a run, from its resolved design."""
    outlook = kind.outlook(design)
    return Plan(
        run=run,
        name=design.name,
        turns=outlook.turns,
        days=outlook.days,
        levels=levels_of(outlook),
        needs_person=outlook.needs_person,
        interjections=outlook.interjections,
        design=design,
        unforeseen=outlook.unforeseen,
    )


def parameters_text(parameters: Mapping[str, Any]) -> str:
    """What a launch set, on one line."""
    parts: list[str] = []
    for key, value in parameters.items():
        if isinstance(value, list):
            parts += [
                f"{key}.{entry.get('role') or entry.get('name')}="
                f"{entry.get('count') or entry.get('value')}"
                for entry in value
                if isinstance(entry, dict)
            ]
            plain = [entry for entry in value if not isinstance(entry, dict)]
            parts += [f"{key}={'/'.join(map(_listed, plain))}"] if plain else []
        elif isinstance(value, dict):
            parts += [f"{key}.{name}={item}" for name, item in value.items()]
        else:
            parts.append(f"{key}={value}")
    return one_line(
        " ".join(
            part.removeprefix("levels.").removeprefix("agents.").removeprefix("sampling.")
            for part in parts
        )
    )


def _listed(value: Any) -> str:
    """A number or a word of a list, or the numbers of a list in it."""
    return ",".join(map(_listed, value)) if isinstance(value, list) else str(value)
