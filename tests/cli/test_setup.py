"""`setup` on a terminal and without one; `.env` gets what was agreed and nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from dotenv import dotenv_values
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.controls import BufferControl
from prompt_toolkit.layout.processors import TransformationInput

from simulator.cli.interviewing import MaskedPassword
from tests.cli.shell import Shell, Terminal
from tests.servers.ollama_server import OllamaServer
from tests.servers.process import free_port

ENTER, DOWN, CTRL_C, CTRL_D = "\r", "\x1b[B", "\x03", "\x04"
SECRET = "p@ss:w/rd %#1"
ESCAPED = "p%40ss%3Aw%2Frd%20%25%231"
MINE = "# mine\nOPENAI_API_KEY='k e y' # work\n\nSIMULATOR_USER=old\n"


@pytest.fixture
def bare(shell: Shell) -> Shell:
    """A user who has set nothing."""
    del shell.environment["SIMULATOR_STORE"]
    shell.environment["PROMPT_TOOLKIT_NO_CPR"] = "1"
    return shell


def kept(shell: Shell) -> dict[str, str | None]:
    return dotenv_values(shell.folder / ".env", encoding="utf-8")


def default_store(shell: Shell) -> str:
    return f"sqlite:///{shell.home}/.local/share/llm-interaction-simulator/simulator.db"


def answer(screen: Terminal, question: str, keys: str, after: int = 0) -> int:
    at = screen.expect(question, after=after)
    screen.type(keys)
    return at


def test_enter_at_every_question_keeps_a_file_on_this_machine(bare: Shell) -> None:
    with bare.terminal("setup", columns=100) as screen:
        at = answer(screen, "Where shall experiments be kept?", ENTER)
        at = screen.expect("Model: pocket, the only one", after=at)
        at = answer(screen, "Your name", "\x15Ada L.\r", after=at)
        answer(screen, "Write this to .env", ENTER, after=at)
        assert screen.end() == 0
    assert kept(bare) == {
        "SIMULATOR_STORE": default_store(bare),
        "SIMULATOR_MODEL": "pocket",
        "SIMULATOR_USER": "Ada L.",
    }
    assert (bare.folder / ".env").stat().st_mode & 0o777 == 0o600


def test_everything_else_in_the_file_stays(bare: Shell) -> None:
    (bare.folder / ".env").write_text(MINE, encoding="utf-8")
    bare.ok("setup", "--yes", "--user", "Ada $L. #1")
    text = (bare.folder / ".env").read_text("utf-8")
    assert text == MINE.replace("old", '"Ada $L. #1"')
    run = bare.short_run()["run"]
    assert run["creator"] == "Ada $L. #1"


@pytest.mark.parametrize(
    ("question", "keys"),
    [("Where shall", CTRL_D + CTRL_C), ("Your name", CTRL_C), ("Write this", CTRL_D + CTRL_C)],
)
def test_leaving_at_any_question_leaves_everything_as_it_was(
    bare: Shell, question: str, keys: str
) -> None:
    (bare.folder / ".env").write_text(MINE, encoding="utf-8")
    with bare.terminal("setup", columns=100) as screen:
        at = 0
        for asked in ("Where shall", "Your name", "Write this"):
            if asked == question:
                answer(screen, asked, keys, after=at)
                break
            at = answer(screen, asked, ENTER, after=at)
        assert screen.end() == 130
        assert "Interrupted. Nothing was changed." in screen.text
        assert "Traceback" not in screen.text
    assert (bare.folder / ".env").read_text("utf-8") == MINE
    assert sorted(path.name for path in bare.folder.iterdir()) == [".env", "home", "logs"]


async def test_a_model_of_a_server_is_found_by_typing(bare: Shell) -> None:
    server = OllamaServer()

    def choose() -> int:
        with bare.terminal("setup", "--user", "ada", columns=100) as screen:
            at = answer(screen, "Where shall", ENTER)
            at = screen.expect("Which model", after=at)
            screen.expect("ollama/llama3.2", after=at)
            screen.type("llam")
            at = answer(screen, "llam", ENTER, after=at)
            answer(screen, "Write this", ENTER, after=at)
            return screen.end()

    async with server.serving() as address:
        bare.environment["OLLAMA_HOST"] = address
        assert await asyncio.to_thread(choose) == 0
    assert kept(bare)["SIMULATOR_MODEL"] == "ollama/llama3.2"


def test_who_does_not_agree_writes_nothing(bare: Shell) -> None:
    with bare.terminal("setup", columns=100) as screen:
        at = answer(screen, "Where shall", ENTER)
        at = answer(screen, "Your name", ENTER, after=at)
        answer(screen, "Write this", "n", after=at)
        assert screen.end() == 1
        assert "Nothing was written." in screen.text
    assert not (bare.folder / ".env").exists()


def test_an_unreachable_mongodb_is_told_and_may_be_kept_all_the_same(bare: Shell) -> None:
    port = free_port()
    bare.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.3"
    with bare.terminal("setup", "--user", "ada", columns=120) as screen:
        at = answer(screen, "Where shall", DOWN + ENTER)
        at = answer(screen, "How do you name the MongoDB?", ENTER, after=at)
        at = answer(screen, "Host, such as", f"127.0.0.1:{port}\r", after=at)
        at = answer(screen, "User (empty", "ada@lab\r", after=at)
        at = answer(screen, "Password (not shown)", f"{SECRET}\r", after=at)
        at = screen.expect("cannot be reached", after=at)
        at = answer(screen, "What now?", DOWN + ENTER, after=at)
        at = answer(screen, "Name of the database", ENTER, after=at)
        at = screen.expect(f"mongodb://ada%40lab:***@127.0.0.1:{port}/", after=at)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
        drawn = screen.text
    assert kept(bare)["SIMULATOR_STORE"] == f"mongodb://ada%40lab:{ESCAPED}@127.0.0.1:{port}/"
    assert kept(bare)["SIMULATOR_DATABASE"] == "simulator"
    for text in (drawn, bare.log()):
        assert SECRET not in text and ESCAPED not in text


def test_giving_up_on_an_unreachable_mongodb_writes_nothing(bare: Shell) -> None:
    bare.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.3"
    address = f"mongodb://ada:{ESCAPED}@127.0.0.1:{free_port()}/"
    with bare.terminal("setup", columns=120) as screen:
        at = answer(screen, "Where shall", DOWN + ENTER)
        at = answer(screen, "How do you name", DOWN + ENTER, after=at)
        at = answer(screen, "Its address", f"lab\r\x15{address}\r", after=at)
        at = answer(screen, "What now?", DOWN + DOWN + ENTER, after=at)
        assert screen.end() == 1
        assert ESCAPED not in screen.text
    assert not (bare.folder / ".env").exists()


@pytest.mark.parametrize("by_parts", [True, False])
def test_what_was_typed_is_offered_again_without_its_password(bare: Shell, by_parts: bool) -> None:
    place = f"127.0.0.1:{free_port()}"
    bare.environment["SIMULATOR_STORE_TIMEOUT_S"] = "0.3"
    with bare.terminal("setup", "--user", "ada", columns=120) as screen:
        at = answer(screen, "Where shall", DOWN + ENTER)
        for typed in (f"{place}/lab", ""):
            at = answer(screen, "How do you name", ENTER if by_parts else DOWN + ENTER, after=at)
            if by_parts:
                at = answer(screen, "Host, such as", typed + ENTER, after=at)
                at = answer(screen, "User (empty", ENTER if not typed else "ada@lab\r", after=at)
            else:
                text = typed and f"mongodb://ada%40lab@{typed}"
                at = answer(screen, "Its address", text + ENTER, after=at)
            at = answer(screen, "Password (not shown)", f"{SECRET}\r", after=at)
            at = screen.expect("cannot be reached", after=at)
            at = answer(screen, "What now?", ENTER if typed else DOWN + ENTER, after=at)
        at = answer(screen, "Name of the database", ENTER, after=at)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
        assert "Use it untested" in screen.text
        assert SECRET not in screen.text and ESCAPED not in screen.text
    assert kept(bare)["SIMULATOR_STORE"] == f"mongodb://ada%40lab:{ESCAPED}@{place}/lab"


def test_a_file_that_cannot_be_used_is_chosen_again(bare: Shell) -> None:
    (bare.folder / "taken").touch()
    words = ["setup", "--store", "sqlite:///taken/lab.db", "--user", "ada"]
    with bare.terminal(*words, columns=120) as screen:
        at = answer(screen, "What now?", ENTER)
        at = answer(screen, "Where shall", DOWN + ENTER, after=at)
        answer(screen, "Write this", ENTER, after=at)
        assert screen.end() == 0
    assert kept(bare)["SIMULATOR_STORE"] == default_store(bare)


@pytest.mark.parametrize(
    ("typed", "drawn"),
    [
        ("mongodb://h:27017,i:27018/lab?w=1", "mongodb://h:27017,i:27018/lab?w=1"),
        ("mongodb://ada@h:27017/", "mongodb://ada@h:27017/"),
        ("mongodb://ada:p@ss?w@h:1/x", "mongodb://ada:******@h:1/x"),
        ("mongodb://ada:se", "mongodb://ada:**"),
        ("mongodb://h/?tlsCertificateKeyFilePassword=se",
         "mongodb://h/?tlsCertificateKeyFilePassword=**"),
    ],
)  # fmt: skip
def test_a_password_in_an_address_is_masked_while_it_is_typed(typed: str, drawn: str) -> None:
    shown = MaskedPassword().apply_transformation(as_typed(typed))
    assert shown.fragments == [("class:answer", drawn)]


def as_typed(text: str) -> TransformationInput:
    line: StyleAndTextTuples = [("class:answer", text)]
    return TransformationInput(BufferControl(), Document(text), 0, lambda at: at, line, 120, 1)


def test_the_password_of_an_address_may_be_left_to_be_asked_for(bare: Shell) -> None:
    done = bare.run("setup", "--yes", "--store", "mongodb://ada@db.example/")
    assert done.returncode == 0
    assert "the connection was not tried" in done.stderr
    assert kept(bare)["SIMULATOR_STORE"] == "mongodb://ada@db.example/"


def test_nobody_at_the_terminal_gets_the_options_named(bare: Shell) -> None:
    exit_code, error = bare.error("setup", "--user", "ada")
    assert (exit_code, error["code"]) == (2, "usage")
    for option in ("--store", "--database", "--model", "--user", "--yes"):
        assert option in error["suggestion"]
    assert bare.run("setup", "--yes").returncode == 2
    assert bare.run("setup", stdin="\n\n\n").returncode == 2
    assert not (bare.folder / ".env").exists()


def test_options_answer_everything_and_json_shows_no_secret(bare: Shell) -> None:
    bare.environment["DB_PASSWORD"] = SECRET
    words = ["--store", "mongodb://ada@db.example/", "--database", "lab", "--user", "ada",
             "--model", "scripted/babble", "--yes", "--untested"]  # fmt: skip
    data = bare.data("setup", *words)
    assert data["variables"]["SIMULATOR_STORE"] == "mongodb://ada@db.example/"
    assert Path(data["file"]) == bare.folder / ".env"
    assert kept(bare) == {
        "SIMULATOR_STORE": "mongodb://ada@db.example/",
        "SIMULATOR_DATABASE": "lab",
        "SIMULATOR_MODEL": "scripted/babble",
        "SIMULATOR_USER": "ada",
    }


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("mongodb://ada@lab.example:hush-hush@h/db", "mongodb://ada@lab.example:***@h/db"),
        ("mongodb://h/db?tls=true&tlsCertificateKeyFilePassword=hush-hush",
         "mongodb://h/db?tls=true&tlsCertificateKeyFilePassword=***"),
    ],
)  # fmt: skip
def test_no_secret_of_an_address_is_shown(bare: Shell, address: str, told: str) -> None:
    data = bare.data("--store", address, "setup", "--yes", "--untested")
    assert data["variables"] == {"SIMULATOR_STORE": told}
    assert kept(bare)["SIMULATOR_STORE"] == address
    with bare.terminal("setup", "--untested", "--user", "ada", columns=120) as screen:
        at = answer(screen, f"As it is now: {told}", ENTER)
        at = answer(screen, "Name of the database", ENTER, after=at)
        at = screen.expect(told, after=at)
        answer(screen, "Write this", "n", after=at)
        assert screen.end() == 1
        assert "hush" not in screen.text + bare.log()


@pytest.mark.parametrize(
    ("words", "exit_code", "told"),
    [
        (["--store", "mongodb://ada:p@ss:w/rd@host"], 2, "cannot be read"),
        (["--store", "sqlite:///taken/lab.db"], 4, "may not be written"),
        (["--model", "nobody/model"], 3, "nobody"),
        (["--database", "my.lab"], 2, "must not have '.'"),
    ],
)
def test_what_cannot_be_used_is_told_and_not_written(
    bare: Shell, words: list[str], exit_code: int, told: str
) -> None:
    (bare.folder / "taken").touch()
    got, error = bare.error("setup", "--yes", *words)
    assert got == exit_code
    assert told in error["message"]
    assert "w/rd" not in str(error)
    assert not (bare.folder / ".env").exists()


def test_a_variable_that_goes_before_the_file_is_told(bare: Shell) -> None:
    bare.environment["SIMULATOR_USER"] = "bob"
    done = bare.run("setup", "--yes", "--user", "ada")
    assert done.returncode == 0
    assert "another SIMULATOR_USER" in done.stderr


def test_designs_that_name_no_model_take_the_usual_one(bare: Shell, design: Path) -> None:
    bare.ok("setup", "--yes", "--model", "scripted/babble?token_delay_ms=0", "--store", "lab.db")
    named = design.read_text("utf-8")
    design.write_text(named.replace("model: scripted/babble\n", ""), encoding="utf-8")
    bare.ok("run", str(design), "--seed", "1")
    shown = bare.data("show", "last")
    assert {agent["model"] for agent in shown["run"]["agents"]} == {
        "scripted/babble?token_delay_ms=0"
    }
    design.write_text(named, encoding="utf-8")
    bare.ok("run", str(design), "--seed", "1")
    assert {one["model"] for one in bare.data("show", "last")["run"]["agents"]} == {
        "scripted/babble"
    }


def test_a_missing_password_is_asked_for_only_at_a_terminal(bare: Shell) -> None:
    bare.environment |= {
        "DB_CLUSTER_URL": f"mongodb://127.0.0.1:{free_port()}", "DB_USER": "ada",
        "SIMULATOR_STORE_TIMEOUT_S": "0.3",
    }  # fmt: skip
    assert bare.run("ls").returncode == 4
    assert "Set DB_PASSWORD" in bare.run("ls").stderr
    assert bare.error("ls")[0] == 4
    assert bare.run("ls", "--help").returncode == 0
    bare.ok("ls", "--store", "sqlite:///lab.db")
    with bare.terminal("ls", columns=120) as screen:
        answer(screen, "Password of ada for the database:", f"{SECRET}\r")
        assert screen.end() == 6
        assert SECRET not in screen.text
    with bare.terminal("ls", columns=120) as screen:
        answer(screen, "Password of ada for the database:", CTRL_C)
        assert screen.end() == 130
    assert SECRET not in bare.log()


@pytest.mark.parametrize("words", [["db", "push", "{}"], ["ls", "--store", "{}"]])
def test_a_password_is_not_given_to_a_server_that_it_is_not_for(
    bare: Shell, words: list[str]
) -> None:
    bare.environment |= {"MONGODB_URI": "mongodb://lab.example/x", "DB_PASSWORD": SECRET}
    stranger = f"mongodb://ada@127.0.0.1:{free_port()}/x?authMechanism=PLAIN"
    exit_code, error = bare.error(*[word.format(stranger) for word in words])
    assert exit_code == 4
    assert error["message"] == "The password of 'ada' for the database is missing."
    assert "address" in error["suggestion"]
