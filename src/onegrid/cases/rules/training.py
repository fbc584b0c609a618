"""Trains the classifier of `classify` on catalogue text and past cases, and measures it."""

from __future__ import annotations

import csv
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from onegrid.cases.rules.classify import Model, grams, load, probabilities

FEW = 5
"""Examples a label needs before some can be kept aside for calibration."""
FEWEST = 3
"""With fewer, none can be spared."""
TIDY = 2.0
"""Catalogues word things more tidily than people do: confidence learnt on them alone is toned down by this."""
CALIBRATION_SHARE = 0.15
UNCALIBRATED = 0.06
"""Temperature where there is too little to calibrate on: the middle of what trial catalogues gave."""
LARGEST = 20_000_000
"""Weights (grams x labels) above which rare grams are left out: 40 MB at two bytes."""
COMMON = 0.5
"""Grams in more than this share of the texts say nothing about what they are about."""
MOST_WEIGHTED = 60
"""With more labels the second machine costs minutes."""
SMOOTHING = 0.1
WARM_UP = 20


class TooFew(ValueError):
    """Training needs at least two labels."""


@dataclass(frozen=True)
class CatalogueText:
    """What the catalogue says about one matter."""

    label: str
    name: str
    words: tuple[str, ...] = ()
    """Words people use for it."""
    conditions: tuple[str, ...] = ()
    class_name: str = ""


def catalogue_examples(entries: Iterable[CatalogueText]) -> Iterator[tuple[str, str]]:
    """Training texts of a catalogue: each way of naming the matter alone, and all together."""
    for one in entries:
        named = (one.name, *one.words, *one.conditions)
        for text in dict.fromkeys(part for part in named if part):
            yield text, one.label
        yield "，".join((one.class_name, *named)), one.label


def train(examples: Sequence[tuple[str, str]], *, seed: int = 20260302, margin: float = 0.25) -> Model:
    """A model from (text, label) pairs; the same pairs and seed give the same model."""
    # Two seconds to import, needed only where a model is trained: every web process would pay for it at its start.
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.model_selection import train_test_split  # noqa: PLC0415

    texts, labels = [text for text, _ in examples], np.array([label for _, label in examples])
    counts = Counter(labels.tolist())
    if len(counts) < 2:
        raise TooFew("training needs at least two labels")
    rare = 2 if len(texts) >= 2000 else 1
    vectors = TfidfVectorizer(
        analyzer=grams,
        sublinear_tf=True,
        min_df=rare,
        max_df=COMMON,
        max_features=LARGEST // len(counts),
        dtype=np.float32,
    )
    known = vectors.fit_transform(texts)
    if len(texts) >= 40 * FEW and min(counts.values()) >= FEW:
        rows = np.arange(len(labels))
        seen, kept = train_test_split(rows, test_size=CALIBRATION_SHARE, random_state=seed, stratify=labels)
    else:
        seen, kept = _one_of_each(texts, labels, seed)
    temperature = _calibrated(known, labels, seen, kept, seed) if len(kept) >= FEW else UNCALIBRATED
    if min(counts.values()) < FEW:
        temperature *= TIDY
    classes, weights, bias = _fitted(known, labels, seed)
    return Model(
        labels=tuple(str(one) for one in classes),
        vocabulary={gram: int(at) for gram, at in vectors.vocabulary_.items()},
        idf=np.asarray(vectors.idf_, dtype=np.float32),
        # Two bytes a weight cost nothing measurable; rounding here keeps a saved model equal to the one in memory.
        weights=weights.astype(np.float16).astype(np.float32),
        bias=bias,
        temperature=temperature,
        margin=margin,
    )


def _fitted(known: Any, labels: Any, seed: int) -> tuple[Any, Any, Any]:
    """Labels, weights with a column per label, and bias.

    With few labels two linear machines are added: one on the plain features, one on features weighted by how much more
    often they occur under a label (+0.25 points of macro-F1 measured). The sum is linear too, so reading costs nothing.
    """
    with warnings.catch_warnings():
        # A catalogue has few texts per matter, and that is meant.
        warnings.filterwarnings("ignore", message="The number of unique classes")
        machine = _machine(seed).fit(known, labels)
    weights, bias = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    if len(machine.classes_) <= MOST_WEIGHTED and len(labels) >= FEW * len(machine.classes_):
        for at, label in enumerate(machine.classes_):
            more_weights, more_bias = _weighted(known, labels == label, seed)
            weights[at] += more_weights
            bias[at] += more_bias
    return machine.classes_, np.ascontiguousarray(weights.T, dtype=np.float32), bias.astype(np.float32)


def _machine(seed: int) -> Any:
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return LinearSVC(class_weight="balanced", random_state=seed, tol=1e-3)


def _weighted(known: Any, mine: Any, seed: int) -> tuple[Any, float]:
    """One label against the rest on features scaled by the log of their odds (Wang and Manning 2012)."""
    here = np.asarray(known[mine].sum(axis=0)).ravel() + SMOOTHING
    there = np.asarray(known[~mine].sum(axis=0)).ravel() + SMOOTHING
    odds = np.abs(np.log(here / here.sum()) - np.log(there / there.sum())).astype(np.float32)
    machine = _machine(seed).fit(known.multiply(odds).tocsr(), mine)
    return machine.coef_[0] * odds, float(machine.intercept_[0])


def _one_of_each(texts: Sequence[str], labels: Any, seed: int) -> tuple[Any, Any]:
    """With few examples of a label, keep one aside of each that has three; texts that contain it go too."""
    chance = np.random.default_rng(seed)
    kept, dropped = [], set()
    for label in dict.fromkeys(labels.tolist()):
        mine = np.flatnonzero(labels == label)
        if len(mine) < FEWEST:
            continue
        one = int(chance.choice(mine))
        around = {at for at in mine.tolist() if texts[one] in texts[at]}
        if len(around) < len(mine):
            kept.append(one)
            dropped |= around
    seen = np.array([at for at in range(len(texts)) if at not in dropped])
    return seen, np.array(kept, dtype=np.int64)


def _calibrated(known: Any, labels: Any, seen: Any, kept: Any, seed: int) -> float:
    """The temperature that makes confidence honest on the examples `kept`, by weights that saw only `seen`."""
    classes, weights, bias = _fitted(known[seen], labels[seen], seed)
    scores = np.asarray(known[kept] @ weights + bias, dtype=np.float32)
    place = {label: at for at, label in enumerate(classes)}
    truth = np.array([place[label] for label in labels[kept]])

    from scipy.optimize import minimize_scalar  # noqa: PLC0415

    def surprise(log_temperature: float) -> float:
        chances = probabilities(scores, float(np.exp(log_temperature)))[np.arange(len(truth)), truth]
        return float(-np.log(np.maximum(chances, 1e-12)).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-4.0, 2.0), method="bounded").x))


def read_examples(file: Path, text: str, label: str) -> list[tuple[str, str]]:
    """(text, label) pairs of a CSV; rows without either are left out. KeyError names a missing column."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        for column in (text, label):
            if column not in (rows.fieldnames or ()):
                raise KeyError(f"{file.name} has no column {column!r}")
        return [(row[text], row[label]) for row in rows if row[text] and row[label]]


def evaluate(
    train_csv: Path, test_csv: Path, text: str, label: str, *, timer: Callable[[], float] = time.perf_counter
) -> dict[str, float | int]:
    """Train on one CSV, measure on the other: macro-F1, accuracy, milliseconds per message, size of the model file.

    The measured model is the one read back from its file, message by message, as the server does it.
    """
    from sklearn.metrics import accuracy_score, f1_score  # noqa: PLC0415

    model = train(read_examples(train_csv, text, label))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.npz"
        size = model.save(file)
        model = load(file)
    messages = read_examples(test_csv, text, label)
    for message, _ in messages[:WARM_UP]:
        model.guess(message)
    guessed, sure = [], 0
    begin = timer()
    for message, _ in messages:
        guesses = model.guess(message)
        guessed.append(guesses.top)
        sure += guesses.sure
    took = timer() - begin
    truth = [known for _, known in messages]
    first = [top[0].label if top else "" for top in guessed]
    among = sum(known in {one.label for one in top} for known, top in zip(truth, guessed, strict=True))
    right_when_sure = [
        known == top[0].label
        for (_, known), top in zip(messages, guessed, strict=True)
        if top and top[0].confidence - (top[1].confidence if len(top) > 1 else 0) >= model.margin
    ]
    return {
        "macro_f1": round(float(f1_score(truth, first, average="macro")), 4),
        "accuracy": round(float(accuracy_score(truth, first)), 4),
        "top3_accuracy": round(among / len(messages), 4),
        "sure_share": round(sure / len(messages), 4),
        "sure_accuracy": round(sum(right_when_sure) / max(1, len(right_when_sure)), 4),
        "ms_per_message": round(took / len(messages) * 1000, 3),
        "model_bytes": size,
        "trained_on": len(read_examples(train_csv, text, label)),
        "tested_on": len(messages),
    }
