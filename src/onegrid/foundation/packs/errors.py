"""What loading a pack can raise."""

from __future__ import annotations

from collections.abc import Iterable

from onegrid.foundation.packs.problems import Problem


class PackInvalid(Exception):
    """A pack has problems; all of them are inside."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(problems)
        lines = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"the pack {name!r} has {len(self.problems)} problem(s):\n{lines}")


class PackNotFound(Exception):
    """There is no folder of that name with a pack.yaml."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        super().__init__(f"no pack {name!r}; there are {', '.join(sorted(known)) or 'none'}")
