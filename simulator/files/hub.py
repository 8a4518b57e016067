"""Records of data sets on the hub, read with the `datasets` package where it is installed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from simulator.domain.nearest import nearest
from simulator.errors import (
    DesignInvalidError,
    ServiceUnavailableError,
    SimulatorError,
)

REPOSITORIES = {"gsm8k": "openai/gsm8k", "mmlu": "cais/mmlu"}
SUBJECTS = (
    "abstract_algebra", "anatomy", "astronomy", "business_ethics", "clinical_knowledge",
    "college_biology", "college_chemistry", "college_computer_science", "college_mathematics",
    "college_medicine", "college_physics", "computer_security", "conceptual_physics",
    "econometrics", "electrical_engineering", "elementary_mathematics", "formal_logic",
    "global_facts", "high_school_biology", "high_school_chemistry",
    "high_school_computer_science", "high_school_european_history", "high_school_geography",
    "high_school_government_and_politics", "high_school_macroeconomics",
    "high_school_mathematics", "high_school_microeconomics", "high_school_physics",
    "high_school_psychology", "high_school_statistics", "high_school_us_history",
    "high_school_world_history", "human_aging", "human_sexuality", "international_law",
    "jurisprudence", "logical_fallacies", "machine_learning", "management", "marketing",
    "medical_genetics", "miscellaneous", "moral_disputes", "moral_scenarios", "nutrition",
    "philosophy", "prehistory", "professional_accounting", "professional_law",
    "professional_medicine", "professional_psychology", "public_relations", "security_studies",
    "sociology", "us_foreign_policy", "virology", "world_religions",
)  # fmt: skip
"""The 57 subjects of MMLU (Hendrycks et al., arXiv 2009.03300), as the hub calls them."""

_SPLITS = re.compile(r"Unknown split .*\[(.*)\]")
_FILE = "or download the data and name the file under `data.path`."


def hub_records(dataset: str, subject: str, split: str) -> Sequence[Mapping[str, Any]]:
    """All records of a split, in their order; downloaded once, then kept by `datasets`.

    Args:
        dataset: `gsm8k` or `mmlu`.
        subject: Of `mmlu`.
        split: Such as `test`.

    Raises:
        DesignInvalidError: There is no such subject or split.
        SimulatorError: The package is missing, or the data cannot be read.
        ServiceUnavailableError: The hub cannot be reached, and the data is not here.
    """
    name = REPOSITORIES[dataset]
    config = "main" if dataset == "gsm8k" else subject
    if dataset == "mmlu" and subject not in SUBJECTS:
        near = nearest(subject, SUBJECTS)
        raise DesignInvalidError(
            f"MMLU has no subject {subject!r}.",
            remedy=f"Did you mean {near!r}?" if near else f"Such as {', '.join(SUBJECTS[:5])}, …",
        )
    try:
        library = import_module("datasets")
    except ImportError:
        raise SimulatorError(
            f"Reading {dataset} from the hub needs the package `datasets`.",
            remedy=f"Install it beside main.py: pip install -e '.[datasets]', {_FILE}",
        ) from None
    library.disable_progress_bars()
    try:
        # Asked for at once, not looked up before: what is here needs no hub.
        loaded: Sequence[Mapping[str, Any]] = library.load_dataset(name, config, split=split)
    except (OSError, TimeoutError) as error:
        raise ServiceUnavailableError(
            f"{name} cannot be had from the hub: {_first_line(error)}",
            remedy=f"Check the connection, the proxy and HF_ENDPOINT, {_FILE}",
        ) from error
    except Exception as error:
        splits = _SPLITS.search(str(error))
        if splits:
            raise DesignInvalidError(
                f"{name} has no split {split!r}.",
                remedy=f"It has {splits[1].replace(chr(39), '')}.",
            ) from None
        # The package passes on whatever its many libraries raise.
        lost = any(isinstance(cause, OSError) for cause in _causes(error))
        kind = ServiceUnavailableError if lost else SimulatorError
        raise kind(
            f"{name} cannot be read: {_first_line(error)}", remedy=f"Try again later, {_FILE}"
        ) from error
    return loaded


def _causes(error: BaseException | None) -> list[BaseException]:
    causes: list[BaseException] = []
    while error is not None and error not in causes:
        causes.append(error)
        error = error.__cause__ or error.__context__
    return causes


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "") or type(error).__name__
