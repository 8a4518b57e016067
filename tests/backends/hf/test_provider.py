from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from simulator.backends.hf.provider import HfProvider
from simulator.backends.options import BackendOptions
from simulator.errors import BackendError, ModelNotFoundError, SimulatorError, UsageError
from tests.backends.hf.conftest import POCKET, asked, reply


def provider(home: Path) -> HfProvider:
    return HfProvider(BackendOptions(environment={"HF_HOME": str(home)}))


def kept(home: Path, name: str = "models--lab--tiny") -> Path:
    """A repository in the cache of the hub, as its client writes it."""
    folder = home / "hub" / name
    snapshot = folder / "snapshots" / "abc123"
    shutil.copytree(POCKET, snapshot)
    (folder / "refs").mkdir()
    (folder / "refs" / "main").write_text("abc123")
    return snapshot


async def test_the_models_of_the_cache_are_listed(tmp_path: Path) -> None:
    kept(tmp_path)
    (tmp_path / "hub" / "models--lab--empty").mkdir()
    (tmp_path / "hub" / "datasets--lab--tiny").mkdir()
    report = await provider(tmp_path).report()
    assert [card.model for card in report.models] == ["hf/lab/tiny"]
    assert report.configured and report.reachable


async def test_without_any_model_there_is_a_hint(tmp_path: Path) -> None:
    report = await provider(tmp_path).report()
    assert report.models == ()
    assert report.error and "hf/FOLDER" in str(report.error.remedy)
    assert not report.configured


async def test_a_model_of_the_cache_answers_offline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(tmp_path)
    backend = provider(tmp_path).open("lab/tiny")
    try:
        assert (await reply(backend, asked())).text  # type: ignore[arg-type]
        assert (await backend.describe()).digest == "hub:abc123"
    finally:
        await backend.close()


@pytest.mark.parametrize(
    ("spoil", "error", "said"),
    [
        (lambda folder: shutil.rmtree(folder), ModelNotFoundError, "models pull hf/"),
        (lambda folder: (folder / "tokenizer.json").unlink(), BackendError, "tokenizer"),
        (lambda folder: (folder / "model.safetensors").unlink(), BackendError, "weights"),
        (lambda folder: (folder / "model.safetensors").write_bytes(b"x"), BackendError, "weights"),
        (lambda folder: (folder / "config.json").write_text("{"), BackendError, "hf/"),
    ],
)
async def test_a_folder_that_is_no_model_says_what_is_missing(
    tmp_path: Path, spoil: object, error: type[SimulatorError], said: str
) -> None:
    folder = tmp_path / "model"
    shutil.copytree(POCKET, folder)
    spoil(folder)  # type: ignore[operator]
    backend = provider(tmp_path).open(str(folder))
    with pytest.raises(error) as refused:
        await reply(backend, asked())  # type: ignore[arg-type]
    assert said in f"{refused.value.message} {refused.value.remedy}"
    await backend.close()


async def test_a_device_that_is_not_there_is_named(tmp_path: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    for options, said in (("device=cuda", "no device cuda"), ("bits=4", "quantized")):
        backend = provider(tmp_path).open(f"{POCKET}?{options}")
        with pytest.raises(BackendError, match=said):
            await backend.describe()
        await backend.close()


async def test_code_of_the_model_s_own_is_not_run(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(POCKET, folder)
    config = json.loads((folder / "config.json").read_text())
    config["model_type"] = "surprise"
    config["auto_map"] = {
        "AutoConfig": "surprise.SurpriseConfig",
        "AutoModelForCausalLM": "surprise.Surprise",
    }
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "surprise.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    backend = provider(tmp_path).open(str(folder))
    with pytest.raises(BackendError):
        await backend.describe()
    assert not (tmp_path / "ran").exists()
    await backend.close()


async def test_a_folder_is_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        async for _ in provider(tmp_path).pull(str(POCKET)):
            pass
