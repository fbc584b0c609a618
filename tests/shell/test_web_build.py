"""What the build leaves beside the pages: packed copies that the server hands to phones."""

from __future__ import annotations

import gzip
import importlib.util
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def build() -> ModuleType:
    """The build script, which is no package."""
    spec = importlib.util.spec_from_file_location("web_build", ROOT / "web_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_text_is_packed_and_pictures_are_left(build: ModuleType, tmp_path: Path) -> None:
    script, picture, tiny = tmp_path / "a.js", tmp_path / "b.png", tmp_path / "c.css"
    script.write_text("let one = 1\n" * 500)
    picture.write_bytes(bytes(5000))
    tiny.write_text("a{}")
    build.compress(tmp_path)
    assert gzip.decompress((tmp_path / "a.js.gz").read_bytes()) == script.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.js", "a.js.gz", "b.png", "c.css"]


def test_packing_twice_gives_the_same_bytes(build: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("let one = 1\n" * 500)
    build.compress(tmp_path)
    first = (tmp_path / "a.js.gz").read_bytes()
    build.compress(tmp_path)
    assert (tmp_path / "a.js.gz").read_bytes() == first


@pytest.fixture
def project(build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, list[Path]]:
    """A folder with a web/ whose build takes a moment and leaves three faces; and every build that was begun."""
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "package.json").write_text("{}")
    (tmp_path / "src" / "onegrid" / "shell").mkdir(parents=True)
    begun: list[Path] = []

    def run(command: list[str], folder: Path, node: str, extra: dict[str, str]) -> None:
        out = Path(extra["ONEGRID_WEB_OUT"])
        begun.append(out)
        for face in build.FACES:
            (out / face).mkdir(parents=True)
            time.sleep(0.05)
            (out / face / "index.html").write_text(face)

    monkeypatch.setattr(build, "find_node", lambda: ("node", "npm"))
    monkeypatch.setattr(build, "install", lambda *_: None)
    monkeypatch.setattr(build, "run", run)
    monkeypatch.delenv("ONEGRID_SKIP_WEB", raising=False)
    return tmp_path, begun


def test_two_at_once_build_once(build: ModuleType, project: tuple[Path, list[Path]]) -> None:
    root, begun = project
    with ThreadPoolExecutor() as hands:
        built = list(hands.map(lambda _: build.build(root), range(3)))
    assert sorted(built) == [False, False, True]
    assert len(begun) == 1


def test_pages_with_a_face_missing_are_built_again(build: ModuleType, project: tuple[Path, list[Path]]) -> None:
    root, begun = project
    build.build(root)
    assert not build.build(root)
    shutil.rmtree(root / "src" / "onegrid" / "shell" / "pages" / "desk")
    assert build.build(root)
    assert len(begun) == 2
