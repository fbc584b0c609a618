"""Words → likely matters of this locality's catalogue, by a model trained for the pack version in force.

The model is a file of numbers in the data folder. The first question after a new pack trains one from the catalogue
alone (seconds); `retrain` adds what people decided since: every accepted case is an example, corrections included.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from onegrid.cases.models import Case
from onegrid.cases.rules.classify import Guesses, Model, ModelUnreadable, load
from onegrid.cases.rules.training import CatalogueText, TooFew, catalogue_examples, train
from onegrid.county.matters import selectors as matters
from onegrid.foundation.database.context import standing

logger = logging.getLogger(__name__)

PAST_CASES = 50_000
"""The newest so many decided cases teach the model; older ones say the same."""
MODELS_KEPT = 12


@dataclass(frozen=True)
class Opinion:
    """The likeliest matters by code with their confidence; `sure` is false when a person should decide."""

    guesses: tuple[tuple[str, float], ...]
    sure: bool


@dataclass
class _Kept:
    models: OrderedDict[str, tuple[float, Model]] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_kept = _Kept()
NOTHING = Opinion((), False)


def classify(words: str) -> Opinion:
    """What the words are about. No opinion when nothing in them is known or the catalogue is too small to learn."""
    if not words.strip():
        return NOTHING
    try:
        model = _model()
    except (OSError, ValueError, ArithmeticError):
        # A report counts more than a guess about it: a full disk or a bad model must not keep it out.
        logger.exception("the classifier has no opinion")
        return NOTHING
    if model is None:
        return NOTHING
    found: Guesses = model.guess(words)
    return Opinion(tuple((one.label, one.confidence) for one in found.top), found.sure)


def retrain() -> Path | None:
    """Train on the catalogue and on decided cases, and keep the model; None when there is too little to learn from."""
    decided = (
        Case.objects.filter(matter__active=True)
        .exclude(status__in=["reported", "rejected", "cancelled", "merged"])
        .order_by("-reported_on", "-reported_at")
        .values_list("words", "matter__code")[:PAST_CASES]
    )
    return _train(list(decided))


def _model() -> Model | None:
    file = _file()
    if not file.exists() and _train([]) is None:
        return None
    try:
        changed = file.stat().st_mtime
    except FileNotFoundError:
        return None
    key = str(file)
    kept = _kept.models.get(key)
    if kept is None or kept[0] != changed:
        with _kept.lock:
            try:
                kept = (changed, load(file))
            except ModelUnreadable:
                logger.exception("the classifier's file cannot be read and is made anew")
                file.unlink(missing_ok=True)
                return None
            _kept.models[key] = kept
            while len(_kept.models) > MODELS_KEPT:
                _kept.models.popitem(last=False)
    return kept[1]


def _train(decided: list[tuple[str, str]]) -> Path | None:
    file = _file()
    texts = [
        CatalogueText(
            entry.code,
            entry.name_zh,
            tuple(entry.words),
            tuple(condition.text_zh for condition in entry.conditions),
            entry.class_zh,
        )
        for entry in matters.catalogue().matters
    ]
    try:
        with _kept.lock:
            model = train([*catalogue_examples(texts), *decided])
            file.parent.mkdir(parents=True, exist_ok=True)
            model.save(file)
    except TooFew:
        return None
    return file


def _file() -> Path:
    pack = matters.current_pack()
    return Path(settings.ONEGRID_DATA) / "models" / f"{standing().locality}-{pack.digest[:16]}.npz"
