"""Scope paths: the one key that says where a row belongs and who may see it.

A path is the word ``r.`` (the locality's root) followed by one segment per generation,
each the base-36 primary key of a grid and a closing dot: ``r.1a.3f.``. The closing dot
makes a subtree a plain text range, so ``r.1.`` is not an ancestor of ``r.1a.``.
"""

from __future__ import annotations

from collections.abc import Iterator

ROOT = "r."
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def segment(pk: int) -> str:
    """The segment of a grid: its primary key in base 36 with the closing dot.

    Raises ValueError for a key below 1.
    """
    if pk < 1:
        raise ValueError(f"a grid's key starts at 1, got {pk}")
    digits = []
    while pk:
        pk, rest = divmod(pk, 36)
        digits.append(_DIGITS[rest])
    return "".join(reversed(digits)) + "."


def child(parent: str, pk: int) -> str:
    """The path of grid ``pk`` below ``parent``."""
    return parent + segment(pk)


def keys(path: str) -> list[int]:
    """The primary keys named by a path, top to bottom; the root has none.

    Raises ValueError when the text is not a scope path.
    """
    if not path.startswith(ROOT) or not path.endswith("."):
        raise ValueError(f"not a scope path: {path!r}")
    return [int(part, 36) for part in path[len(ROOT) :].split(".")[:-1]]


def parent(path: str) -> str | None:
    """The path one generation up, or None at the root."""
    cut = path[:-1].rfind(".")
    return path[: cut + 1] if cut >= 0 else None


def ancestors(path: str, *, itself: bool = True) -> Iterator[str]:
    """Every path from the root down to ``path`` (without ``path`` when ``itself`` is False)."""
    position = path.find(".")
    while position >= 0:
        prefix = path[: position + 1]
        if itself or prefix != path:
            yield prefix
        position = path.find(".", position + 1)


def depth(path: str) -> int:
    """How many generations below the root a path lies; 0 for the root itself."""
    return path.count(".") - 1


def within(path: str, scope: str) -> bool:
    """Whether ``path`` lies in the subtree of ``scope``; nothing lies in the empty scope."""
    return bool(scope) and path.startswith(scope)


def upper_bound(scope: str) -> str:
    """The first text after the subtree of ``scope``: a path is inside if scope <= path < bound.

    The slash is the character after the dot, so the range holds under COLLATE "C" only.
    """
    return scope.rstrip(".") + "/"
