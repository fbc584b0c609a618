"""Words → likely matters of this locality's catalogue, by a model trained for the pack version in force.

The model is a file of numbers in the data folder, made by the worker alone with `retrain`: soon after a new pack
(`lacking`) and every day, from the catalogue and what people decided. A request never trains: until the new file is
there the locality's last model answers, as far as its matters still exist; before the first nobody has an opinion.
Web processes see a new file by its time. A lock on a file beside it keeps two processes from training at once.
"""

from __future__ import annotations

import fcntl
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
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
LEARNS_EVERY = timedelta(days=1)
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
    known = matters.catalogue().by_code
    top = tuple((one.label, one.confidence) for one in found.top if one.label in known)
    return Opinion(top, found.sure and bool(top) and top[0][0] == found.top[0].label)


def lacking() -> bool:
    """Whether the pack in force has no model yet and enough matters for one."""
    return not _file().exists() and len(matters.catalogue().matters) > 1


def outdated(now: datetime) -> bool:
    """Whether the model of the pack in force was trained a day ago or earlier: restarts alone teach it nothing."""
    try:
        return now.timestamp() - _file().stat().st_mtime >= LEARNS_EVERY.total_seconds()
    except FileNotFoundError:
        return False


def retrain() -> Path | None:
    """Train on the catalogue and on decided cases, and keep the model; None when there is too little to learn from, or
    another process is at it."""
    decided = (
        Case.objects.filter(matter__active=True)
        .exclude(status__in=["reported", "rejected", "cancelled", "merged"])
        .order_by("-reported_at")
        .values_list("words", "matter__code")[:PAST_CASES]
    )
    file = _file()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        return _train(file, list(decided))


def _model() -> Model | None:
    for file in _candidates():
        try:
            changed = file.stat().st_mtime
        except FileNotFoundError:
            continue
        kept = _kept.models.get(str(file))
        if kept is not None and kept[0] == changed:
            return kept[1]
        try:
            return _loaded(file, changed)
        except ModelUnreadable:
            logger.exception("the classifier's file cannot be read and is made anew")
            file.unlink(missing_ok=True)
    return None


def _candidates() -> Iterator[Path]:
    """The model of the pack in force; while there is none, the locality's others, newest first."""
    file = _file()
    yield file
    others = [other for other in file.parent.glob(f"{standing().locality}-*.npz") if other != file]
    yield from sorted(others, key=_age)


def _age(file: Path) -> float:
    try:
        return -file.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def _loaded(file: Path, changed: float) -> Model:
    with _kept.lock:
        model = load(file)
        _kept.models[str(file)] = (changed, model)
        while len(_kept.models) > MODELS_KEPT:
            _kept.models.popitem(last=False)
    return model


def _train(file: Path, decided: list[tuple[str, str]]) -> Path | None:
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
        train([*catalogue_examples(texts), *decided]).save(file)
    except TooFew:
        return None
    return file


def models_folder() -> Path:
    """Where the models of all localities lie."""
    return Path(settings.ONEGRID_DATA) / "models"


def _file() -> Path:
    pack = matters.current_pack()
    return models_folder() / f"{standing().locality}-{pack.digest[:16]}.npz"
