"""What is missing or broken is named, with the line that installs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.analysis.packages import imported, packaged_text
from simulator.analysis.texts.registry import TEXT_MEASURES
from simulator.errors import NotFoundError
from tests.lacking import lack

INSTALL = "pip install -e '.[analysis]'"
ANEW = "pip install --force-reinstall -e '.[analysis]'"


def test_a_package_that_is_there_is_imported() -> None:
    assert imported("json", "Needs json").loads("1") == 1


def test_a_package_that_raises_when_it_is_imported_is_broken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = {
        "torn": "raise ImportError('libfoo.so: cannot open\\nshared object')",
        "odd": "raise ValueError('numpy.dtype size changed')", "needy": "import nothing_of_it",
    }  # fmt: skip
    for name, program in faults.items():
        (tmp_path / f"{name}_of_test.py").write_text(program, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    told = {}
    for name in faults:
        with pytest.raises(NotFoundError) as caught:
            imported(f"{name}_of_test", f"It needs {name}")
        told[name] = f"{caught.value.message} {caught.value.remedy}"
    assert (
        "It needs torn, whose installation is broken: ImportError: libfoo.so: cannot"
        in (told["torn"])
    )
    assert ANEW in told["torn"] and ANEW in told["odd"] and "ValueError" in told["odd"]
    assert "It needs needy, which lacks nothing_of_it." in told["needy"]
    assert INSTALL in told["needy"]


def test_a_file_that_a_package_should_have_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "hollow_of_test").mkdir()
    (tmp_path / "hollow_of_test" / "__init__.py").write_text("raise ImportError", "utf-8")
    (tmp_path / "hollow_of_test" / "odd.txt").write_bytes(b"\xff")
    (tmp_path / "hollow_of_test" / "good.txt").write_text("words", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert packaged_text("hollow_of_test", Path("good.txt"), "It needs hollow") == "words"
    for name in ("none.txt", "odd.txt"):
        with pytest.raises(NotFoundError, match="It needs hollow, whose installation is broken"):
            packaged_text("hollow_of_test", Path(name), "It needs hollow")
    with pytest.raises(NotFoundError, match="It needs none, which is not installed"):
        packaged_text("none_of_test", Path("good.txt"), "It needs none")


@pytest.mark.parametrize(
    ("measure", "package"),
    [("positivity", "nltk"), ("difficulty", "textstat"), ("difficulty", "pyphen")],
)
def test_measures_name_the_package_that_they_lack(
    measure: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lack(monkeypatch, package)
    with pytest.raises(NotFoundError, match=f"'{measure}' needs {package}, which") as caught:
        TEXT_MEASURES[measure].of_texts(["words"])
    assert INSTALL in str(caught.value.remedy)
