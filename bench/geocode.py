"""Addresses with typos and omissions to buildings; floor = the exact look-up of the address in a dictionary.

What is asked and what is not: `_addresses.py`. `top1` counts a question as answered when the first candidate is the
building meant; `sure` is how many answers are confident enough to be filed without anybody looking, and how many of
those are right.
"""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter

import numpy as np

from bench._addresses import Land, Question, land, questions
from bench._figures import end, options, tell
from onegrid.county.grids.rules.addresses.gazetteer import Gazetteer
from onegrid.county.grids.rules.addresses.reading import plain
from onegrid.county.grids.rules.addresses.resolver import resolve
from onegrid.shell.config import environment

BUILDINGS, ASKED = 150_000, 3_000
SEED = 20260302
SURE = 0.8


def measured(book: Gazetteer, ground: Land, asked: list[Question]) -> dict[str, object]:
    """How many are answered, how fast and how surely."""
    took, busy = np.zeros(len(asked)), np.zeros(len(asked))
    first = third = sure = sure_right = 0
    tried: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for at, question in enumerate(asked):
        begin, worked = time.perf_counter(), time.thread_time()
        found = resolve(book, question.words)
        took[at], busy[at] = time.perf_counter() - begin, time.thread_time() - worked
        hits = [one.kind == "building" and one.at == question.at for one in found]
        right = bool(hits) and hits[0]
        first += right
        third += any(hits[:3])
        if found and found[0].confidence >= SURE:
            sure += 1
            sure_right += right
        for word in question.done or ("as it is",):
            tried[word] += 1
            missed[word] += not right
    return {
        "top1": round(first / len(asked), 4),
        "top3": round(third / len(asked), 4),
        "sure": round(sure / len(asked), 4),
        "sure_right": round(sure_right / max(1, sure), 4),
        "ms": round(float(took.mean() * 1e3), 3),
        "cpu_ms": round(float(busy.mean() * 1e3), 3),
        "p99_cpu_ms": round(float(np.percentile(busy, 99) * 1e3), 3),
        "by": {word: round(1 - missed[word] / many, 3) for word, many in sorted(tried.items())},
    }


def exact(ground: Land, asked: list[Question]) -> tuple[float, float]:
    """Milliseconds of the look-up of a normalised address, and how many it answers."""
    known = {plain(one.label): at for at, one in enumerate(ground.labels)}
    begin = time.perf_counter()
    right = sum(known.get(plain(question.words)) == question.at for question in asked)
    return (time.perf_counter() - begin) / len(asked) * 1e3, right / len(asked)


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--buildings", type=int, default=0, help=f"default {BUILDINGS}")
    parser.add_argument("--show", type=int, default=0, metavar="N", help="print N questions answered wrongly")
    words = parser.parse_args()
    many, count = (4_000, 300) if words.quick else (words.buildings or BUILDINGS, ASKED)
    ground = land(environment.PROJECT / "localities" / "minhou" / "divisions.csv", many, SEED)
    asked = questions(ground, count, SEED + 1)
    tell(words.json, f"{len(ground.labels)} buildings, {len(asked)} questions, such as {asked[0].words}")
    begin = time.perf_counter()
    book = Gazetteer(ground.places, ground.labels)
    build = time.perf_counter() - begin
    found = measured(book, ground, asked)
    if words.show:
        wrong(book, ground, asked, words.show)
    floor, plainly = exact(ground, asked)
    end(
        name="geocode",
        value=found.pop("ms"),
        unit="ms",
        floor=round(floor, 5),
        ratio=round(float(str(found["top1"])) / max(plainly, 1e-9), 2),
        n=len(ground.labels),
        runs=len(asked),
        exact_top1=round(plainly, 4),
        build_s=round(build, 2),
        names=len(book.bodies),
        kept_mb=kept(ground) if words.quick else None,
        **found,
    )


def wrong(book: Gazetteer, ground: Land, asked: list[Question], most: int) -> None:
    """Print questions whose first candidate is another building."""
    for question in asked:
        found = resolve(book, question.words, limit=3)
        if most and not (found and found[0].kind == "building" and found[0].at == question.at):
            most -= 1
            told = [
                (one.kind, book.labels[one.at].label if one.kind == "building" else one.at, round(one.fit, 2))
                for one in found
            ]
            tell(False, f"{question.words} ≠ {ground.labels[question.at].label} {question.done} {told}")


def kept(ground: Land) -> float:
    """MB a gazetteer keeps beside the labels."""
    tracemalloc.start()
    book = Gazetteer(ground.places, ground.labels)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(size / 1e6, 1) if book.entries else 0.0


if __name__ == "__main__":
    main()
