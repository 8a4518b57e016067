"""The looks to choose from."""

from __future__ import annotations

from textual.theme import Theme

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#FFD700",
    secondary="#00FFFF",
    accent="#FFD700",
    warning="#FFFF00",
    error="#FF6060",
    success="#00FF00",
    foreground="#FFFFFF",
    background="#000000",
    surface="#000000",
    panel="#1A1A1A",
    boost="#000000",
    dark=True,
    variables={
        "text-muted": "#E0E0E0",
        "footer-key-foreground": "#FFD700",
        "block-cursor-foreground": "#000000",
        "block-cursor-background": "#FFD700",
        "border": "#FFFFFF",
    },
)
"""White on black, for tired eyes and bad screens."""

THEMES = {
    "textual-dark": "dark",
    "textual-light": "light",
    HIGH_CONTRAST.name: "high contrast",
}
"""Those that settings offer, with their names for people; Textual's others can be named too."""
