"""What led to a message: the prompt, the raw reply, and what the model's server told."""

from __future__ import annotations

from collections.abc import Iterator

from screens.widgets.text_list import TextList, TextRow
from simulator.domain.journal import Call, Step
from simulator.domain.prompts import Prompt
from simulator.files.transcripts import remarks
from simulator.presentation.moments import stamp
from simulator.presentation.safe_text import one_line
from simulator.presentation.scores import MOST, score_lines
from simulator.presentation.usage import usage_in_full
from simulator.presentation.wording import counted

_WIDTH = 11


class Details(TextList):
    """The prompt of one message, its reply, then the facts."""

    def __init__(self) -> None:
        super().__init__(id="details", classes="pane", empty="No message is chosen.")
        self.border_title = "Prompt and reply"

    def show(
        self, step: Step | None, prompt: Prompt | None, without: str, day_word: str = "day"
    ) -> None:
        """Show a message.

        Args:
            step: Which; None for none.
            prompt: What the model saw.
            without: Why there is no prompt.
            day_word: What people call a day of the run.
        """
        self.show_rows([] if step is None else list(_rows(step, prompt, without, day_word)))

    @property
    def text(self) -> str:
        """All of it, as plain text."""
        return "\n\n".join(f"{row.title}\n{row.text}" for row in self.rows)


def _rows(step: Step, prompt: Prompt | None, without: str, day_word: str) -> Iterator[TextRow]:
    if prompt is None:
        yield TextRow("prompt", without)
    else:
        for number, entry in enumerate(prompt, 1):
            yield TextRow(f"prompt {number} of {len(prompt)}, {entry.role}", entry.content)
    call = step.call
    if call is not None:
        if call.reasoning:
            yield TextRow("thought before it spoke", call.reasoning)
        if call.raw == step.content:
            yield TextRow("reply as the model gave it", "(as it is shown)")
        else:
            yield TextRow("reply as the model gave it", call.raw or "(nothing)")
        for number, raw in enumerate(call.earlier_raw, 1):
            yield TextRow(f"reply {number} that was thrown away", raw or "(nothing)")
    if _has_many_scores(step):
        title = f"likeliest of {counted(len(step.options), 'answer')}"
        yield TextRow(title, "\n".join(score_lines(step)) or "(none is possible)")
    yield TextRow(f"message {step.position} of {step.speaker}", _facts(step, day_word))


def _facts(step: Step, day_word: str) -> str:
    is_long = _has_many_scores(step)
    facts = {
        "role": step.role,
        day_word: step.day,
        "remarks": ", ".join([*(["edited"] if step.edited else []), *remarks(step)]),
        "parsing": ", ".join(step.parsing),
        "chosen by": step.method,
        "options": "" if is_long else ", ".join(step.options),
        "scores": "" if is_long else ", ".join(f"{score:.3f}" for score in step.scores),
        **(_call_facts(step.call) if step.call is not None else {}),
        "at": stamp(step.created_at),
        "step": f"{step.index} of {step.scope}",
    }
    return "\n".join(
        f"{name:<{_WIDTH}}{one_line(str(value))}"
        for name, value in facts.items()
        if value not in (None, "")
    )


def _has_many_scores(step: Step) -> bool:
    return bool(step.scores) and len(step.options) > MOST


def _call_facts(call: Call) -> dict[str, object]:
    options = call.latent or call.sampling
    sampling = options.model_dump(exclude_none=True, exclude_defaults=True)
    room = f" of {call.context_length:,}" if call.context_length else ""
    return {
        "model": call.model,
        "asked at": call.endpoint,
        "weights": call.model_digest,
        "sampling": ", ".join(f"{name} {value}" for name, value in sampling.items()),
        "seed": call.seed if call.latent is None else None,
        "stopped by": call.stop_reason,
        "used": f"{usage_in_full(call.usage)}{f', context{room}' if room else ''}",
        "took": f"{call.usage.model_s:.2f} s" if call.usage.model_s else "",
        "attempts": call.attempts if call.attempts > 1 else "",
    }
