"""`doctor` on real files, sockets and terminals."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.cli.shell import Shell
from tests.servers.ollama_server import OllamaServer
from tests.servers.openai_server import FakeOpenAI
from tests.servers.process import free_port

KEY = "sk-very-secret-0123456789"


def examined(shell: Shell) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code and the worst check of each name."""
    done = shell.run("doctor", "--json")
    document = json.loads(done.stdout)
    assert document["status"] == ("error" if done.returncode else "ok"), document
    assert ("error" in document) == bool(done.returncode)
    states = ("ok", "warning", "failure")
    found: dict[str, dict[str, Any]] = {}
    for check in document["data"]:
        assert (check["state"] == "ok") == (check["remedy"] is None), check
        known = found.setdefault(check["name"], check)
        if states.index(check["state"]) > states.index(known["state"]):
            found[check["name"]] = check
    return done.returncode, found


def test_a_fresh_machine_is_well_and_stays_as_it_was(shell: Shell) -> None:
    exit_code, found = examined(shell)
    assert exit_code == 0
    assert {check["state"] for check in found.values()} == {"ok"}
    assert list(found) == [
        "python", "packages", "settings", "store", "disk", "log", "terminal", "model",
    ]  # fmt: skip
    assert "made when it is first needed" in found["store"]["found"]
    assert not shell.store.exists()
    assert "All is well." in shell.ok("doctor")


def test_what_a_file_holds_is_counted(shell: Shell) -> None:
    shell.short_run()
    _, found = examined(shell)
    assert f"{shell.store}: SQLite 3." in found["store"]["found"]
    assert "experiments: 1, batches: 0, runs: 1" in found["store"]["found"]
    assert found["access"]["found"] == "may read and write"


def test_a_file_that_is_no_database_is_told(shell: Shell) -> None:
    shell.store.write_bytes(b"This is no database. " * 100)
    exit_code, found = examined(shell)
    assert exit_code == 1
    assert found["store"]["state"] == "failure"


def test_a_place_that_cannot_be_written_is_a_matter_of_permission(shell: Shell) -> None:
    (shell.folder / "taken").touch()
    shell.environment["SIMULATOR_STORE"] = f"sqlite:///{shell.folder}/taken/lab.db"
    shell.environment["SIMULATOR_LOG_DIR"] = f"{shell.folder}/taken/logs"
    exit_code, found = examined(shell)
    assert exit_code == 4
    assert found["store"]["exit_code"] == found["log"]["exit_code"] == 4
    assert "SIMULATOR_LOG_DIR" in found["log"]["remedy"]


def test_a_dead_server_of_a_database_is_told_without_its_password(shell: Shell) -> None:
    shell.environment["SIMULATOR_STORE"] = f"mongodb://ada:hush-hush@127.0.0.1:{free_port()}/lab"
    shell.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.3"
    exit_code, found = examined(shell)
    assert exit_code == 6
    assert found["store"]["exit_code"] == 6
    assert "hush" not in str(found) + shell.log()


def test_a_missing_password_is_told(shell: Shell) -> None:
    shell.environment["SIMULATOR_STORE"] = "mongodb://ada@127.0.0.1/lab"
    exit_code, found = examined(shell)
    assert exit_code == 4
    assert "DB_PASSWORD" in found["store"]["remedy"]


def test_faults_of_settings_are_told_with_what_was_meant(shell: Shell) -> None:
    env = shell.folder / ".env"
    env.write_text("SIMULATOR_STROE=x\nOPENAI_API_KEYS sk-1\nLAB_API_KEY=hidden-key\n", "utf-8")
    env.chmod(0o644)
    done = shell.run("doctor")
    assert done.returncode == 0
    assert "there is no setting SIMULATOR_STROE" in done.stdout
    assert "Did you mean SIMULATOR_STORE?" in done.stdout
    assert "line 2, is no NAME=value" in done.stdout
    assert f"chmod 600 {env}" in done.stdout
    assert "hidden-key" not in done.stdout
    env.chmod(0o600)
    env.write_text("LAB_API_KEY=hidden-key\n", "utf-8")
    assert examined(shell)[1]["settings"]["state"] == "ok"


@pytest.mark.parametrize("text", [b"A=\xff\n", b"SIMULATOR_MAX_LIVE_RUNS=many\n"])
def test_settings_that_cannot_be_read_leave_the_rest_unchecked(shell: Shell, text: bytes) -> None:
    (shell.folder / ".env").write_bytes(text)
    exit_code, found = examined(shell)
    assert exit_code == 1
    assert found["settings"]["state"] == "failure"
    assert "store" not in found


async def test_servers_of_models_are_asked_for_their_lists(shell: Shell) -> None:
    ollama = OllamaServer()
    async with ollama.serving() as address, FakeOpenAI() as openai:
        openai.api_key = KEY
        shell.environment |= {
            "OLLAMA_HOST": address, "OPENAI_BASE_URL": openai.base_url, "OPENAI_API_KEY": KEY,
            "SIMULATOR_MODEL": "ollama/llama3.2",
        }  # fmt: skip
        exit_code, found = await asyncio.to_thread(examined, shell)
        assert exit_code == 0
        assert found["ollama"]["found"] == f"{address}; models: 1"
        assert found["openai"]["state"] == found["model"]["state"] == "ok"
        shell.environment["SIMULATOR_MODEL"] = "ollama/llama4"
        shell.environment["OPENAI_API_KEY"] = "sk-wrong-0123456789"
        exit_code, found = await asyncio.to_thread(examined, shell)
    assert exit_code == 4
    assert found["model"]["state"] == "warning"
    assert "models ls ollama" in found["model"]["remedy"]
    assert found["openai"]["exit_code"] == 4
    assert "sk-wrong" not in str(found)


def test_a_model_whose_server_is_away_is_told_once(shell: Shell) -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"
    shell.environment |= {"SIMULATOR_MODEL": "vllm/any", "VLLM_BASE_URL": address}
    exit_code, found = examined(shell)
    assert exit_code == 6
    assert found["model"]["state"] == "failure"
    assert "vllm" not in found


def test_narrow_and_deaf_terminals_are_told(shell: Shell) -> None:
    with shell.terminal("doctor", columns=60) as screen:
        screen.expect("Looking at the store")
        assert screen.end() == 0
        assert "Make it 80 columns wide" in " ".join(screen.text.split())
    done = shell.run("doctor", env={"PYTHONIOENCODING": "latin-1"})
    assert "PYTHONUTF8=1" in done.stdout
