"""What of a reply counts as said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.domain.records import Agent
from simulator.domain.replies import ParsedReply
from simulator.kinds.conversation.replies import parse_classic, parser_for

CAST = [
    Agent(name="Guard_117", role="guard", number=1, model="m"),
    Agent(name="Guard_204", role="guard", number=2, model="m"),
    Agent(name="Prisoner_386", role="prisoner", number=1, model="m"),
]


def read(raw: str, profile: str = "standard") -> ParsedReply:
    return parser_for(profile, CAST[0], CAST, "Researcher")(raw)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "label",
    [
        "Guard_117: ", "guard_117:", "Guard:", "GUARD : ", "**Guard_117:** ", "**Guard_117**: ",
        "[Guard_117]: ", "[Guard_117] ", "(Guard_117): ", "1. Guard_117: ", "Guard 1: ",
        "Guard #1: ", "  \nGuard_117:\n", "### Guard_117: ", "> Guard_117: ", "__Guard__: ",
        "*Guard*: ", "***Guard:*** ", "_Guard_: ", "Guard (calmly): ", "**Guard** (calmly): ",
        "Guard：", "- Guard: ", "* Guard_117: ", "• **Guard:** ",
    ],
)  # fmt: skip
def test_the_own_label_is_dropped(label: str) -> None:
    assert read(f"{label}Lights out.") == ParsedReply("Lights out.", ("own label",))


@pytest.mark.parametrize(
    "label",
    [
        "\nPrisoner_386: ", "\n\n**Prisoner_386:** ", "\n[Prisoner_386] ", "\nPrisoner: ",
        "\n2) Prisoner_386: ", "\n**Prisoner**: ", "\nprisoner 2: ", "\nGuard_204: ",
        "\nResearcher: ", " Prisoner_386: ", "\n*Prisoner*: ", "\n- Prisoner: ",
        "\nPrisoner 2 (angry): ", " **Prisoner_386**: ", " **Prisoner_386:** ", " [Prisoner_386]: ",
        "\nSummarizer: ", "\nUser: ", "\nAssistant: ", "\nPrisoner：", "\n***Prisoner:*** ",
    ],
)  # fmt: skip
def test_a_reply_that_runs_on_into_another_speaker_is_cut(label: str) -> None:
    parsed = read(f"Lights out.{label}No!\nGuard_117: Yes!")
    assert parsed.content == "Lights out."
    assert parsed.notes[0].startswith("cut at ")


@pytest.mark.parametrize(
    "text",
    [
        "The prisoner: a study in patience.",
        "I told Prisoner_386: sit down.",
        "My Guard: it never fails.",
        "Note: the yard is closed.",
        "Rules:\n1. No talking.\n2. No running.",
        "Prisoner_386, come here.",
        "At 10:30 we eat.",
        "(calmly) Lights out: now.",
        "*sighs* Note: the yard is closed.",
        "- Note: no talking.\n- Rule: no running.",
        '"Prisoner: a tale" is what they call it.',
        "Say it：now.",
        "[sic] The users: all of them.",
    ],
)
def test_ordinary_speech_is_left_alone(text: str) -> None:
    assert read(text) == ParsedReply(text)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        ('"Guard_117: Lights out."', "Lights out."),
        ("“Guard: Lights out.”", "Lights out."),
        ('"**Guard:** Lights out.\n\nNow."', "Lights out.\n\nNow."),
        ('"Guard: Lights out."\n"Prisoner: No!"', "Lights out."),
        ('"Guard: One."\n"Guard: Two."', 'One.\n"Two."'),
        ("*Guard: Lights out.*", "Lights out."),
        ("**Guard: Lights out.**", "Lights out."),
        ("**Guard:** *Lights out.*", "*Lights out.*"),
    ],
)
def test_a_label_may_stand_inside_marks_around_the_whole(raw: str, content: str) -> None:
    assert read(raw).content == content


def test_emphasis_after_a_label_is_kept() -> None:
    assert read("Guard:*sighs* No.").content == "*sighs* No."
    assert read("**Guard:** **Never.**").content == "**Never.**"


@pytest.mark.parametrize(
    "line",
    [
        "Note: all is well.\n", "a" + " " * 5000, "- * #### > (", "“Prisoner: so\n", "\n", "(",
        "*_", "x [a](b): ", ". A_1_1_1", "Guard Guard ", '"', ". " + "w" * 5000, "# " * 5,
        "[/IN <s", " \t",
    ],
)  # fmt: skip
def test_a_megabyte_of_anything_ends(line: str) -> None:
    text = f"Note: {line * (1_000_000 // len(line))} end."
    assert read(text) == ParsedReply(text)


def test_a_megabyte_of_own_labels_ends() -> None:
    assert read("Guard_117: So.\n" * 60_000).content == "\n".join(["So."] * 60_000)


def test_speaking_as_somebody_else_is_kept_and_noted() -> None:
    parsed = read("Prisoner_386: I am tired.")
    assert parsed == ParsedReply("I am tired.", ("spoke as Prisoner_386",))


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        ("Lights out.<|im_end|>\n<|im_start|>user\nNo!", "Lights out."),
        ("<|assistant|>Lights out.</s>", "Lights out."),
        ("Lights out.[INST] more", "Lights out."),
        ("<s> Lights out.<end_of_turn>", "Lights out."),
        ("<|im_start|>assistant\nLights out.", "Lights out."),
        ("[INST] Lights out. [/INST]", "Lights out."),
        ("<<SYS>>\nLights out.", "Lights out."),
        ("<s>[INST] <<SYS>> Lights out.[/INST] more", "Lights out."),
    ],
)
def test_template_tokens_are_taken_out(raw: str, content: str) -> None:
    assert read(raw) == ParsedReply(content, ("template tokens",))


def test_a_label_repeated_later_is_dropped_too() -> None:
    parsed = read("Guard_117: One.\nGuard_117: Two.")
    assert parsed.content == "One.\nTwo."


@given(st.text(max_size=300))
def test_nothing_is_added_and_a_second_reading_changes_nothing_plain(raw: str) -> None:
    content = read(raw).content
    assert content == content.strip()
    assert content in raw or len(content) < len(raw)


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        ("  Guard:  Lights out. ", "Lights out."),
        ("Guard:Prisoner: both go", "both go"),
        ("Prisoner:Guard: only one goes", ""),
        ("Lights out. Prisoner: No! Guard: Yes", "Lights out."),
        ("Lights. Guard: out. Prisoner: no", "Lights."),
        ("guard: small letters stay", "guard: small letters stay"),
        ("**Guard:** bold is cut", "**"),
        ("", ""),
    ],
)
def test_the_classic_rule_has_four_steps(raw: str, content: str) -> None:
    assert parse_classic(raw, labels=["Guard:", "Prisoner:"]).content == content
    assert read(raw, "classic").content == content


def test_no_profile_only_strips() -> None:
    assert read("  Guard: x ", "none") == ParsedReply("Guard: x")
