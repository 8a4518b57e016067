"""Toxicity by OpenAI's moderation API: the one measure that sends texts to somebody else."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence

from simulator.analysis.texts.measure import TextMeasure
from simulator.errors import BackendUnavailableError
from simulator.settings import Settings, environment

NAME = "moderation"
MODEL = "omni-moderation-latest"
CATEGORIES = ("harassment", "harassment/threatening", "hate", "hate/threatening")
"""Those that are about how people are spoken to, as the toxicity of Detoxify is. The others judge
what a text is about: an account of an accident is violent without being toxic."""
_PROVIDER = "openai"
_LATER = "Try again later: texts that were measured before are not sent again."


def asked_measures(
    names: Sequence[str], settings: Settings, tell: Callable[[str], None]
) -> dict[str, TextMeasure]:
    """The measures that are only there for those who ask for them by name.

    Args:
        names: Of all measures that are wanted.
        settings: Say where the user's own endpoints are.
        tell: Is told, before any text is sent, who will read them.

    Raises:
        ModelAccessError: The key is not set, or is none.
        UsageError: An address or the user's own endpoints are faulty.
    """
    return {NAME: moderation_measure(settings, tell)} if NAME in names else {}


def moderation_measure(settings: Settings, tell: Callable[[str], None]) -> TextMeasure:
    """Toxicity as the highest score of `CATEGORIES`, 0 to 1; 0 for texts of white space alone.

    Of longer texts the first 20,000 characters are judged. Values are kept under the model's name:
    what OpenAI puts behind it later is not asked again for the same text.

    Args:
        settings: As of `asked_measures`.
        tell: As of `asked_measures`.

    Raises:
        ModelAccessError: As `asked_measures`.
        UsageError: As `asked_measures`.
    """
    from simulator.backends.openai.addresses import endpoint_address
    from simulator.backends.openai.endpoints import load_endpoints

    endpoint = load_endpoints(settings.endpoints_file)[_PROVIDER]
    address = endpoint_address(_PROVIDER, endpoint, environment())
    tell(
        f"The measure {NAME} sends texts to {address.shown}, where others may read them; those "
        "that it measured before are not sent again."
    )

    def of_texts(texts: Sequence[str]) -> list[float]:
        from simulator.backends.openai.moderation import Moderator

        moderator = Moderator(address, MODEL, key_variables=" or ".join(endpoint.key_variables))
        values = [0.0] * len(texts)
        places = [place for place, text in enumerate(texts) if text.strip()]
        if not places:
            return values
        try:
            found = asyncio.run(moderator.scores([texts[place] for place in places]))
        except BackendUnavailableError as error:
            error.remedy = error.remedy if error.remedy and "network" in error.remedy else _LATER
            raise
        for place, scores in zip(places, found, strict=True):
            values[place] = toxicity_of(scores)
        return values

    return TextMeasure(
        NAME, "score",
        f"OpenAI's {MODEL}: the highest of {', '.join(CATEGORIES)}.",
        of_texts, f"{MODEL}-1", 0, 1, skips_hashtags=True,
    )  # fmt: skip


def toxicity_of(scores: Mapping[str, float]) -> float:
    """The highest score of `CATEGORIES`; not a number where none of them was scored."""
    found = [scores[name] for name in CATEGORIES if name in scores]
    return max(found) if found else math.nan
