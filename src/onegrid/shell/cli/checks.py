"""``./run test``: everything that must hold, one step after the other, with the summary last.

Words after ``test`` choose steps: ``./run test lint types`` runs those two; ``./run test pytest -- -k clocks`` passes
the rest to pytest.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from onegrid.shell.config.environment import PROJECT

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BIN = Path(sys.executable).parent
PARALLEL = "2"
ONE_PROCESSOR = ("lint", "types", "contracts")
"""Steps that keep one processor busy: they go beside the pages', which for the most part keep another."""
BUDGETS = "tests/e2e/test_budgets.py"
FEW = 4
"""So many paths that failed beside others are walked again."""
COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TELLING = re.compile(r"\d+ (passed|failed|errors?|kept)\b|Success|checks passed|Found \d+")
"""What a tool's own summary looks like, among the lines it prints last."""


@dataclass(frozen=True)
class Result:
    """How a step went. ``summary`` is its own last line."""

    name: str
    state: str
    seconds: float
    summary: str


def main(words: Sequence[str]) -> int:
    """Run the chosen steps, all of them by default; exit code 1 when any failed."""
    chosen = list(words)
    extra: list[str] = []
    if "--" in chosen:
        place = chosen.index("--")
        chosen, extra = chosen[:place], chosen[place + 1 :]
    unknown = [word for word in chosen if word not in STEPS]
    if unknown:
        print(f"no step called {', '.join(unknown)}; there are: {', '.join(STEPS)}", file=sys.stderr)
        return 2
    wanted = chosen or list(STEPS)
    aside = [name for name in wanted if name in ONE_PROCESSOR and "pages" in wanted]
    with ThreadPoolExecutor(1) as other:
        held = other.submit(_aside, aside)
        results = [_step(name, extra) for name in wanted if name == "pages"]
        results = held.result() + results
    results += [_step(name, extra) for name in wanted if name not in {result.name for result in results}]
    print("\n── summary ──")
    for result in results:
        print(f"{result.state:<8} {result.name:<10} {result.seconds:6.0f} s  {result.summary}")
    return 1 if any(result.state == "failed" for result in results) else 0


def _step(name: str, extra: Sequence[str]) -> Result:
    """One step, its title first."""
    _say(f"\n── {name} ──\n")
    started = time.monotonic()
    state, summary = STEPS[name](extra)
    return Result(name, state, time.monotonic() - started, summary)


def _aside(names: Sequence[str]) -> list[Result]:
    """Steps in a thread beside another; what they say is printed together when the last is done."""
    _held.lines = []
    results = [_step(name, ()) for name in names]
    print("".join(_held.lines), end="", flush=True)
    return results


_held = threading.local()


def _say(line: str) -> None:
    lines = getattr(_held, "lines", None)
    if lines is None:
        print(line, end="", flush=True)
    else:
        lines.append(line)


def _tool(*command: str) -> tuple[str, str]:
    """Run and stream; the last line that says something is the summary."""
    env = dict(os.environ) | {"PYTHONUNBUFFERED": "1", "NO_COLOR": "1", "PATH": f"{BIN}{os.pathsep}{_path()}"}
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    last = ""
    if process.stdout is not None:
        for line in process.stdout:
            _say(line)
            words = COLOUR.sub("", line).strip("= \n")
            last = words if TELLING.search(words) or (not TELLING.search(last) and words) else last
    code = process.wait()
    return ("ok" if code == 0 else "failed"), last


def _path() -> str:
    return os.environ.get("PATH", "/usr/bin:/bin")


def lint(_extra: Sequence[str]) -> tuple[str, str]:
    """Ruff's rules and format."""
    first = _tool(str(BIN / "ruff"), "check", ".")
    second = _tool(str(BIN / "ruff"), "format", "--check", "--quiet", ".")
    return (
        first
        if first[0] == "failed"
        else (second[0], first[1] if second[0] == "ok" else "ruff format would change files")
    )


def types(_extra: Sequence[str]) -> tuple[str, str]:
    """Strict types."""
    return _tool(str(BIN / "mypy"), "--strict", "src")


def contracts(_extra: Sequence[str]) -> tuple[str, str]:
    """Who may import whom."""
    return _tool(str(BIN / "lint-imports"))


def unit(extra: Sequence[str]) -> tuple[str, str]:
    """Everything but the browser, on a real PostgreSQL."""
    return _pytest("-n", PARALLEL, "--dist", "loadgroup", "--durations", "40", "--ignore", "tests/e2e", *extra)


def pages(_extra: Sequence[str]) -> tuple[str, str]:
    """The pages' own tests and types."""
    web = PROJECT / "web"
    if not (web / "package.json").is_file():
        return "skipped", "there is no web/ here"
    built = _tool(sys.executable, str(PROJECT / "web_build.py"))
    if built[0] == "failed":
        return built
    first = _tool(str(BIN / "npm"), "--prefix", str(web), "run", "--silent", "typecheck")
    return first if first[0] == "failed" else _tool(str(BIN / "npm"), "--prefix", str(web), "run", "--silent", "test")


def browser(extra: Sequence[str]) -> tuple[str, str]:
    """People's paths in a real browser."""
    if not (PROJECT / "tests" / "e2e").is_dir():
        return "skipped", "there is no tests/e2e here"
    if not any(shutil.which(name) for name in BROWSERS):
        reason = "no Chromium on this machine (Debian: apt install chromium)"
        print(reason)
        return ("failed" if os.environ.get("CI") == "true" else "skipped"), reason
    built = _tool(sys.executable, str(PROJECT / "web_build.py"))
    if built[0] == "failed":
        return built
    if extra:
        return _pytest("tests/e2e", *extra)
    # What is timed against a budget has the machine to itself; people's paths go two abreast.
    timed = _pytest(BUDGETS)
    side_by_side = ("-n", PARALLEL, "--dist", "loadfile", "--no-loadscope-reorder")
    paths = _pytest(*side_by_side, "--ignore", BUDGETS, "--durations", "25", "tests/e2e")
    both = f"{timed[1]}; {paths[1]}"
    return ("ok", both) if timed[0] == paths[0] == "ok" else _walked_again(both)


def _walked_again(before: str) -> tuple[str, str]:
    """What failed, once more and alone: a machine too busy for two browsers is no fault of the pages.

    What fails again has failed; what does not is told in the summary, for somebody to look at. More than `FEW` are not
    walked again: that is no accident.
    """
    known = PROJECT / ".pytest_cache" / "v" / "cache" / "lastfailed"
    failed = [name for name in json.loads(known.read_text()) if name.startswith("tests/e2e")] if known.is_file() else []
    if not 0 < len(failed) <= FEW:
        return "failed", before
    print(f"\n── {len(failed)} failed and go once more, alone ──", flush=True)
    state, summary = _pytest(*failed)
    return state, f"{before}; again alone: {summary} ({', '.join(name.rpartition('::')[2] for name in failed)})"


def _pytest(*words: str) -> tuple[str, str]:
    return _tool(sys.executable, "-m", "pytest", "-q", *words)


STEPS: dict[str, Callable[[Sequence[str]], tuple[str, str]]] = {
    "lint": lint,
    "types": types,
    "contracts": contracts,
    "pages": pages,
    "pytest": unit,
    "browser": browser,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
