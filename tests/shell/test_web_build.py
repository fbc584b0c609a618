"""What the build leaves beside the pages: packed copies that the server hands to phones."""

from __future__ import annotations

import gzip
import importlib.util
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
