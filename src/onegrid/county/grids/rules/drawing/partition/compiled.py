"""Inner loops as machine code: compiled once by numba, kept on disk, and not even looked at before they are needed.

A ``@kernel("signature")`` is an ordinary function until it is first called (or ``ready`` is): then it and the kernels
it calls are compiled for exactly that signature. What was compiled is kept in a folder named after a hash of all
kernels' source, because numba itself looks at one file at a time and would miss a change in a kernel called from
another. The folder lies beside the sources where those can be written, else in the user's cache folder, else in the
system's folder for passing files.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")
Progress = Callable[[str, float], None]

_all: list[Kernel[Any, Any]] = []
_KERNELS = ("compiled", "flood", "graph", "solve", "split", "swap")
"""Modules with inner loops, and how they are compiled; what else is changed compiles nothing anew."""
_WHOLE = "all-compiled"
"""A file that says that a folder holds every kernel."""
_lock = threading.RLock()
_HERE = Path(__file__).resolve().parent


class Kernel(Generic[P, R]):
    """A function on numbers and arrays that runs as machine code, with one signature."""

    def __init__(self, function: Callable[P, R], signature: str) -> None:
        self.function = cast("FunctionType", function)
        self.signature = signature
        self._machine: Callable[P, R] | None = None
        self.__doc__ = function.__doc__
        _all.append(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return (self._machine or self.machine())(*args, **kwargs)

    def machine(self) -> Callable[P, R]:
        """The compiled form, made or read from the disk at the first call."""
        with _lock:
            if self._machine is None:
                self._machine = self._compiled()
            return self._machine

    def _compiled(self) -> Callable[P, R]:
        numba = import_module("numba")
        _choose_folder()
        plain = self.function
        inner: dict[str, Any] = {
            name: plain.__globals__[name].machine()
            for name in plain.__code__.co_names
            if isinstance(plain.__globals__.get(name), Kernel)
        }
        fresh = FunctionType(plain.__code__, plain.__globals__ | inner, plain.__name__, plain.__defaults__)
        fresh.__module__, fresh.__qualname__, fresh.__doc__ = plain.__module__, plain.__qualname__, plain.__doc__
        options = {"nogil": True, "error_model": "numpy"}
        try:
            return cast("Callable[P, R]", numba.njit(self.signature, cache=True, **options)(fresh))
        except (RuntimeError, OSError):  # no folder anywhere that can be written: compile for this process alone
            return cast("Callable[P, R]", numba.njit(self.signature, **options)(fresh))


def kernel(signature: str) -> Callable[[Callable[P, R]], Kernel[P, R]]:
    """Make a function an inner loop of that numba signature; it may call other kernels of its own module's names."""

    def made(function: Callable[P, R]) -> Kernel[P, R]:
        return Kernel(function, signature)

    return made


def ready(progress: Progress | None = None) -> None:
    """Compile every kernel there is, or read it from the disk; says ``compile`` and the share done.

    About a minute the first time on a slow machine, a second afterwards.
    """
    for count, one in enumerate(_all):
        if progress is not None:
            progress("compile", count / len(_all))
        one.machine()
    folder = getattr(import_module("numba.core.config"), "CACHE_DIR", "")
    if folder:
        with contextlib.suppress(OSError):
            (Path(folder) / _WHOLE).touch()


def is_stored() -> bool:
    """Whether every kernel lies on the disk, so that drawing begins within a second. Loads nothing."""
    named = os.environ.get("NUMBA_CACHE_DIR")
    return any((folder / _WHOLE).is_file() for folder in ([Path(named)] if named else _folders()))


def _choose_folder() -> None:
    """Point numba at the folder for this version of the kernels, unless the environment names one."""
    config = import_module("numba.core.config")
    if os.environ.get("NUMBA_CACHE_DIR") or getattr(config, "CACHE_DIR", ""):
        return
    for folder in _folders():
        if _writable(folder):
            setattr(config, "CACHE_DIR", str(folder))  # noqa: B010  (the module declares no such name)
            return


def _folders() -> list[Path]:
    """Where this version of the kernels may lie, the best place first."""
    mark = hashlib.sha256()
    for file in sorted(_HERE.glob("*.py")):
        if file.stem in _KERNELS:
            mark.update(file.read_bytes())
    name = f"kernels-{mark.hexdigest()[:16]}"
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    passing = Path(tempfile.gettempdir()) / f"onegrid-{os.getuid() if hasattr(os, 'getuid') else 'user'}"
    return [_HERE / "__pycache__" / name, home / "onegrid" / name, passing / name]


def _writable(folder: Path) -> bool:
    """Whether files can be made there by us, and by nobody else (what lies there is run as code)."""
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder):
            pass
        return sys.platform == "win32" or all(one.stat().st_uid == os.getuid() for one in (folder, folder.parent))
    except OSError:
        return False


__all__ = ["Kernel", "Progress", "is_stored", "kernel", "ready"]
