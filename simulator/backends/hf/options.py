"""How a local model is loaded and run: what may follow its name after a question mark."""

from __future__ import annotations

from typing import Literal
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from simulator.domain.nearest import nearest
from simulator.errors import UsageError


class HfOptions(BaseModel):
    """Options of one local model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dtype: Literal["auto", "float32", "float16", "bfloat16"] = "auto"
    """Of the weights; `auto` is float32 on a CPU, else that of the files."""
    device: str = Field(default="auto", pattern=r"^(auto|cpu|mps|cuda(:\d+)?)$")
    """`auto` takes the first GPU, if there is one."""
    bits: Literal[4, 8] | None = None
    """Quantizes the weights with bitsandbytes while they are loaded; needs a GPU."""
    template: Literal["auto", "none"] = "auto"
    """`none` joins the messages as plain text, even if the model has a chat template."""
    rows: int = Field(default=64, ge=1, le=1024)
    """Requests that are answered side by side, at most."""
    memory_mb: int | None = Field(default=None, ge=1)
    """Megabytes for keys and values; None takes a quarter of the memory that is free."""
    threads: int | None = Field(default=None, ge=1)
    """Of the processor; None takes one for models below 100 M parameters, else PyTorch's choice."""
    exact: Literal["auto", "yes", "no"] = "auto"
    """Whether a reply is the same to the last bit whatever is computed beside it; on a processor
    with one thread only, where `auto` sees to it."""
    revision: str | None = None
    """Branch, tag or commit of the repository."""
    trust: Literal["yes", "no"] = "no"
    """Whether code that comes with the model may be run."""


def parse_name(name: str) -> tuple[str, HfOptions]:
    """The repository or folder, and the options after `?`.

    Raises:
        UsageError: An option is unknown or has no such value.
    """
    source, _, query = name.partition("?")
    if not source:
        raise UsageError(
            "hf/ is no model.", remedy="Write hf/ and a repository, such as hf/Qwen/Qwen3-0.6B."
        )
    given: dict[str, object] = dict(parse_qsl(query, keep_blank_values=True))
    for option in ("bits",):
        value = given.get(option)
        if isinstance(value, str) and value.isdecimal():
            given[option] = int(value)
    try:
        return source, HfOptions.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        option = str(fault["loc"][0])
        if fault["type"] == "extra_forbidden":
            near = nearest(option, HfOptions.model_fields)
            meant = f"Did you mean {near!r}? " if near else ""
            raise UsageError(
                f"hf/{name}: there is no option {option!r}.",
                remedy=f"{meant}Options are {', '.join(HfOptions.model_fields)}.",
            ) from None
        raise UsageError(f"hf/{name}: {option}: {fault['msg']}.") from None
