"""Examples of what agents of a game of telephone would read, for who writes a design."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.kinds.telephone.casting import cast
from simulator.kinds.telephone.design import Network, OutputFormat, TelephoneDesign
from simulator.kinds.telephone.play import AUTHOR
from simulator.kinds.telephone.prompts import asking
from simulator.presentation.wording import counted

UNREAD = "(an initial text, once they are read in at the launch)"
_MOST_TEXTS = 100


def told(design: TelephoneDesign) -> Iterator[tuple[str, str]]:
    """What the first agent is asked with the first text, and later; then the initial texts.

    Args:
        design: Resolved.

    Yields:
        A title, and the prompt without the system prompt; texts of agents are named in brackets.
    """
    text = design.texts[0].text if design.texts else UNREAD
    yield "Asked in generation 1, for example", _asked(design, {AUTHOR: text}, 1)
    if not design.is_sequence:
        read = {f"Agent {number}": _written(number) for number in (1, 2)}
        yield "Asked in later generations, for example", _asked(design, read, 2)
    elif design.prompts.later:
        read = {AUTHOR: "[the text of the generation before]"}
        yield "Asked in later generations", _asked(design, read, 2)
    if design.texts:
        names = [
            f"{one.name} · {counted(len(one.text), 'character')}"
            for one in design.texts[:_MOST_TEXTS]
        ]
        if len(design.texts) > _MOST_TEXTS:
            names.append(f"and {len(design.texts) - _MOST_TEXTS:,} more")
        yield counted(len(design.texts), "initial text"), "\n".join(names)


def network_text(design: TelephoneDesign) -> str:
    """Such as `caveman, 6 agents in 2 cliques`."""
    network = design.network
    if design.is_sequence:
        return "sequence: each agent reads the one before"
    extra = _of_structure(network)
    return f"{network.structure}, {counted(network.agents, 'agent')}{extra}".replace("_", " ")


def format_text(form: OutputFormat) -> str:
    """How replies must look; empty where they may look as they please."""
    if not form.is_given:
        return ""
    looks = f"matches {form.pattern}" if form.pattern else (
        f"from {form.start or 'the start'} to {form.end or 'the end'}"
    )  # fmt: skip
    return f"{looks}, else asked again up to {counted(form.retries, 'time')}"


def _of_structure(network: Network) -> str:
    match network.structure:
        case "caveman":
            return f" in {counted(network.cliques, 'clique')}"
        case "random":
            return f", {counted(network.edges, 'pair')} drawn"
        case "own":
            return f", {counted(len(network.own), 'pair')}"
    return ""


def _asked(design: TelephoneDesign, read: dict[str, str], generation: int) -> str:
    return list(asking(design, cast(design)[0], read, generation))[-1].content


def _written(number: int) -> str:
    return f"[what Agent {number} wrote in the generation before]"
