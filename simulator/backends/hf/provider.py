"""The models of Hugging Face on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from simulator.backends.hf.options import parse_name
from simulator.backends.options import BackendOptions, Connections
from simulator.domain.models import (
    Ability,
    EndpointReport,
    ModelBackend,
    ModelCard,
    PullProgress,
)
from simulator.errors import (
    BackendError,
    BackendUnavailableError,
    ModelAccessError,
    ModelNotFoundError,
    UsageError,
)

ABILITIES: frozenset[Ability] = frozenset({"seed", "logprobs", "score", "latent"})
_PATTERNS = ["*.json", "*.safetensors", "*.model", "*.txt", "*.jinja", "tokenizer*"]
"""Files of a repository that are needed."""


class HfProvider:
    """Repositories in the cache of the hub, and folders."""

    name = "hf"
    is_free = True
    connections = Connections(1024, 1024)

    def __init__(self, options: BackendOptions) -> None:
        """Make one; reads nothing."""
        self._environment: Mapping[str, str] = options.environment

    def open(self, name: str) -> ModelBackend:
        """See the protocol."""
        from simulator.backends.hf.backend import HfBackend

        source, options = parse_name(name)
        return HfBackend(name, source, options, self._environment)

    async def report(self) -> EndpointReport:
        """See the protocol; looks into the cache, without PyTorch."""
        place = self._cache()
        missing = [name for name in ("torch", "transformers") if find_spec(name) is None]
        if missing:
            error = BackendError(
                f"Local models need {' and '.join(missing)}.",
                remedy="Install them beside main.py: pip install -e '.[hf]'",
            )
            return EndpointReport(self.name, "", error=error, configured=place.is_dir())
        models = await asyncio.to_thread(_cached_models, place)
        if not models:
            nothing = ModelNotFoundError(
                "No model of the hub is on this machine.",
                remedy="Download one with `models pull hf/REPO`, or name a folder: hf/FOLDER.",
            )
            return EndpointReport(self.name, "", error=nothing, configured=False)
        return EndpointReport(self.name, "", models=models)

    async def pull(self, name: str) -> AsyncGenerator[PullProgress, None]:
        """See `ModelCatalogue.pull`."""
        source, options = parse_name(name)
        if is_folder(source):
            raise UsageError(f"{source} is a folder on this machine.", remedy="It can be used.")
        if find_spec("huggingface_hub") is None:
            raise BackendError(
                "Downloads from the hub need huggingface_hub.",
                remedy="Install it beside main.py: pip install -e '.[hf]'",
            )
        yield PullProgress(f"downloading {source}")
        progress = _Progress()
        job = asyncio.ensure_future(
            asyncio.to_thread(self._download, source, options.revision, progress)
        )
        while not job.done():
            await asyncio.wait([job], timeout=0.5)
            yield PullProgress(f"downloading {source}", progress.done, progress.total or None)
        await job
        yield PullProgress("success")

    def _download(self, source: str, revision: str | None, progress: _Progress) -> None:
        from huggingface_hub import errors as faults
        from huggingface_hub import snapshot_download

        try:
            snapshot_download(
                source, revision=revision, cache_dir=self._cache(), allow_patterns=_PATTERNS,
                token=self._environment.get("HF_TOKEN"), tqdm_class=progress.bar_type(),
            )  # fmt: skip
        except faults.GatedRepoError as error:
            raise ModelAccessError(
                f"hf/{source} may not be read.",
                remedy="Accept its terms on the hub and set HF_TOKEN.",
            ) from error
        except (faults.RepositoryNotFoundError, faults.HFValidationError) as error:
            raise ModelNotFoundError(
                f"The hub has no model {source}.",
                remedy="Check its name; for a private one, set HF_TOKEN.",
            ) from error
        except Exception as error:
            raise BackendUnavailableError(
                f"The download of {source} failed: {type(error).__name__}.",
                remedy="See that the hub can be reached, then try again.",
            ) from error

    def _cache(self) -> Path:
        """Where the hub's files are kept."""
        own = self._environment.get("HF_HUB_CACHE")
        if own:
            return Path(own).expanduser()
        home = self._environment.get("HF_HOME")
        if home:
            return Path(home).expanduser() / "hub"
        base = self._environment.get("XDG_CACHE_HOME") or "~/.cache"
        return Path(base).expanduser() / "huggingface" / "hub"


def is_folder(source: str) -> bool:
    """Whether a model's name is that of a folder."""
    return Path(source).is_dir()


class _Progress:
    """Adds up the bars of a download."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0

    def bar_type(self) -> Any:
        """A class of progress bars that draw nothing and are added up here."""
        from tqdm.auto import tqdm  # type: ignore[import-untyped]

        progress = self

        class Bar(tqdm):  # type: ignore[misc]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **{**kwargs, "disable": True})
                self._counts = kwargs.get("unit") == "B"
                if self._counts:
                    progress.total += int(kwargs.get("total") or 0)

            def update(self, n: float | None = 1) -> bool | None:
                if self._counts:
                    progress.done += int(n or 0)
                return None

        return Bar


def _cached_models(place: Path) -> tuple[ModelCard, ...]:
    """The repositories of models in the cache that have weights."""
    found = []
    for folder in sorted(place.glob("models--*")) if place.is_dir() else ():
        snapshots = [one for one in folder.glob("snapshots/*") if (one / "config.json").exists()]
        weights = [
            f for one in snapshots for f in one.glob("*") if f.suffix in (".safetensors", ".bin")
        ]
        if weights:
            name = folder.name.removeprefix("models--").replace("--", "/")
            size = sum(file.stat().st_size for file in weights)
            found.append(ModelCard(f"hf/{name}", ABILITIES, size_bytes=size))
    return tuple(found)
