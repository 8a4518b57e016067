"""Speakers can be read on every theme, and told apart without colours."""

from __future__ import annotations

import pytest
from textual.app import App
from textual.color import Color

from screens.themes import HIGH_CONTRAST, THEMES
from screens.voices import Voices
from simulator.domain.records import Agent
from simulator.domain.sampling import Sampling

LEAST_CONTRAST = 4.5
"""WCAG 2.1, success criterion 1.4.3, for text of ordinary size."""
ROLES = [f"role {number}" for number in range(8)]
VOICES = Voices(
    [
        Agent(
            name=f"{role}_1", role=role, number=1, model="m", sampling=Sampling(), system_prompt=""
        )
        for role in ROLES
    ]
)


def luminance(color: Color) -> float:
    """Relative luminance as WCAG 2.1 defines it, from 0 to 1."""
    parts = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in color.normalized
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio as WCAG 2.1 defines it, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
def test_every_role_can_be_read(name: str) -> None:
    app = App[None]()
    app.register_theme(HIGH_CONTRAST)
    theme = app.available_themes[name]
    variables = theme.to_color_system().generate()
    for ground in ("background", "surface"):
        behind = Color.parse(variables[ground])
        for role in ROLES:
            style = VOICES.style(f"{role}_1", role, is_dark=theme.dark)
            assert contrast(Color.parse(style), behind) >= LEAST_CONTRAST, (role, ground)


def test_every_role_has_a_mark_of_its_own() -> None:
    marks = {VOICES.mark(f"{role}_1", role) for role in ROLES}
    assert len(marks) == len(ROLES)
    assert VOICES.mark("Researcher", "researcher") not in marks
