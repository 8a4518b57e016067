"""What a launch sets over its design, chosen line by line before it starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from simulator.cli.finding import design_named
from simulator.cli.launch_options import LARGEST_SEED
from simulator.cli.menus.guide import Deed, Guide
from simulator.cli.menus.models import ask_for_model
from simulator.cli.menus.questions import Option
from simulator.domain.grids import merged
from simulator.domain.parameters import Parameter
from simulator.presentation.launches import option_words
from simulator.services import Services

MOST_REPETITIONS = 10_000
AS_DESIGNED = "as designed"


@dataclass
class Launch:
    """What was chosen so far; the rest is left to the design."""

    name: str
    """Of the design, as the verb `run` takes it."""
    parameters: Sequence[Parameter]
    """Those that can be set."""
    texts: dict[str, str] = field(default_factory=dict)
    """What was chosen, by the names of parameters; each stands for one value."""
    repeat: int = 1
    seed: int | None = None

    def words(self) -> list[str]:
        """The command line that starts it."""
        chosen = [one for one in self.parameters if one.name in self.texts]
        settings = [one.setting(one.read(self.texts[one.name])[0]) for one in chosen]
        words = ["run", self.name, *option_words(merged(settings))]
        if self.repeat > 1:
            words += ["--repeat", str(self.repeat)]
        if self.seed is not None:
            words += ["--seed", str(self.seed)]
        return words

    def now(self, parameter: Parameter) -> str:
        """What a parameter is as things stand; empty where nothing says it."""
        return self.texts.get(parameter.name, parameter.usual)


def launch(guide: Guide, name: str) -> None:
    """Ask what to set over a design, and start it; what was set stays until it was started."""

    async def parameters(services: Services) -> tuple[str, Sequence[Parameter]]:
        design, _ = await design_named(services, name)
        return design.name, services.kind(design.kind).parameters(design)

    called, settable = guide.look(parameters)
    chosen = Launch(name, settable)

    def start() -> bool:
        return guide.do(*chosen.words()) == 0

    def options() -> list[Option[Deed]]:
        return [
            Option("Start", start), *_lines(guide, chosen),
            Option(f"Repeat: {chosen.repeat}", partial(_set_repeat, guide, chosen)),
            Option(f"Seed: {'drawn' if chosen.seed is None else chosen.seed}",
                   partial(_set_seed, guide, chosen)),
        ]  # fmt: skip

    guide.stay(lambda: f"Launch {called}", options)


def _lines(guide: Guide, chosen: Launch) -> list[Option[Deed]]:
    """A line for each thing that can be set, and for each group of them, with what it is now."""
    groups: dict[str, list[Parameter]] = {}
    for parameter in chosen.parameters:
        groups.setdefault(parameter.group or parameter.name, []).append(parameter)
    return [
        _group(guide, chosen, name, members) if members[0].group
        else _line(guide, chosen, members[0])
        for name, members in groups.items()
    ]  # fmt: skip


def _line(guide: Guide, chosen: Launch, parameter: Parameter) -> Option[Deed]:
    label = f"{parameter.label.capitalize()}: {chosen.now(parameter) or AS_DESIGNED}"
    return Option(label, partial(_set, guide, chosen, parameter))


def _group(guide: Guide, chosen: Launch, name: str, members: Sequence[Parameter]) -> Option[Deed]:
    def options() -> list[Option[Deed]]:
        return [_line(guide, chosen, member) for member in members]

    known = {member.label: chosen.now(member) for member in members}
    shown = ", ".join(f"{label} {now}" for label, now in known.items() if now)
    title = name.capitalize()
    return Option(f"{title}: {shown or AS_DESIGNED}", lambda: guide.stay(lambda: title, options))


def _set(guide: Guide, chosen: Launch, parameter: Parameter) -> None:
    if parameter.meaning:
        guide.session.output.line(parameter.meaning, "dim")
    text = _asked(guide, chosen, parameter)
    chosen.texts.pop(parameter.name, None)
    if text and text != parameter.usual:
        chosen.texts[parameter.name] = text


def _asked(guide: Guide, chosen: Launch, parameter: Parameter) -> str:
    """What somebody wants a parameter to be; empty leaves it to the design."""
    usual = f"{AS_DESIGNED}: {parameter.usual}" if parameter.usual else AS_DESIGNED
    as_designed = Option[str | None](usual.capitalize(), None)
    if parameter.type == "model":
        return ask_for_model(guide, f"Which model, {parameter.label}?", as_designed) or ""
    if parameter.choices:
        choices = [Option[str | None](choice, choice) for choice in parameter.choices]
        return (
            guide.questions.pick(f"{parameter.label.capitalize()}?", [as_designed, *choices]) or ""
        )
    question = f"{parameter.label.capitalize()} (empty is {usual}):"
    return guide.questions.text(question, chosen.now(parameter), partial(fault_of, parameter))


def fault_of(parameter: Parameter, text: str) -> str | None:
    """What is wrong with one value of a parameter; None when nothing is, or it is left out."""
    try:
        values = parameter.read(text)
    except ValueError as error:
        return str(error)
    return "Type one value; the full-screen app launches several." if len(values) > 1 else None


def _set_repeat(guide: Guide, chosen: Launch) -> None:
    check = _whole_number(1, MOST_REPETITIONS)
    chosen.repeat = int(guide.questions.text("Repeat:", str(chosen.repeat), check))


def _set_seed(guide: Guide, chosen: Launch) -> None:
    now = "" if chosen.seed is None else str(chosen.seed)
    check = _whole_number(0, LARGEST_SEED)
    text = guide.questions.text(
        "Seed (empty draws one):", now, lambda text: check(text) if text else None
    )
    chosen.seed = int(text) if text else None


def _whole_number(least: int, most: int) -> Callable[[str], str | None]:
    def check(text: str) -> str | None:
        is_one = text.isascii() and text.isdecimal() and least <= int(text) <= most
        return None if is_one else f"Type a whole number from {least} to {most:,}."

    return check
