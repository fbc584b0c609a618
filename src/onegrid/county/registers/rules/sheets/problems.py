"""What is wrong with a line of a sheet, or with the whole file, in words of the locale files and never with the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onegrid.foundation.kernel.texts import Lang, text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell, or with the line when `column` is "".

    `value` is masked already. `reason` is a key below `register_sheets.reason`, or a whole key with dots; `params` fill its blanks and hold
    nothing personal.
    """

    line: int
    column: str
    value: str
    reason: str
    params: Mapping[str, str | int] = field(default_factory=dict)

    def words(self, lang: Lang) -> str:
        """The reason as a sentence."""
        key = self.reason if "." in self.reason else f"register_sheets.reason.{self.reason}"
        return text(key, lang, **self.params)


class SheetRefused(Exception):
    """The file cannot be read, or must not be: `reason` is a key below `register_sheets.refused`."""

    def __init__(self, reason: str, **params: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params

    def words(self, lang: Lang) -> str:
        """Why, as a sentence."""
        return text(f"register_sheets.refused.{self.reason}", lang, **self.params)
