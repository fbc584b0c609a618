"""Answers kept for a bulk job: thousands of steps in one transaction ask the same few questions.

A function marked `remembered` asks the database as always, except inside `remembering()`, which is for jobs that change
none of what they ask (the demonstration's past, an import).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_memory: ContextVar[dict[Any, Any] | None] = ContextVar("onegrid_memory", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Keep the answers of remembered functions until the end of the block, in this thread of work only."""
    token = _memory.set({})
    try:
        yield
    finally:
        _memory.reset(token)


def remembered(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a reading function with hashable arguments."""

    @wraps(function)
    def ask(*words: P.args, **named: P.kwargs) -> R:
        memory = _memory.get()
        if memory is None:
            return function(*words, **named)
        key = (function, words, tuple(sorted(named.items())))
        if key not in memory:
            memory[key] = function(*words, **named)
        found: R = memory[key]
        return found

    return ask
