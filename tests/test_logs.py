from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from simulator.errors import UsageError
from simulator.logs import LOG_NAME, close_logging, set_up_logging
from simulator.redaction import MASK, Redactor, masked_address, secrets_of
from simulator.settings import PROJECT_ROOT, Settings, variable_names

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ \d+ simulator\S*: .*")
_log = logging.getLogger("simulator.test")


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_logging()


def written(folder: Path, store: SecretStr | None = None) -> Path:
    path, warning = set_up_logging(Settings(log_dir=folder, store=store), "test")
    assert warning is None
    assert path == folder / LOG_NAME
    return path


def test_each_record_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path)
    _log.info("first\nsecond\r\x1b[31m \u2028 \ud800 %s", "x")
    try:
        raise ValueError("several\nlines")
    except ValueError:
        _log.exception("failed")
    _log.info("wrong %d", "arguments")
    _log.debug("not wanted")
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    assert all(LINE.fullmatch(line) for line in lines)
    assert len(lines) == 4
    assert lines[1].endswith("first\\nsecond\\r\\x1b[31m \\u2028 \\ud800 x")
    assert "Traceback" in lines[2]


secret_texts = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FF, categories=["L", "N", "P", "S"]),
    min_size=6, max_size=40,
).filter(lambda text: any(c.isalpha() for c in text))  # fmt: skip
names = st.sampled_from(["OPENAI_API_KEY", "HF_TOKEN", "DB_PASSWORD", "MY_SECRET", "lab_token"])
shapes = st.sampled_from(
    ["%s", "key is %s.", "{'key': %r}", "x%sx", "?api_key=%s&b=1", "Bearer %s", "two %s and %s"]
)


@given(secret_texts, names, shapes)
def test_no_secret_of_the_environment_is_written(secret: str, name: str, shape: str) -> None:
    with _temporary() as folder, mock.patch.dict(os.environ, {name: secret}):
        path = written(folder)
        _log.info(shape, *[secret] * shape.count("%"))
        _log.info("json %s", json.dumps({"a": secret}))
        try:
            raise ValueError(f"refused {secret}!")
        except ValueError:
            _log.exception("call with %s", secret)
        close_logging()
        messages = [
            line.split(": ", 1)[1] for line in path.read_text(encoding="utf-8").splitlines()[1:]
        ]
        assert secret not in " ".join(messages).replace("simulator", "")


@given(secret_texts)
def test_no_password_of_an_address_is_written(password: str) -> None:
    address = f"mongodb+srv://ada:{password}@host/db"
    with _temporary() as folder:
        path = written(folder, store=SecretStr(address))
        _log.info("opening %s", address)
        _log.info("the password %s is wrong", password)
        _log.info("elsewhere https://bob:%s@host", "unknown-" + password)
        close_logging()
        lines = path.read_text(encoding="utf-8").splitlines()[1:]
        assert not any(password in line.split(": ", 1)[1] for line in lines)


@pytest.mark.parametrize(
    "text",
    ["sk-{}", "tlsCertificateKeyFilePassword={}", "MY_PASSWORD={}",
     "Authorization: Bearer {}", "'authorization': 'Basic {}'", "bearer {}",
     "http://u:{}@h/", "api_key={}", "password: {}", '{{"access_token": "{}"}}',
     "Authorization={}", "hf_{}"],
)  # fmt: skip
def test_what_looks_like_a_secret_is_masked(tmp_path: Path, text: str) -> None:
    path = written(tmp_path)
    _log.info("%s", text.format("abcDEF123456"))
    assert "abcDEF123456" not in path.read_text(encoding="utf-8")
    assert MASK in path.read_text(encoding="utf-8")


def test_what_is_no_secret_stays(tmp_path: Path) -> None:
    path = written(tmp_path)
    text = "run 01K: 12 tokens=5 of ollama/llama3.1:8b at http://localhost:11434/api; key moment"
    _log.info(text)
    assert path.read_text(encoding="utf-8").rstrip().endswith(text)


def test_secrets_are_found_by_name_and_in_addresses() -> None:
    found = secrets_of(
        {"A_KEY": "one", "token": "two", "MONGODB_URI": "mongodb://u:p%40ss@h", "HOME": "/home/x",
         "DB_PASSWORD": "", "KEYBOARD": "us"}
    )  # fmt: skip
    assert found == {"one", "two", "p%40ss", "p@ss"}


HIDDEN = "s3cretPW99"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("sqlite:////data/ada@lab/x.db?a=1", "sqlite:////data/ada@lab/x.db?a=1"),
        ("/data/ada@lab/x.db", "/data/ada@lab/x.db"),
        ("mongodb://ada@h/x?replicaSet=rs0&tls=true", "mongodb://ada@h/x?replicaSet=rs0&tls=true"),
        (f"mongodb://ada:{HIDDEN}@h/db", "mongodb://ada:***@h/db"),
        (f"mongodb+srv://ada@lab.example:{HIDDEN}@h/db", "mongodb+srv://ada@lab.example:***@h/db"),
        (f"mongodb://ada:{HIDDEN}'x@h/db", "mongodb://ada:***@h/db"),
        (f"mongodb://ada:{HIDDEN} x@h/db", "mongodb://ada:***@h/db"),
        (f"mongodb://ada:<{HIDDEN}\"@h/db", "mongodb://ada:***@h/db"),
        (f"mongodb://a/b:{HIDDEN}@h/db", "mongodb://a/b:***@h/db"),
        (f"mongodb://a'b:{HIDDEN}@h/db", "mongodb://a'b:***@h/db"),
        (f"mongodb://ada:@h,{HIDDEN}@x/", "mongodb://ada:***@x/"),
        (f"mongodb://ada:x?{HIDDEN}@h/db", "mongodb://***"),
        (f"mongodb://ada@lab:x?{HIDDEN}@h/db", "mongodb://***"),
        (f"mongodb://h/?tlsCertificateKeyFile=a.pem&tlsCertificateKeyFilePassword={HIDDEN}",
         "mongodb://h/?tlsCertificateKeyFile=a.pem&tlsCertificateKeyFilePassword=***"),
        (f"mongodb://h/?w=1;proxyPassword={HIDDEN}", "mongodb://h/?w=1;proxyPassword=***"),
        (f"mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:{HIDDEN}",
         "mongodb://h/?authMechanismProperties=***"),
        (f"mongodb://h/?{HIDDEN}", "mongodb://h/?***"),
        (f"other://ada:{HIDDEN}@h", "other://ada:***@h"),
    ],
)  # fmt: skip
def test_addresses_are_shown_and_logged_without_their_secrets(
    tmp_path: Path, address: str, shown: str
) -> None:
    assert masked_address(address) == shown
    path = written(tmp_path, store=SecretStr(address))
    _log.info("opening %s", address)
    assert HIDDEN not in path.read_text(encoding="utf-8")


def test_keys_named_after_a_model_or_by_the_users_endpoints_are_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    endpoints = tmp_path / "endpoints.toml"
    endpoints.write_text('[lab]\nkey_variables = ["LAB_PASS"]\n', encoding="utf-8")
    monkeypatch.setenv("AZURE_OPENAI_KEY_gpt-4o", "first-hidden-word")
    monkeypatch.setenv("LAB_PASS", "second-hidden-word")
    path, _ = set_up_logging(Settings(log_dir=tmp_path, endpoints=endpoints), "test")
    assert path is not None
    _log.info("first-hidden-word, second-hidden-word")
    assert path.read_text(encoding="utf-8").endswith(": ***, ***\n")


@pytest.mark.parametrize("text", ["://", "a-", "a_", "basic ", "authorization: ", "key-", "a:b@"])
def test_no_text_takes_long_to_mask(text: str) -> None:
    started = time.process_time()
    Redactor(["very-secret-words"])(text * (4096 // len(text)))
    assert time.process_time() - started < 0.5


def test_secrets_of_the_dotenv_file_are_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("OPENAI_API_KEY=very-hidden-words\n", encoding="utf-8")
    path = written(tmp_path)
    _log.info("sent very-hidden-words")
    assert "very-hidden-words" not in path.read_text(encoding="utf-8")


def test_an_unknown_level_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no level 'loud'"):
        set_up_logging(Settings(log_dir=tmp_path, log_level="loud"), "test")


def test_several_processes_rotate_one_file_without_losing_lines(tmp_path: Path) -> None:
    script = (
        "import logging, sys; from pathlib import Path\n"
        "from simulator import logs; from simulator.settings import Settings\n"
        "logs.MAX_BYTES = 20_000; logs.BACKUPS = 200\n"
        "logs.set_up_logging(Settings(log_dir=Path(sys.argv[1])), 'test')\n"
        "for n in range(400): logging.getLogger('simulator.x').info('%s %d', sys.argv[2], n)\n"
    )
    players = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), name], cwd=PROJECT_ROOT,
            stderr=subprocess.PIPE, text=True,
        )
        for name in "abcd"
    ]  # fmt: skip
    for player in players:
        _, err = player.communicate(timeout=60)
        assert (player.returncode, err) == (0, "")
    text = "".join(path.read_text(encoding="utf-8") for path in tmp_path.glob(f"{LOG_NAME}*"))
    found = re.findall(r"simulator\.x: (\w \d+)$", text, re.MULTILINE)
    assert len(list(tmp_path.glob(f"{LOG_NAME}.*"))) > 2
    assert sorted(found) == sorted(f"{name} {n}" for name in "abcd" for n in range(400))


def test_the_template_lists_every_setting() -> None:
    template = (PROJECT_ROOT / ".env_template").read_text(encoding="utf-8")
    listed = re.findall(r"^#?([A-Z_]+)=", template, re.MULTILINE)
    ours = ("SIMULATOR_", "MONGODB_", "DB_")
    assert [name for name in listed if name.startswith(ours)] == variable_names()
    shipped = PROJECT_ROOT / "simulator" / "backends" / "openai" / "endpoints.toml"
    for endpoint in tomllib.loads(shipped.read_text(encoding="utf-8")).values():
        assert set(endpoint["key_variables"]) & set(listed), endpoint
    for block in template.split("\n\n")[1:]:
        assert block.startswith("# ")


class _temporary:
    def __enter__(self) -> Path:
        import tempfile

        self._folder = tempfile.TemporaryDirectory()
        return Path(self._folder.name)

    def __exit__(self, *error: object) -> None:
        close_logging()
        self._folder.cleanup()
