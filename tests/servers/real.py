"""Real OpenAI-compatible servers with the pocket model, each in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from simulator.backends.pocket.model import WEIGHTS_FOLDER
from tests.servers.gguf_pocket import write_gguf
from tests.servers.process import ServerProcess, free_port, started

LLAMA_PYTHON = "SIMULATOR_TEST_LLAMA_PYTHON"
"""Variable with the path of a Python that has `llama-cpp-python[server]`."""
CONTEXT_LENGTH = 1024
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
_PATIENCE_S = 120.0


def lacks_transformers() -> str:
    """Why `transformers serve` cannot be started; empty when it can."""
    missing = [
        name
        for name in ("torch", "transformers", "fastapi", "uvicorn")
        if importlib.util.find_spec(name) is None
    ]
    return f"{', '.join(missing)} not installed (the extra `servers`)" if missing else ""


def llama_python() -> str:
    """A Python that has llama.cpp's server; empty when none is known."""
    if importlib.util.find_spec("llama_cpp") is not None:
        return sys.executable
    return os.environ.get(LLAMA_PYTHON, "")


def transformers_folder(folder: Path) -> Path:
    """The pocket model as transformers takes it from disk."""
    folder.mkdir()
    for file in WEIGHTS_FOLDER.iterdir():
        (folder / file.name).symlink_to(file)
    # Without this file it would be greedy whatever temperature a request asks for.
    drawn = {"do_sample": True, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    (folder / "generation_config.json").write_text(json.dumps(drawn), encoding="utf-8")
    return folder


@contextmanager
def transformers_serve(folder: Path) -> Iterator[tuple[ServerProcess, str]]:
    """The server and the model's name on it; its output is kept in the folder."""
    model, port = transformers_folder(folder / "pocket"), free_port()
    command = [
        sys.executable, "-c", "from transformers.cli.transformers import main; main()", "serve",
        str(model), "--device", "cpu", "--dtype", "float32", "--port", str(port),
    ]  # fmt: skip
    cache = folder / "cache"
    (cache / "hub").mkdir(parents=True)  # listing models fails where there is no such folder
    offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(cache)}
    with started(
        command,
        port,
        "/health",
        folder / "transformers.log",
        environment={**_ONE_THREAD, **offline},
        patience_s=_PATIENCE_S,
    ) as server:
        yield server, str(model)


@contextmanager
def llama_cpp(folder: Path) -> Iterator[tuple[ServerProcess, str]]:
    """The server and the model's name on it; its output is kept in the folder."""
    model, port = folder / "pocket.gguf", free_port()
    write_gguf(WEIGHTS_FOLDER, model)
    command = [
        llama_python(), "-m", "llama_cpp.server", "--model", str(model), "--model_alias", "pocket",
        "--n_ctx", str(CONTEXT_LENGTH), "--n_threads", "1", "--n_threads_batch", "1",
        "--port", str(port), "--host", "127.0.0.1", "--interrupt_requests", "false",
        "--logits_all", "true",
    ]  # fmt: skip
    with started(
        command,
        port,
        "/v1/models",
        folder / "llama_cpp.log",
        environment=_ONE_THREAD,
        patience_s=_PATIENCE_S,
    ) as server:
        yield server, "pocket"
