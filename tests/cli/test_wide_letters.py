from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from simulator.cli.output import Output
from simulator.cli.voices import Printer
from simulator.domain.journal import Step

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = (
    "The ward はとても静か 日本語 walk whisper walks away 👮 and 😀 the prisoners whisper 日本語 "
    "walks again and 漢字 letters-that-hang-together-over-lines はとても静かはとても静か"
)


@pytest.mark.parametrize("numbered", [False, True])
@pytest.mark.parametrize("width", [23, 40, 61, 80, 100])
def test_no_letter_is_lost_beside_wide_ones(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    width: int,
    numbered: bool,
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    for start in range(40):
        content = f"{'x' * start} {WORDS}"
        step = Step(
            run_id="R", scope="main", index=0, position=3, kind="say", prompt_hash="0",
            speaker="Ada", role="guard", content=content, created_at=NOW,
        )  # fmt: skip
        output = Output()
        output.console.no_color = True
        Printer(output, [], numbered=numbered).message(step)
        printed = "".join(letters(capsys.readouterr().out))
        assert printed == "".join(letters(f"{'3' if numbered else ''}Ada: {content}"))


def letters(text: str) -> list[str]:
    return re.sub(r"\x1b\[[0-9;]*m", "", text).split()
