"""What is wrong with a line of a sheet, or with the whole file, in words of the locale files, never with the value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from onegrid.county.registers.rules.kinds import Column
from onegrid.foundation.kernel.masking import STAR, mask_id_number, mask_name, mask_numbers, mask_phone
from onegrid.foundation.kernel.texts import Lang, text

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell, or with the line when `column` is "".

    `value` is masked already. `reason` is a key below `register_sheets.reason`, or a whole key with dots; `params` fill
    its blanks and hold nothing personal.
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


def masked(column: Column, raw: str) -> str:
    """The cell as it may be told. A choice is masked like a name, because cells slip into the column beside."""
    raw = raw.strip()[: 2 * LONGEST]
    if column.form == "phone":
        return mask_phone(raw)
    if column.form == "id_number":
        return mask_id_number(raw)
    if column.form in ("past", "date"):
        return raw[:4] + STAR * (len(raw) - 4) if raw[:4].isdigit() else mask_name(raw)
    if column.personal or column.form in ("choice", "sex"):
        return mask_name(raw)
    told = mask_numbers(raw)
    return told if len(told) <= LONGEST else told[:LONGEST] + "…"
