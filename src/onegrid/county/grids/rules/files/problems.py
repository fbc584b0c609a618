"""What can be wrong with the files of a town, told all at once, each with file, row and field.

A problem is what nothing can be drawn with; what can be mended or left out is a finding of the report instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from onegrid.foundation.kernel.texts import Lang, text


@dataclass(frozen=True)
class Problem:
    """One fault of a file. ``key`` names the sentence in the locale files, ``values`` fill its blanks."""

    key: str
    file: str = ""
    row: int | None = None
    column: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def say(self, lang: Lang) -> str:
        """File, row and field, then what is wrong and how to mend it."""
        place = [self.file] if self.file else []
        if self.row is not None:
            place.append(text("town.place.row", lang, row=self.row))
        if self.column:
            place.append(text("town.place.column", lang, column=self.column))
        words = text(f"town.problem.{self.key}", lang, **self.values)
        return text("town.place.said", lang, place=", ".join(place), words=words) if place else words


class BadFiles(Exception):
    """Nothing can be drawn with these files; ``problems`` says everything that is wrong with them."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.say("en") for problem in self.problems))


class Collected:
    """Gathers problems while files are read, so that they are told together."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(self, key: str, file: str = "", *, row: int | None = None, column: str = "", **values: object) -> None:
        """Note one problem and go on."""
        self.problems.append(Problem(key, file, row, column, values))

    def take(self, why: BadFiles) -> None:
        """Note what another reader found."""
        self.problems += why.problems

    def settle(self) -> None:
        """Raise BadFiles when there is anything to say."""
        if self.problems:
            raise BadFiles(self.problems)
