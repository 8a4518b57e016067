from __future__ import annotations

import pytest

from simulator.backends.hf.options import parse_name
from simulator.errors import UsageError


def test_a_name_alone_leaves_everything_open() -> None:
    source, options = parse_name("Qwen/Qwen3-0.6B")
    assert source == "Qwen/Qwen3-0.6B"
    assert (options.dtype, options.device, options.bits) == ("auto", "auto", None)


def test_options_follow_a_question_mark() -> None:
    source, options = parse_name(
        "a/b?dtype=bfloat16&bits=4&rows=8&memory_mb=100&threads=2&exact=no"
    )
    assert source == "a/b"
    assert (options.dtype, options.bits, options.rows) == ("bfloat16", 4, 8)
    assert (options.memory_mb, options.threads, options.exact) == (100, 2, "no")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("", "is no model"),
        ("a/b?dtipe=float16", "Did you mean 'dtype'?"),
        ("a/b?dtype=float8", "dtype"),
        ("a/b?bits=3", "bits"),
        ("a/b?rows=0", "rows"),
        ("a/b?device=gpu", "device"),
    ],
)
def test_what_cannot_be_meant_is_refused(name: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_name(name)
    assert said in f"{refused.value.message} {refused.value.remedy}"
