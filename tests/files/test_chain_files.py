from __future__ import annotations

import json
import lzma
from pathlib import Path
from typing import Any

import pytest

from simulator.errors import DesignInvalidError, NotFoundError
from simulator.files import chain_files
from simulator.files.chain_files import read_chain_file, temperature_in, without_temperature

GOOD = {"prompt": "rephrase", "text": "A", "seed": 1, "chain": ["b", "c"]}


def written(folder: Path, *rows: Any, name: str = "chains_tiny.jsonl") -> Path:
    (folder / "initial_texts.json").write_text(json.dumps({"A": "a", "B": ""}), "utf-8")
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    data = b"\n".join(lines)
    (folder / name).write_bytes(lzma.compress(data) if name.endswith(".xz") else data)
    return folder / name


@pytest.mark.parametrize("name", ["chains_tiny.jsonl", "chains_tiny.jsonl.xz"])
def test_chains_begin_with_their_initial_texts(tmp_path: Path, name: str) -> None:
    found = read_chain_file(written(tmp_path, GOOD, GOOD | {"text": "B", "seed": 2}, name=name))
    first, second = found.chains
    assert (first.model, first.task, first.text, first.seed) == ("tiny", "rephrase", "A", 1)
    assert first.texts == ("a", "b", "c")
    assert second.texts == ("", "b", "c")
    assert (found.left_out, found.remarks) == (0, ())
    assert name in first.source


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (b"{", "no JSON"),
        (b'{"prompt": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "no JSON"),
        ([1], "no object"),
        (GOOD | {"chain": []}, "a chain without texts"),
        (GOOD | {"chain": ["b", None]}, "`chain` is not a list of texts"),
        (GOOD | {"seed": "1"}, "`seed` is not an integer"),
        (GOOD | {"text": "Z"}, "no text 'Z'"),
        ({"text": "A"}, "no `prompt`"),
        (GOOD, "were there before"),
    ],
)
def test_rows_that_are_no_chains_are_named_and_the_rest_goes_on(
    tmp_path: Path, row: Any, told: str
) -> None:
    found = read_chain_file(written(tmp_path, GOOD, b"", row, GOOD | {"seed": 2}))
    assert [chain.seed for chain in found.chains] == [1, 2]
    assert found.left_out == 1
    assert "line 3" in found.remarks[0]
    assert told in found.remarks[0]


def test_many_faulty_rows_are_counted(tmp_path: Path) -> None:
    found = read_chain_file(written(tmp_path, GOOD, *[b"{"] * 9))
    assert found.left_out == 9
    assert "and 6 more" in found.remarks[0]


def test_a_chain_that_stops_half_way_is_told_by_the_longest(tmp_path: Path) -> None:
    short = GOOD | {"seed": 2, "chain": ["b"]}
    whole, stopped = read_chain_file(written(tmp_path, GOOD, short)).chains
    assert whole.is_complete
    assert not stopped.is_complete


def test_files_that_cannot_be_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotFoundError, match=r"none\.jsonl"):
        read_chain_file(tmp_path / "none.jsonl")
    with pytest.raises(DesignInvalidError, match="holds no chain"):
        read_chain_file(written(tmp_path))
    with pytest.raises(DesignInvalidError, match="line 1: no JSON"):
        read_chain_file(written(tmp_path, b"{"))
    packed = written(tmp_path, GOOD, name="chains_tiny.jsonl.xz")
    packed.write_bytes(packed.read_bytes()[:-20])
    with pytest.raises(DesignInvalidError, match="xz"):
        read_chain_file(packed)
    packed.write_bytes(b"no xz at all")
    with pytest.raises(DesignInvalidError, match="xz"):
        read_chain_file(packed)
    path = written(tmp_path, GOOD)
    for text in ("[]", '{"A": 1}', "{"):
        (tmp_path / "initial_texts.json").write_text(text, "utf-8")
        with pytest.raises(DesignInvalidError, match=r"initial_texts\.json"):
            read_chain_file(path)
    (tmp_path / "initial_texts.json").unlink()
    with pytest.raises(NotFoundError, match=r"initial_texts\.json"):
        read_chain_file(path)
    monkeypatch.setattr(chain_files, "MAX_BYTES", 10)
    with pytest.raises(DesignInvalidError, match="larger"):
        read_chain_file(written(tmp_path, GOOD))


def test_exported_transcripts_are_chains_by_run_and_scope(tmp_path: Path) -> None:
    def message(scope: str, content: str, **more: Any) -> dict[str, Any]:
        call = {"model": "scripted/x"}
        return {"run_id": "r", "scope": scope, "content": content, "call": call} | more

    path = tmp_path / "run.jsonl"
    rows = [
        message("a", "1"), message("b", "2"), message("a", "3"), message("c", "alone"),
        message("a", "hidden", in_transcript=False), {"run_id": "r"},
    ]  # fmt: skip
    path.write_text("\n".join(json.dumps(row) for row in [*rows, message("b", "4")]), "utf-8")
    found = read_chain_file(path)
    assert [chain.texts for chain in found.chains] == [("1", "3"), ("2", "4")]
    assert {chain.model for chain in found.chains} == {"scripted/x"}
    assert found.left_out == 2  # a row that is no message, and a scope of one message
    assert "line 6" in found.remarks[0]


def test_temperatures_stand_at_the_end_of_names() -> None:
    assert temperature_in("llama_Temp0.4") == 0.4
    assert temperature_in("llama") is None
    assert (without_temperature("llama_Temp0.4"), without_temperature("llama")) == ("llama",) * 2


def test_a_model_has_one_name_at_all_temperatures(tmp_path: Path) -> None:
    (chain,) = read_chain_file(written(tmp_path, GOOD, name="chains_llama_Temp1.2.jsonl")).chains
    assert (chain.model, chain.temperature) == ("llama", 1.2)
