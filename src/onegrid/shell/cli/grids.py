"""``onegrid grids draw`` and ``onegrid grids check``: grids from files and in files, without a database."""

from __future__ import annotations

import argparse
import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from onegrid.county.grids.rules.drawing.ground import Finding
from onegrid.county.grids.rules.drawing.packs import pack_levels
from onegrid.county.grids.rules.drawing.partition import LevelSpec, Stopped
from onegrid.county.grids.rules.drawing.whole import NothingToDraw
from onegrid.county.grids.rules.files.checked import Question, check_file
from onegrid.county.grids.rules.files.drawn import Order, draw_files
from onegrid.county.grids.rules.files.homes import Wishes
from onegrid.county.grids.rules.files.levels import of_pack, read_levels
from onegrid.county.grids.rules.files.problems import BadFiles, Problem
from onegrid.county.grids.rules.files.report import said
from onegrid.county.grids.rules.files.shapes import NOWHERE
from onegrid.county.grids.rules.files.town import Sources
from onegrid.county.grids.rules.files.writing import into
from onegrid.county.grids.rules.section import GridsPart
from onegrid.foundation.kernel.texts import Lang, text
from onegrid.foundation.packs import PackNotFound, names
from onegrid.shell.cli.say import Bar, Trouble, note, table
from onegrid.shell.config import environment
from onegrid.shell.sections import load_pack

FAULTY = 2
PATIENCE = 2.0
"""Seconds of compiling after which it is said."""


def run(arguments: argparse.Namespace) -> int:
    """0: drawn (or checked without a fault); 2: the checked file has faults; 1: nothing could be done, and why."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    lang = spoken()
    try:
        return _draw(arguments, lang) if arguments.what == "draw" else _check(arguments, lang)
    except BadFiles as why:
        lines = [problem.say(lang) for problem in why.problems]
        raise Trouble("\n".join(lines)) from why
    except NothingToDraw as why:
        lines = [said.in_full(one, lang) for one in why.findings]
        raise Trouble("\n".join([text("town.nothing", lang), *lines])) from why
    except (KeyboardInterrupt, Stopped):
        note(text("town.stopped", lang))
        return 130


def spoken() -> Lang:
    """The language of the terminal."""
    words = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh-CN" if words.startswith("zh") else "en"


class Steps:
    """Progress in words. The first drawing after an update compiles for a minute: that is said, on any terminal."""

    def __init__(self, bar: Callable[[str, float], None], lang: Lang, clock: Callable[[], float] = monotonic) -> None:
        self.bar, self.lang, self.clock = bar, lang, clock
        self.since: float | None = None
        self.told = False

    def __call__(self, step: str, share: float) -> None:
        """Hear of a step and the share of the whole that is done."""
        words = text(f"town.step.{step}", self.lang)
        if step == "compile" and not self.told:
            self.since = self.clock() if self.since is None else self.since
            if self.clock() - self.since > PATIENCE:
                self.told = True
                note(words)
        self.bar(words, share)


def _draw(arguments: argparse.Namespace, lang: Lang) -> int:
    specs = _levels(arguments)
    wishes = Wishes(arguments.households_field, arguments.model_households, arguments.workload)
    sources = Sources(
        _path(arguments.buildings) or Path(), _path(arguments.roads), _path(arguments.water),
        _path(arguments.boundary), _path(arguments.leaders), wishes, arguments.crs, tuple(one.key for one in specs),
    )  # fmt: skip
    out = Path(arguments.out).expanduser()
    bar = Bar(text("town.drawing", lang))
    order = Order(sources, specs, out, arguments.seed, max(0, arguments.threads))
    report = draw_files(order, progress=Steps(bar, lang))
    bar.done()
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
        return 0
    _tell(report, lang)
    note(text("town.written", lang, folder=out))
    return 0


def _levels(arguments: argparse.Namespace) -> list[LevelSpec]:
    """The levels that were written, else those of the locality's pack."""
    by_households = arguments.workload == "households"
    if arguments.levels or not arguments.locality:
        return read_levels(arguments.levels or "", by_households=by_households)
    root = environment.read().localities
    try:
        part = load_pack(root, arguments.locality).section("grids", GridsPart)
    except PackNotFound as why:
        known = ", ".join(name for name in names(root) if name != "base") if root.is_dir() else ""
        raise BadFiles([Problem("no_pack", values={"name": arguments.locality, "names": known})]) from why
    schemes = {one.key: one for one in part.schemes}
    key = arguments.scheme or (next(iter(schemes)) if len(schemes) == 1 else "")
    if key not in schemes:
        raise BadFiles([Problem("no_scheme", values={"scheme": key or "–", "schemes": ", ".join(schemes)})])
    return of_pack(pack_levels(part, schemes[key]), by_households=by_households)


def _tell(report: dict[str, Any], lang: Lang) -> None:
    """The figures that decide, then what was doubtful."""
    names = ("level", "grids", "non_contiguous", "crossings", "coverage_valid", "within_10", "within_20", "outside")
    rows = [[_said(name, level[name], level["along"]) for name in names] for level in report["levels"]]
    print(table([text(f"town.report.figure.{name}", lang) for name in names], rows))
    people = report["households"]
    print("\n" + text("town.households", lang, **{name: f"{amount:,}" for name, amount in people.items()}))
    _listed(_lines(report, lang), lang)


def _lines(report: dict[str, Any], lang: Lang) -> list[str]:
    """The findings of a report as lines: what, which, and how many households were left out with them."""
    found = (
        Finding(one["kind"], NOWHERE, one["what"], one["count"], tuple(one["ids"]), one["households"])
        for one in report["findings"]
    )
    return [said.in_full(one, lang) for one in found]


def _listed(lines: Sequence[str], lang: Lang, most: int = 40) -> None:
    if lines:
        print("\n" + text("town.report.findings", lang) + f" ({len(lines)})")
    for line in lines[:most]:
        print(f"  · {line}")
    if len(lines) > most:
        print("  · " + text("town.more", lang, count=len(lines) - most))


def _said(name: str, value: Any, along: str) -> str:
    if along and name.startswith("within"):
        return "–"
    if name == "outside":
        return str(len(value))
    if isinstance(value, bool):
        return "✓" if value else "✗"
    return f"{value * 100:.1f} %" if name.startswith("within") else str(value)


def _check(arguments: argparse.Namespace, lang: Lang) -> int:
    question = Question(
        Path(arguments.file).expanduser(), _path(arguments.parents), _path(arguments.roads),
        _path(arguments.buildings), Wishes(arguments.households_field, arguments.model_households), arguments.crs,
        arguments.size, arguments.tolerance, arguments.level,
    )  # fmt: skip
    report = check_file(question)
    if arguments.out:
        target = Path(arguments.out).expanduser()
        with into(target):
            target.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")
    if arguments.json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        rows = [
            [one["zh" if lang == "zh-CN" else "en"], ", ".join(one["grids"]), _place(one["where"])]
            for one in report["faults"]
        ]
        if rows:
            head = [text(f"town.report.column.{name}", lang) for name in ("finding", "grid", "place")]
            print(table(head, rows[:200]))
        print(text("town.checked", lang, grids=report["grids"], faults=len(report["faults"])))
        _listed(_lines(report, lang), lang)
    return FAULTY if report["faults"] else 0


def _place(where: Sequence[float | None]) -> str:
    return "–" if None in where else f"{where[0]:.6f}, {where[1]:.6f}"


def _path(words: str | None) -> Path | None:
    return Path(words).expanduser() if words else None
