"""Soft tokens of a message as lines of a table, for people."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from simulator.domain.journal import SoftToken
from simulator.presentation.safe_text import visible

LONGEST_TOKEN = 10
"""Cells of a token; longer ones are cut."""
_BLANKS = {0x0A: "\u240a", 0x09: "\u2409"}


def token_lines(tokens: Sequence[SoftToken]) -> list[str]:
    """A heading, then a line for each token.

    The line has the token whose embedding is nearest, the entropy at temperature 1 in nats, whether
    the vector is a mixture or that of one token, and the most probable tokens with their
    probabilities in the mixture. Empty without tokens.
    """
    if not tokens:
        return []
    names = [token_text(one.token) for one in tokens]
    width = max(len("nearest"), *map(cell_len, names))
    lines = [f"{'nearest':<{width}}  nats  made   likely, in the mixture"]
    for name, one in zip(names, tokens, strict=True):
        kind = "mixed" if one.is_mixed else "as is"
        top = "  ".join(f"{token_text(token)} {share:.2f}" for token, share in one.top)
        lines.append(f"{set_cell_size(name, width)} {one.entropy:5.2f}  {kind}  {top}".rstrip())
    return lines


def token_text(token: str) -> str:
    """A token in quotes, so that its blanks are seen, on one line."""
    shown = f'"{visible(token).translate(_BLANKS)}"'
    if cell_len(shown) <= LONGEST_TOKEN:
        return shown
    return f'{set_cell_size(shown, LONGEST_TOKEN - 2).rstrip()}…"'
