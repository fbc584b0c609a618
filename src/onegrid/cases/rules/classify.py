"""Words → matter: the three likeliest with calibrated confidence, or "a person decides".

Character 1- and 2-grams, TF-IDF with sublinear counts, one linear score per matter; `training` makes the weights.
Reading a message needs numpy only, and a model file holds numbers and text, never pickled objects.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
MOST_CHARACTERS = 4000
"""Longer messages are cut: what it is about is said before."""
OPENING = 30
"""Characters of a message that count as its opening."""


class ModelUnreadable(ValueError):
    """The file is no model of ours, or of another format."""


@dataclass(frozen=True)
class Guess:
    """A matter and how sure we are, 0 to 1."""

    label: str
    confidence: float


@dataclass(frozen=True)
class Guesses:
    """The likeliest first. `sure` is false when a person should decide."""

    top: tuple[Guess, ...]
    sure: bool


@dataclass(frozen=True)
class Model:
    """Weights of a trained classifier. `temperature` turns scores into probabilities that mean what they say."""

    labels: tuple[str, ...]
    vocabulary: Mapping[str, int]
    idf: NDArray[np.float32]
    weights: NDArray[np.float32] = field(repr=False)
    """One row per gram of the vocabulary, one column per label."""
    bias: NDArray[np.float32] = field(repr=False)
    temperature: float = 1.0
    margin: float = 0.25
    """Below this distance between the first two, a person decides."""

    def guess(self, text: str, *, most: int = 3) -> Guesses:
        """What `text` is about. Nothing known in it: no guesses, not sure."""
        scores = self.scores(text)
        if scores is None:
            return Guesses((), False)
        chances = probabilities(scores, self.temperature)
        order = np.argsort(-chances, kind="stable")[: max(most, 2)]
        top = tuple(Guess(self.labels[at], round(float(chances[at]), 4)) for at in order)
        second = top[1].confidence if len(top) > 1 else 0.0
        return Guesses(top[:most], top[0].confidence - second >= self.margin)

    def scores(self, text: str) -> NDArray[np.float32] | None:
        """One score per label; None when the text holds no known gram."""
        counted = Counter(gram for gram in grams(text) if gram in self.vocabulary)
        if not counted:
            return None
        at = np.fromiter((self.vocabulary[gram] for gram in counted), dtype=np.int64, count=len(counted))
        often = np.fromiter((1.0 + math.log(many) for many in counted.values()), dtype=np.float32, count=len(counted))
        values = often * self.idf[at]
        values /= np.float32(np.linalg.norm(values))
        return np.asarray(values @ self.weights[at] + self.bias, dtype=np.float32)

    def save(self, file: Path) -> int:
        """Write the model; the file's size in bytes. Replaces an older file in one step."""
        part = file.with_name(file.name + ".part")
        with part.open("wb") as out:
            np.savez_compressed(
                out,
                format=np.array([FORMAT]),
                labels=_packed(self.labels),
                vocabulary=_packed(sorted(self.vocabulary, key=self.vocabulary.__getitem__)),
                idf=self.idf.astype(np.float32),
                weights=self.weights.astype(np.float16),
                bias=self.bias.astype(np.float32),
                rest=np.array([self.temperature, self.margin], dtype=np.float64),
            )
        part.replace(file)
        return file.stat().st_size


def load(file: Path) -> Model:
    """Read a model written by `Model.save`; `ModelUnreadable` for anything else. Never runs code from the file."""
    try:
        with np.load(file, allow_pickle=False) as stored:
            if int(stored["format"][0]) != FORMAT:
                raise ModelUnreadable(f"{file} has another format")
            grams_in_order = _unpacked(stored["vocabulary"])
            temperature, margin = (float(one) for one in stored["rest"])
            return Model(
                labels=tuple(_unpacked(stored["labels"])),
                vocabulary={gram: at for at, gram in enumerate(grams_in_order)},
                idf=stored["idf"],
                weights=stored["weights"].astype(np.float32),
                bias=stored["bias"],
                temperature=temperature,
                margin=margin,
            )
    except ModelUnreadable:
        raise
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as why:
        raise ModelUnreadable(f"{file}: {why}") from why


def grams(text: str) -> list[str]:
    """Characters and pairs of neighbours of the text without spaces, those of its opening once more by themselves.

    People say in the first line what it is about (+0.5 points of macro-F1 measured). Width and case do not count.
    """
    clean = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:MOST_CHARACTERS]).lower())
    head = clean[:OPENING]
    return [
        *clean,
        *(clean[at : at + 2] for at in range(len(clean) - 1)),
        *("^" + one for one in head),
        *("^" + head[at : at + 2] for at in range(len(head) - 1)),
    ]


def probabilities(scores: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    """Softmax of scores over temperature, along the last axis."""
    raised = scores.astype(np.float64) / temperature
    raised -= raised.max(axis=-1, keepdims=True)
    powers = np.exp(raised)
    shares: NDArray[np.float64] = powers / powers.sum(axis=-1, keepdims=True)
    return shares


def _packed(words: tuple[str, ...] | list[str]) -> NDArray[np.uint8]:
    return np.frombuffer("\n".join(words).encode(), dtype=np.uint8)


def _unpacked(stored: NDArray[np.uint8]) -> list[str]:
    return stored.tobytes().decode().split("\n")
