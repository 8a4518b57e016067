"""The files of a bundle. Their names are constants and numbers, never words of users or models."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field

from simulator.domain.records import SCHEMA_VERSION

FORMAT = 1
"""Changes when programs that read bundles would misunderstand new ones."""

MANIFEST = "bundle.json"
EXPERIMENTS = "experiments.jsonl"
BATCHES = "batches.jsonl"
RUNS = "runs.jsonl"
JOURNALS = "journals.jsonl"
PROVENANCE = "provenance.json"
MESSAGES = "messages.parquet"
MEASURES = "measures.csv"
CARD = "README.md"
SUMS = "SHA256SUMS"

NEEDED = (MANIFEST, EXPERIMENTS, BATCHES, RUNS, JOURNALS)
"""What an import reads; all else is for people and other programs."""
_NAMES = frozenset((*NEEDED, PROVENANCE, MESSAGES, MEASURES, CARD, SUMS))
_DESIGN = re.compile(r"designs/[1-9][0-9]*(-[1-9][0-9]*)?\.yaml")


def design_file(experiment: int, variant: int | None = None) -> str:
    """The file of a design.

    Args:
        experiment: Place of its experiment in the bundle, from 1.
        variant: Which set of parameters is resolved in it, from 1; None for the design itself.
    """
    return f"designs/{experiment}{'' if variant is None else f'-{variant}'}.yaml"


def is_of_bundle(name: str) -> bool:
    """Whether a bundle may have a file of this name, with slashes between folders."""
    return name in _NAMES or _DESIGN.fullmatch(name) is not None


class Manifest(BaseModel):
    """What a bundle is, and how much it has."""

    model_config = ConfigDict(frozen=True)

    format: int = FORMAT
    schema_version: int = SCHEMA_VERSION
    """Of the records."""
    simulator_version: str
    """Of the program that wrote it."""
    experiments: int = Field(ge=0)
    batches: int = Field(ge=0)
    runs: int = Field(ge=0)
    steps: int = Field(ge=0)
