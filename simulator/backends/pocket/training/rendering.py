"""System prompts of the seed designs, rendered as the product renders them.

A minimal stand-in for the product's own renderer: the corpus must be reproducible on its own.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

_TAG = re.compile(r"<([A-Za-z]+)_([A-Za-z_]+)>")
_WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
_VERBS = {"be": ("is", "are"), "have": ("has", "have")}


@dataclass(frozen=True)
class Agent:
    """One speaker: the name with three digits and the role in lower case."""

    name: str
    role: str


@dataclass(frozen=True)
class Setting:
    """A design with chosen factor levels and counts."""

    design: dict[str, Any]
    levels: dict[str, str]
    sections: dict[str, dict[str, str]]
    cast: tuple[Agent, ...]

    def of_role(self, role: str) -> list[str]:
        """Names of the agents of one role."""
        return [a.name for a in self.cast if a.role == role]


def load_designs(folder: Path) -> dict[str, dict[str, Any]]:
    """Seed designs of conversations of a folder by file stem.

    Raises:
        FileNotFoundError: the folder holds none.
    """
    yaml = YAML(typ="safe", pure=True)
    every = {p.stem: yaml.load(p.read_text(encoding="utf-8")) for p in folder.glob("*.yaml")}
    found = {stem: design for stem, design in every.items() if "roles" in design}
    if not found:
        raise FileNotFoundError(f"no seed designs in {folder}")
    return found


def names_of(names: list[str]) -> str:
    """Names as a list in words: "A", "A and B", "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def draw_cast(rng: random.Random, counts: dict[str, int]) -> tuple[Agent, ...]:
    """Agents in role order with distinct random numbers."""
    numbers = rng.sample(range(1000), sum(counts.values()))
    roles = [role for role, n in counts.items() for _ in range(n)]
    return tuple(
        Agent(f"{role.capitalize()}_{number:03d}", role)
        for role, number in zip(roles, numbers, strict=True)
    )


def draw_setting(
    rng: random.Random, design: dict[str, Any], counts: dict[str, int], p_default: float = 0.0
) -> Setting:
    """A setting with random levels; with `p_default` every factor stays at its first level."""
    factors: dict[str, dict[str, Any]] = design.get("factors", {})
    stay = rng.random() < p_default
    levels = {f: next(iter(ls)) if stay else rng.choice(list(ls)) for f, ls in factors.items()}
    sections = {role["name"]: dict(role.get("sections", {})) for role in design["roles"]}
    sections["shared"] = dict(design.get("shared_sections", {}))
    sections["summarizer"] = dict(design["summarizer"].get("sections", {}))
    for factor, level in levels.items():
        for target, texts in factors[factor][level].items():
            sections[target].update(texts)
    return Setting(design, levels, sections, draw_cast(rng, counts))


def render(setting: Setting, target: Agent | str) -> str:
    """System prompt of an agent, or of the summarizer when `target` is "summarizer"."""
    if isinstance(target, str):
        start = setting.design["summarizer"]["starting_prompt"]
        titled = setting.sections["summarizer"]
        order = list(titled)
    else:
        role = next(r for r in setting.design["roles"] if r["name"] == target.role)
        start = role["starting_prompt"]
        titled = setting.sections["shared"] | setting.sections[target.role]
        listed = [t for t in setting.design.get("section_order", []) if t in titled]
        order = listed + [t for t in titled if t not in listed]
    pieces = [f"{start}\n"] + [f"## {t}\n\n{titled[t]}\n" for t in order if titled[t]]
    return fill("\n".join(pieces), setting, target)


def fill(text: str, setting: Setting, target: Agent | str) -> str:
    """Text with its placeholders replaced for this target."""

    def value(match: re.Match[str]) -> str:
        head, kind = match[1].lower(), match[2].lower()
        if head in ("self", "others"):
            mine = target.name if isinstance(target, Agent) else ""
            names = [a.name for a in setting.cast if a.name != mine]
            out = mine if head == "self" else names_of(names)
        elif head == "agents":
            out = str(len(setting.cast))
        elif head == "roles":
            out = str(len({a.role for a in setting.cast}))
        else:
            out = _role_value(head, kind, setting.of_role(head))
        return (
            out[:1].upper() + out[1:] if match[1][0].isupper() and match[1][1:].islower() else out
        )

    return _TAG.sub(value, text)


def _role_value(role: str, kind: str, names: list[str]) -> str:
    n = len(names)
    if kind.startswith("verb_"):
        base = kind.removeprefix("verb_")
        one, many = _VERBS.get(base, (base + "s", base))
        return one if n == 1 else many
    noun = role if n == 1 else role + "s"
    return {
        "num": str(n),
        "num_word": _WORDS[min(n, 10)],
        "noun": noun,
        "a_noun": f"a {role}",
        "poss": noun + ("'s" if n == 1 else "'"),
        "pron": "they",
        "posspron": "their",
        "names": names_of(names),
    }[kind]
