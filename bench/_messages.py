"""Messages to measure on where no file is given: people's words about matters, made by a generator with a seed."""

from __future__ import annotations

import numpy as np

SEED = 20260302
WORDS_OF_A_MATTER = 12
COMMON_WORDS = 400
SYLLABLES = 900


def generated(count: int, labels: int) -> list[tuple[str, str]]:
    """(text, label) pairs: each label has words of its own among many that say nothing; some messages name another's.

    Labels follow Zipf's law, lengths are those of hotline notes (20 to 120 characters).
    """
    rng = np.random.default_rng(SEED)
    letters = [chr(0x4E00 + number) for number in range(SYLLABLES)]

    def word() -> str:
        return "".join(rng.choice(letters, rng.integers(2, 4)))

    common = [word() for _ in range(COMMON_WORDS)]
    own = [[word() for _ in range(WORDS_OF_A_MATTER)] for _ in range(labels)]
    shares = 1.0 / np.arange(1, labels + 1)
    chosen = rng.choice(labels, count, p=shares / shares.sum())
    found = []
    for label in chosen:
        said = [common[at] for at in rng.integers(0, COMMON_WORDS, rng.integers(7, 40))]
        for _ in range(rng.integers(1, 4)):
            of = label if rng.random() < 0.85 else rng.integers(0, labels)
            said.insert(int(rng.integers(0, len(said) + 1)), own[of][rng.integers(0, WORDS_OF_A_MATTER)])
        found.append(("".join(said), f"matter {label:03d}"))
    return found
