"""Text to matter on a file of labelled messages: k-fold macro-F1, ms per message; floor = always the commonest."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score

from bench._figures import end, options, tell
from bench._messages import generated
from onegrid.cases.rules.training import evaluate, read_examples

SEED = 20260302
GENERATED, MATTERS = 12_000, 120
Examples = Sequence[tuple[str, str]]


def written(folder: Path, name: str, examples: Examples) -> Path:
    """The examples as the CSV that `classify eval` reads."""
    file = folder / name
    with file.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(("text", "label"))
        rows.writerows(examples)
    return file


def main() -> None:
    """Measure and print."""
    parser = options(__doc__ or "")
    parser.add_argument("--file", type=Path, help="CSV of labelled messages; without one they are generated")
    parser.add_argument("--text", default="text")
    parser.add_argument("--label", default="label")
    parser.add_argument("--folds", type=int, default=5)
    words = parser.parse_args()
    if words.file:
        examples = read_examples(words.file, words.text, words.label)
    else:
        examples = generated(*(1_500, 30) if words.quick else (GENERATED, MATTERS))
    fold = np.random.default_rng(SEED).integers(0, words.folds, len(examples))
    scores, floors, took, size = [], [], [], 0
    for number in range(1 if words.quick else words.folds):
        train = [one for one, its in zip(examples, fold, strict=True) if its != number]
        test = [one for one, its in zip(examples, fold, strict=True) if its == number]
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            result = evaluate(written(folder, "a.csv", train), written(folder, "b.csv", test), "text", "label")
        commonest = Counter(label for _, label in train).most_common(1)[0][0]
        floors.append(f1_score([label for _, label in test], [commonest] * len(test), average="macro"))
        scores.append(result["macro_f1"])
        took.append(result["ms_per_message"])
        size = max(size, int(result["model_bytes"]))
        tell(words.json, f"fold {number + 1}: macro-F1 {scores[-1]}, {took[-1]} ms per message")
    end(
        name="classify",
        source=words.file.name if words.file else "generated",
        value=round(float(np.mean(scores)), 4),
        unit="macro-F1",
        floor=round(float(np.mean(floors)), 4),
        ratio=round(float(np.mean(scores) / max(np.mean(floors), 1e-9)), 2),
        n=len(examples),
        runs=len(scores),
        spread=round(float(np.std(scores)), 4),
        ms_per_message=round(float(np.mean(took)), 3),
        model_bytes=size,
    )


if __name__ == "__main__":
    main()
