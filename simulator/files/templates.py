"""The text that a new design begins with."""

from __future__ import annotations

import inspect
from pathlib import Path

from simulator.domain.ports import Kind
from simulator.files.reading import read_text

_NAME = "template.yaml"
_MAX_BYTES = 100_000


def design_template(kind: Kind) -> str:
    """What stands beside the kind's module as `template.yaml`; else its required keys."""
    file = Path(inspect.getfile(type(kind))).with_name(_NAME)
    if file.is_file():
        return read_text(file, max_bytes=_MAX_BYTES)
    lines = [f"kind: {kind.name}", f"name: New {kind.name}"]
    for name, field in kind.design_type.model_fields.items():
        if field.is_required() and name not in ("kind", "name"):
            lines.append(f"{field.alias or name}:")
    return "\n".join([*lines, ""])
