"""What the command line understands and says, without a server."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from onegrid.shell.cli import doctor, say
from onegrid.shell.cli.demo import Filling, choose, locality_order, read_scale
from onegrid.shell.cli.main import MODULES, main, parser
from onegrid.shell.cli.say import Trouble
from onegrid.shell.config import environment
from onegrid.shell.config.environment import BadEnvironment
from onegrid.shell.serve.parent import choose_port, demo_password
from onegrid.shell.serve.prepared import Prepared


@pytest.mark.parametrize(
    ("words", "scale"), [("small", 0.01), ("full", 1.0), ("0.05", 0.05), ("1/50", 0.02), ("1", 1.0)]
)
def test_scale_is_read(words: str, scale: float) -> None:
    assert read_scale(words) == pytest.approx(scale)


@pytest.mark.parametrize("words", ["", "big", "0", "-1", "2", "1/0", "nan%"])
def test_bad_scale_is_told(words: str) -> None:
    with pytest.raises(Trouble, match="--scale"):
        read_scale(words)


def test_localities_come_in_their_order(tmp_path: Path) -> None:
    for name in ("base", "aaa", "bbb", "ccc"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.yaml").write_text("name: x")
    (tmp_path / "order.txt").write_text("ccc\nunknown\naaa\n")
    order = locality_order(tmp_path)
    assert order == ["ccc", "aaa", "base", "bbb"]
    assert choose(None, order) == ["ccc"]
    assert choose("all", order) == ["ccc", "aaa", "bbb"]
    assert choose("bbb", order) == ["bbb"]
    with pytest.raises(Trouble, match="ccc, aaa, bbb"):
        choose("base", order)
    with pytest.raises(Trouble, match="no locality"):
        choose("zzz", order)


def test_a_taken_port_is_told_and_the_next_free_one_is_found() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=f"port {port} is in use"):
            choose_port(port, "127.0.0.1")
        # The feed needs the next one.
        with pytest.raises(Trouble, match=f"port {port} is in use"):
            choose_port(port - 1, "127.0.0.1")
    assert choose_port(None, "127.0.0.1") >= 8000


def test_demo_password_is_made_once_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ONEGRID_DEMO_PASSWORD", raising=False)
    first = demo_password(tmp_path)
    assert len(first) >= 12
    assert demo_password(tmp_path) == first
    assert (tmp_path / "demo_password").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("ONEGRID_DEMO_PASSWORD", "given")
    assert demo_password(tmp_path) == "given"


def test_prepared_remembers_per_code(tmp_path: Path) -> None:
    assert not Prepared(tmp_path).covers(["a"])
    Prepared(tmp_path).remember(["a"])
    Prepared(tmp_path).remember(["b"])
    again = Prepared(tmp_path)
    assert again.names == ("a", "b")
    assert again.covers(["a"])
    assert not again.covers(["c"])
    noted = json.loads((tmp_path / "prepared.json").read_text())
    (tmp_path / "prepared.json").write_text(json.dumps(noted | {"code": "older"}))
    assert not Prepared(tmp_path).covers(["a"])


def test_answer_and_words(tmp_path: Path) -> None:
    account = {"role": "dispatcher", "username": "d", "password": "p", "name": "n", "title": "t", "place": "x"}
    filling = Filling(tmp_path, ["a", "b"], 0.01, 1)
    filling.done = {name: {"accounts": [account], "open311_key": f"key-{name}"} for name in ("a", "b")}
    filling.carried = ("a", "b")
    answer = filling.answer("http://h:1/")
    assert answer["url"] == "http://h:1/"
    assert answer["localities"]["b"]["url"] == "http://h:1/b/"
    assert answer["open311_key"] == "key-a"
    words = filling.words("http://h:1/")
    assert "OneGrid ready: http://h:1/" in words
    assert "key-b" in words
    filling.names = ["b"]
    assert filling.answer("http://h:1/")["url"] == "http://h:1/b/", "another locality lives in the same folder"
    filling.carried = ("b",)
    assert filling.answer("http://h:1/")["url"] == "http://h:1/"


def test_tables_align_chinese() -> None:
    assert say.width("网格a") == 5
    drawn = say.table(["岗位", "user"], [["网格员", "worker"], ["a", "b"]]).splitlines()
    assert drawn[2].index("worker") + 3 == drawn[3].index("b")


def test_bar_speaks_once_per_tenth(capsys: pytest.CaptureFixture[str]) -> None:
    bar = say.Bar("filling")
    for step in range(101):
        bar("land", step / 100)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 11
    assert "100%" in lines[-1]


def test_every_command_has_a_module_and_help() -> None:
    folder = Path(doctor.__file__).parent
    commands = parser()._subparsers._group_actions[0].choices  # type: ignore[union-attr]
    assert {"demo", "serve", "packs", "bench", "classify", "doctor", "backup", "restore", "migrate"} <= set(commands)
    for name in commands:  # type: ignore[union-attr]
        assert (folder / f"{MODULES.get(name, name)}.py").is_file()


def test_trouble_is_one_line_not_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--locality", "nowhere"]) == 1
    said = capsys.readouterr().err
    assert "no locality 'nowhere'" in said
    assert "Traceback" not in said


def test_doctor_names_a_fix(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code = main(["doctor", "--json", "--port", str(port), "--data", str(tmp_path)])
    found = {one["what"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
    assert code == 1
    assert set(found) == {"machine", "memory", "free disk", "database", "ports", "work calendar", "pages"}
    assert not found["ports"]["ok"]
    assert "--port" in found["ports"]["fix"]
    assert found["database"]["ok"]
    assert all(one["ok"] or one["fix"] for one in found.values())


def test_environment_is_read(tmp_path: Path) -> None:
    told = environment.read({"ONEGRID_DATA": str(tmp_path), "ONEGRID_SECRET_KEY": "s"})
    assert told.database.user == "onegrid_app"
    assert told.database.host.startswith(str(tmp_path))
    url = "postgresql://someone:pa%40ss@db.internal:6432/county?sslmode=verify-full"
    told = environment.read({"DATABASE_URL": url, "ONEGRID_DB_ROLE": "owner", "ONEGRID_SECRET_KEY": "s"})
    database = told.database
    assert (database.host, database.port, database.name) == ("db.internal", "6432", "county")
    # Whatever user the address names, the role decides: the web can never serve as a superuser by a careless URL.
    assert (database.user, database.password, database.sslmode) == ("onegrid_owner", "pa@ss", "verify-full")


@pytest.mark.parametrize(
    "wrong",
    [
        {"ONEGRID_DB_ROLE": "postgres"},
        {"DATABASE_URL": "mysql://x/y"},
        {"DATABASE_URL": "postgresql://h:port/y"},
        {"ONEGRID_PORT": "eighty"},
        {"ONEGRID_DEMO": "maybe"},
        {"ONEGRID_MESSAGES": "{"},
        {"ONEGRID_MESSAGES": "[]"},
    ],
)
def test_bad_environment_names_the_variable(wrong: dict[str, str]) -> None:
    with pytest.raises(BadEnvironment, match=next(iter(wrong))):
        environment.read({"ONEGRID_SECRET_KEY": "s", **wrong})


def test_secret_is_kept_and_private(tmp_path: Path) -> None:
    first = environment.read({"ONEGRID_DATA": str(tmp_path)}).secret_key
    assert environment.read({"ONEGRID_DATA": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
