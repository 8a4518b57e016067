"""Loads a model of Hugging Face from a folder or from the hub's cache; downloads nothing."""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simulator.backends.hf.exactness import lay_out, steady_rows
from simulator.backends.hf.network import Network
from simulator.backends.hf.options import HfOptions
from simulator.backends.hf.speech import Speech
from simulator.errors import BackendError, ModelAccessError, ModelNotFoundError

_log = logging.getLogger(__name__)

_SMALL = 100_000_000
"""Parameters below which a second thread costs more than it gives."""
_HASHED_BYTES = 200_000_000
"""Files of so many bytes are hashed whole; of larger ones, names and sizes."""
_USUAL_CONTEXT = 2048
"""Tokens, where a model's configuration does not tell."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model that is ready."""

    network: Network
    speech: Speech
    context: int
    """Tokens of prompt and reply together."""
    digest: str
    parameters: int
    weights_bytes: int
    threads: int | None
    """Of the processor; None leaves them as they are."""


def load(source: str, options: HfOptions, environment: Mapping[str, str]) -> Loaded:
    """Load a model and see how it can be run.

    Args:
        source: A folder, or a repository of the hub.
        options: How.
        environment: Has `HF_HOME` and `HF_TOKEN`.

    Raises:
        ModelNotFoundError: It is neither a folder nor in the cache.
        ModelAccessError: Its terms have to be accepted, or a token is needed.
        BackendError: PyTorch is not installed, or the files are not those of a causal model with a
            tokenizer, or the device is not there, or too small.
    """
    torch, transformers = _libraries()
    device = _device(torch, options.device)
    where = _where(source, options, environment)
    folder = Path(source) if Path(source).is_dir() else None
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, **where)
    except Exception as error:
        raise _unloadable(source, error, "its tokenizer") from error
    if not len(tokenizer):
        raise BackendError(
            f"hf/{source} has no tokenizer.", remedy="Put its tokenizer files there."
        )
    extra: dict[str, Any] = {}
    if options.bits is not None:
        if device == "cpu":
            raise BackendError(
                f"hf/{source} cannot be quantized on a processor.", remedy="Leave out bits=…"
            )
        extra["quantization_config"] = transformers.BitsAndBytesConfig(
            load_in_8bit=options.bits == 8, load_in_4bit=options.bits == 4
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = transformers.AutoModelForCausalLM.from_pretrained(
                source,
                dtype=_dtype(torch, options.dtype, device),
                device_map=None,
                **where,
                **extra,
            )
        model = model.eval() if options.bits else model.eval().to(device)
    except Exception as error:
        raise _unloadable(source, error, "its weights") from error
    parameters = sum(part.numel() for part in model.parameters())
    threads = options.threads
    if threads is None and device == "cpu" and (options.exact == "yes" or parameters < _SMALL):
        threads = 1
    if threads:
        torch.set_num_threads(threads)
    steady = None
    # Several threads share a product out by its shape, and add up in another order for each.
    if device == "cpu" and threads == 1 and options.exact != "no":
        lay_out(model)
        steady = steady_rows(model)
    if steady is None and options.exact == "yes":
        raise BackendError(
            f"hf/{source} cannot be computed exactly on {device} with {threads or 'all'} threads.",
            remedy="Leave out exact=yes, or add device=cpu&threads=1.",
        )
    network = Network(model, steady)
    network.check()
    if not network.has_rows:
        _log.warning(
            "hf/%s: its attention is of a kind of its own; it is read anew each time", source
        )
    return Loaded(
        network=network,
        speech=Speech(tokenizer, _ends(model, tokenizer), has_template=options.template == "auto"),
        context=_context(model),
        digest=_digest(model, folder) if folder else _commit(source, where),
        parameters=parameters,
        weights_bytes=sum(part.numel() * part.element_size() for part in model.parameters()),
        threads=threads,
    )


def _libraries() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as error:
        raise BackendError(
            f"Local models need PyTorch and transformers: {error}",
            remedy="Install them beside main.py: pip install -e '.[hf]'",
        ) from error
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return torch, transformers


def _where(source: str, options: HfOptions, environment: Mapping[str, str]) -> dict[str, Any]:
    home = environment.get("HF_HOME")
    own = environment.get("HF_HUB_CACHE") or (str(Path(home, "hub")) if home else None)
    return {
        "local_files_only": True,
        "trust_remote_code": options.trust == "yes",
        **({"revision": options.revision} if options.revision else {}),
        **({"cache_dir": own} if own else {}),
        **({"token": token} if (token := environment.get("HF_TOKEN")) else {}),
    }


def _device(torch: Any, wanted: str) -> str:
    if wanted == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    kind = wanted.partition(":")[0]
    there = {
        "cpu": lambda: True,
        "cuda": torch.cuda.is_available,
        "mps": torch.backends.mps.is_available,
    }
    if not there[kind]():
        raise BackendError(
            f"There is no device {wanted} here.", remedy="Leave out device=…, or write device=cpu."
        )
    return wanted


def _dtype(torch: Any, wanted: str, device: str) -> Any:
    if wanted == "auto":
        return torch.float32 if device == "cpu" else "auto"
    return getattr(torch, wanted)


def _ends(model: Any, tokenizer: Any) -> set[int]:
    """Tokens that end a reply, as far as the model or its tokenizer tells."""
    told = [getattr(model.generation_config, "eos_token_id", None), tokenizer.eos_token_id]
    ends: set[int] = set()
    for one in told:
        ends.update(one if isinstance(one, list) else [] if one is None else [one])
    return ends


def _context(model: Any) -> int:
    config = model.config.get_text_config()
    rope = getattr(config, "rope_parameters", None) or getattr(config, "rope_scaling", None) or {}
    if any(kind in str(rope) for kind in ("longrope", "dynamic")):
        # Beyond this, the longest row of a forward pass would change how all others are read.
        original = getattr(config, "original_max_position_embeddings", None) or rope.get(
            "original_max_position_embeddings"
        )
        if isinstance(original, int):
            return original
    for name in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        length = getattr(config, name, None)
        if isinstance(length, int) and length > 0:
            return length
    return _USUAL_CONTEXT


def _commit(source: str, where: Mapping[str, Any]) -> str:
    """The commit of a repository in the cache, which names its weights."""
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(
        source, "config.json", cache_dir=where.get("cache_dir"), revision=where.get("revision")
    )
    return f"hub:{Path(found).parent.name}" if isinstance(found, str) else f"hub:{source}"


def _digest(model: Any, folder: Path) -> str:
    """A hash of the files that a model is made of."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(json.dumps(model.config.to_dict(), sort_keys=True, default=str).encode())
    for file in sorted(folder.iterdir()):
        if file.suffix not in (".safetensors", ".bin", ".json", ".model"):
            continue
        size = file.stat().st_size
        digest.update(f"{file.name}:{size}:".encode())
        if size <= _HASHED_BYTES:
            digest.update(file.read_bytes())
    return f"blake2b:{digest.hexdigest()}"


def _unloadable(source: str, error: Exception, what: str) -> Exception:
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, (BackendError, ModelNotFoundError, ModelAccessError)):
        return error
    if type(error).__name__ == "OutOfMemoryError" or "out of memory" in text.lower():
        return BackendError(
            f"hf/{source} does not fit into memory: {text}",
            remedy="Choose a smaller model, dtype=bfloat16, or bits=4 on a GPU.",
        )
    if type(error).__name__ in ("GatedRepoError", "RepositoryNotFoundError"):
        return ModelAccessError(
            f"hf/{source} may not be read: {text}",
            remedy="Accept its terms on the hub and set HF_TOKEN.",
        )
    if not Path(source).is_dir():
        return ModelNotFoundError(
            f"hf/{source} is neither a folder nor on this machine.",
            remedy=f"Download it with: python main.py models pull hf/{source}",
        )
    return BackendError(
        f"hf/{source}: {what} cannot be loaded: {text}",
        remedy="The folder must hold a causal language model as transformers saves it, with its "
        "tokenizer.",
    )
