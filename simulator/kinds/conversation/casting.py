"""From a resolved design to agents: unique names and rendered prompts."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from simulator.domain.records import Agent
from simulator.domain.seeds import derive_rng
from simulator.kinds.conversation.design import ConversationDesign, Role, Section, Summarizer
from simulator.kinds.conversation.forecast import with_context
from simulator.kinds.conversation.parameters import SELECTOR, title_key
from simulator.kinds.conversation.placeholders import Facts, RoleFacts, fill

RESEARCHER = "Researcher"
SUMMARIZER_NAME = "Summarizer"
SELECTOR_NAME = "Selector"


def cast(design: ConversationDesign, seed: int) -> tuple[Agent, ...]:
    """The participants in role order, then the helpers that the design uses.

    Each asks for as much context as a forecast says, unless the design says how much.

    Args:
        design: Resolved.
        seed: The run's; it settles the names.
    """
    rng = derive_rng(seed, "names")
    names = {role.name: _names(role, rng) for role in design.roles}
    facts = Facts(
        roles=tuple(
            RoleFacts(role.name, role.count, role.pronouns, names[role.name])
            for role in design.roles
        ),
        days=design.days,
        messages=design.messages,
    )
    agents = [
        Agent(
            name=name,
            role=role.name,
            number=number,
            model=role.model or design.model,
            sampling=design.sampling.updated(role.sampling),
            system_prompt=_agent_prompt(design, role, name, facts),
        )
        for role in design.roles
        for number, name in enumerate(names[role.name], 1)
    ]
    if design.summarizer is not None and design.summarized_days:
        agents.append(_summarizer(design, design.summarizer, facts))
    if design.speaker.method == "auto":
        agents.append(_selector(design, [agent.name for agent in agents if agent.number]))
    return with_context(design, agents, opening_message(design, agents))


def opening_message(design: ConversationDesign, agents: Sequence[Agent]) -> str:
    """The starting message with its placeholders filled."""
    names: dict[str, list[str]] = {role.name: [] for role in design.roles}
    for agent in agents:
        if agent.number:
            names[agent.role].append(agent.name)
    facts = Facts(
        roles=tuple(
            RoleFacts(role.name, role.count, role.pronouns, tuple(names[role.name]))
            for role in design.roles
        ),
        days=design.days,
        messages=design.messages,
    )
    return fill(design.starting_message, facts)


def _names(role: Role, rng: Random) -> tuple[str, ...]:
    """`Guard_117`: the role and three digits, or more for many agents, all different."""
    digits = 3 if role.count <= 100 else 5
    stem = "_".join(role.name.replace("_", " ").split()).capitalize()
    numbers = rng.sample(range(10**digits), role.count)
    return tuple(f"{stem}_{number:0{digits}d}" for number in numbers)


def _agent_prompt(design: ConversationDesign, role: Role, name: str, facts: Facts) -> str:
    mine = Facts(
        roles=facts.roles, days=facts.days, messages=facts.messages, self_name=name,
        self_role=role.name,
    )  # fmt: skip
    pieces = [f"{role.starting_prompt.rstrip()}\n"]
    pieces += [
        section_text(section) for section in in_order(design, role.sections, design.shared_sections)
    ]
    return fill("\n".join(pieces), mine)


def section_text(section: Section) -> str:
    """A titled section as it stands in a prompt."""
    title = " ".join(section.title.replace("_", " ").split())
    return f"## {title[:1].upper()}{title[1:]}\n\n{section.content.rstrip()}\n"


def in_order(
    design: ConversationDesign, private: Sequence[Section], shared: Sequence[Section]
) -> list[Section]:
    """Sections as the prompt has them.

    By `section_order`, titles that it leaves out at the end, private ones first. Classic: all
    private sections before all shared ones, each group by `section_order`.
    """
    order = {title_key(title): place for place, title in enumerate(design.section_order)}

    def place(section: Section) -> int:
        return order.get(title_key(section.title), len(order))

    if design.classic:
        return [*sorted(private, key=place), *sorted(shared, key=place)]
    return sorted([*private, *shared], key=place)


def _summarizer(design: ConversationDesign, summarizer: Summarizer, facts: Facts) -> Agent:
    pieces = [f"{summarizer.starting_prompt.rstrip()}\n"]
    pieces += [section_text(section) for section in in_order(design, summarizer.sections, ())]
    joint = "\n\n" if design.classic else "\n"
    return Agent(
        name=SUMMARIZER_NAME,
        role="summarizer",
        number=0,
        model=summarizer.model or design.model,
        sampling=design.sampling.updated(summarizer.sampling),
        system_prompt=fill(joint.join(pieces), facts),
    )


def _selector(design: ConversationDesign, names: Sequence[str]) -> Agent:
    who = " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)
    return Agent(
        name=SELECTOR_NAME,
        role=SELECTOR,
        number=0,
        model=design.selector.model or design.model,
        sampling=design.selector.sampling,
        system_prompt=(
            f"You choose who speaks next in a conversation. The participants are {who}."
        ),
    )
