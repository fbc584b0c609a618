"""Sheets of a register written out: exports that come back unchanged, reports to correct, templates to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as ReadOnly
from typing import BinaryIO, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from onegrid.county.registers.rules.kinds import COLUMNS, NEEDED, Column, Kind, column
from onegrid.county.registers.rules.section import Choice
from onegrid.county.registers.rules.sheets.books import HEAD, MOST_ROWS, Book, Cell, Page, letters
from onegrid.county.registers.rules.sheets.headers import Mapping, shown, title
from onegrid.county.registers.rules.sheets.problems import Problem, masked
from onegrid.foundation.kernel.texts import Lang, text

Choices = ReadOnly[str, Sequence[Choice]]
Bad = tuple[int, Sequence[str], Sequence[Problem]]
"""The row in the file, its cells as they stand there, what is wrong with it."""
_SEXES: Final = (0, 1, 2, 9)
_NEED: Final = PatternFill("solid", fgColor="FFFCE4D6")
_HEAD_FILL: Final = PatternFill("solid", fgColor="FFE7EEF7")


class Sheet:
    """How rows of a kind look in a sheet: titles, and values in the words of a language. Reads back as it was."""

    def __init__(self, kind: Kind, choices: Choices, lang: Lang, keys: Iterable[str] | None = None) -> None:
        wanted = None if keys is None else set(keys)
        self.columns = tuple(one for one in COLUMNS[kind] if wanted is None or one.key in wanted)
        self.titles = [title(kind, one.key, lang) for one in self.columns]
        self.widths = [one.width for one in self.columns]
        self._words = {one.key: words(one, choices, lang) for one in self.columns}

    def cells(self, values: ReadOnly[str, Cell]) -> list[Cell]:
        """One row: `values` by column key; keys of choices and the number of a sex become their words."""
        found: list[Cell] = []
        for one in self.columns:
            value = values.get(one.key)
            said = self._words[one.key]
            found.append(said.get(value, value) if said and value is not None else value)
        return found


def words(one: Column, choices: Choices, lang: Lang) -> dict[Cell, str]:
    """What the values of a column are called; empty for one whose values speak for themselves."""
    if one.form == "sex":
        return {number: text(f"register_sheets.sex.{number}", lang) for number in _SEXES}
    if one.form == "choice":
        return {each.key: each.title.zh if lang == "zh-CN" else each.title.en for each in choices.get(one.choice, ())}
    return {}


def write_book(target: BinaryIO, name: str, sheet: Sheet, rows: Iterable[ReadOnly[str, Cell]]) -> int:
    """Write rows of a kind into a workbook, a million in a sheet; how many it were."""
    count = 0
    with Book(target) as book:
        page = _begin(book, name, sheet.titles, sheet.widths)
        for row in rows:
            if page.rows > MOST_ROWS:
                page.end()
                page = _begin(book, name, sheet.titles, sheet.widths)
            page.add(sheet.cells(row))
            count += 1
    return count


def write_report(
    target: BinaryIO,
    name: str,
    header: Sequence[str],
    bad: Iterable[Bad],
    mapping: Mapping,
    lang: Lang,
    *,
    whole: bool = True,
) -> int:
    """Write the rows of the file `name` that were not taken; how many it were.

    The first sheet has them as they stand in the file, each cell to correct in yellow, with the row and the reasons
    before them: corrected and saved it can be imported as it is. The second lists file, row, column, masked value and
    reason of every problem. `whole=False` masks the first sheet too and leaves out columns that were not mapped.
    """
    told = mapping.places
    ours = {at: column(mapping.kind, key) for key, at in told.items()}
    count = 0
    with Book(target) as book:
        titles = [_report("row", lang), _report("reason", lang), *header]
        widths = [10, 40, *[14] * len(header)]
        page = _begin(book, _report("correct", lang), titles, widths)
        listed = book.page(_report("list", lang), [28, 10, 20, 26, 50], held=True)
        listed.add([_report(key, lang) for key in ("file", "row", "column", "value", "why")], style=HEAD)
        for line, cells, problems in bad:
            count += 1
            reasons = [(_called(problem, mapping, header, lang), problem.words(lang)) for problem in problems]
            said = "；".join(f"{called}：{why}" if called else why for called, why in reasons)
            if page.rows <= MOST_ROWS:
                shown_cells = [cell if whole else _hidden(cell, ours.get(at)) for at, cell in enumerate(cells)]
                marked = {told[problem.column] + 2 for problem in problems if problem.column in told}
                page.add([line, said, *shown_cells], marked=marked)
            for problem, (called, why) in zip(problems, reasons, strict=True):
                if listed.rows <= MOST_ROWS:
                    listed.add([name, line, called, problem.value, why])
    return count


def _called(problem: Problem, mapping: Mapping, header: Sequence[str], lang: Lang) -> str:
    """What the file calls the column of a problem, or what we call it when the file has none."""
    if not problem.column:
        return ""
    at = mapping.places.get(problem.column)
    return shown(header[at]) if at is not None and at < len(header) else title(mapping.kind, problem.column, lang)


def _hidden(cell: str, known: Column | None) -> str:
    if known is None:
        return ""
    return masked(known, cell) if known.personal else cell


def _begin(book: Book, name: str, titles: Sequence[str], widths: Sequence[float]) -> Page:
    page = book.page(name, widths)
    page.add(list(titles), style=HEAD)
    return page


def _report(key: str, lang: Lang) -> str:
    return text(f"register_sheets.report.{key}", lang)


def write_template(target: BinaryIO, kind: Kind, choices: Choices, lang: Lang) -> None:
    """Write an empty sheet of a kind: titles, drop-downs of the pack's choices, and how to fill it in.

    Cells are of the type text, so that no spreadsheet shortens a number; needed columns are coloured.
    """
    book = Workbook()
    page = book.active
    if not isinstance(page, Worksheet):
        raise TypeError("a new workbook has a sheet")
    page.title = text(f"register_sheets.kind.{kind}", lang)
    guide = book.create_sheet(_report("guide", lang))
    lists = book.create_sheet(_report("options", lang))
    lists.sheet_state = "hidden"
    needed = {group[0] for group in NEEDED[kind] if len(group) == 1}
    columns = [one for one in COLUMNS[kind] if one.key not in ("id", "version")]
    guide.append([_report(key, lang) for key in ("column_of_guide", "note", "allowed")])
    for at, one in enumerate(columns):
        said = list(words(one, choices, lang).values())
        cell = page.cell(1, at + 1, title(kind, one.key, lang))
        cell.font, cell.fill = Font(bold=True), _NEED if one.key in needed else _HEAD_FILL
        dimension = page.column_dimensions[letters(at)]
        dimension.width = one.width + 2
        dimension.number_format = "@"
        guide.append([cell.value, text(f"register_sheets.note.{one.key}", lang), "、".join(said)])
        if said:
            _offer(page, lists, at, said)
    page.freeze_panes = "A2"
    for letter, width in zip("ABC", (20, 60, 80), strict=True):
        guide.column_dimensions[letter].width = width
    for row in guide.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    book.save(target)


def _offer(page: Worksheet, lists: Worksheet, at: int, said: Sequence[str]) -> None:
    """A drop-down for a column; other words are warned about and let through, since synonyms are read too."""
    place = letters(at)
    for row, word in enumerate(said, 1):
        lists[f"{place}{row}"] = word
    source = f"'{lists.title}'!${place}$1:${place}${len(said)}"
    rule = DataValidation(type="list", formula1=source, allow_blank=True, errorStyle="warning", showErrorMessage=True)
    rule.add(f"{place}2:{place}1048576")
    page.add_data_validation(rule)
