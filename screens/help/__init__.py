"""What F1 shows: a page for each screen, and the keys that work there now."""

from __future__ import annotations

from pathlib import Path

_PAGES = Path(__file__).parent


def help_text(page: str) -> str:
    """The page of that name, in Markdown; a word where there is none."""
    file = _PAGES / f"{page}.md"
    return file.read_text(encoding="utf-8") if file.is_file() else "# Help"
