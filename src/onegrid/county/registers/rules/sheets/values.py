"""One cell to one value, or the reason why not. Every function here takes the raw text of a cell.

What is done silently is what loses nothing: full-width to ASCII, spaces and invisible characters away, words for
"nothing" to nothing. Whatever has two readings is a problem and not a guess.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date, timedelta
from typing import Final, TypeVar
from unicodedata import is_normalized

from onegrid.county.registers.rules.section import Choice

Value = TypeVar("Value")


class Bad(Exception):
    """A cell that cannot be taken: `reason` is a key below `register_sheets.reason`."""

    def __init__(self, reason: str, **params: str | int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.params = params


class Memo(dict[str, Value]):
    """What a reading function gave for each text it met; the same words come again and again in a column.

    Forgets everything when it holds too much. A text that cannot be read raises Bad each time.
    """

    __slots__ = ("read",)
    MOST: Final = 40_000

    def __init__(self, read: Callable[[str], Value]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, raw: str) -> Value:
        value = self.read(raw)
        if len(self) >= self.MOST:
            self.clear()
        self[raw] = value
        return value


BLANKS: Final = frozenset(
    ("-", "--", "—", "——", "/", "\\", "无", "不详", "未知", "空", "暂无", "null", "none", "n/a", "#n/a", "nan")
)
_ERRORS: Final = frozenset(("#ref!", "#value!", "#div/0!", "#name?", "#num!", "#null!", "#####"))
_UNSEEN: Final = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x202A, 0x202C, 0x2060, 0xFEFF))
_QUOTED: Final = "=+-@'"
_CJK: Final = r"\u3400-\u9fff\U00020000-\U0003ffff"
_LONGEST_WORD: Final = 8
_NO_CONTROL: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f]*\Z")
_INNER: Final = re.compile(rf"(?<=[{_CJK}·])\s+(?=[{_CJK}·])")
_MASK: Final = re.compile(r"\*{2,}|(?<=\w)\*|\*(?=\w)")
_DOTS: Final = str.maketrans(dict.fromkeys("•‧・∙●", "·"))


def clean(raw: str) -> str:
    """The text of a cell in its one form; "" for a blank one and for words that mean nothing.

    The apostrophe that `books.safe` puts before what a spreadsheet would take for a formula goes. Raises Bad:
    `excel_error`, `garbled`, `masked`.
    """
    if raw[:1] == "'" and raw[1:2] and raw[1] in _QUOTED:
        raw = raw[1:]
    text = raw
    if not (raw.isprintable() and is_normalized("NFKC", raw)):
        text = unicodedata.normalize("NFKC", raw).translate(_UNSEEN)
    if not text.isprintable() or " " in text:
        text = " ".join(text.split())
    if len(text) <= _LONGEST_WORD:
        lower = text.lower()
        if lower in BLANKS:
            return ""
        if lower in _ERRORS:
            raise Bad("excel_error")
    if "\ufffd" in text or not (text.isprintable() or _NO_CONTROL.match(text)):
        raise Bad("garbled")
    if "*" in text and _MASK.search(text):
        raise Bad("masked")
    if text[:1] == "#" and not text.strip("#"):
        raise Bad("excel_error")
    return text


def text_of(longest: int) -> Callable[[str], str]:
    """A reader of texts up to so many characters. Raises Bad(too_long) besides what `clean` does."""

    def read(raw: str) -> str:
        text = clean(raw)
        if " " in text:
            text = _INNER.sub("", text)
        if len(text) > longest:
            raise Bad("too_long", longest=longest, length=len(text))
        return text

    return read


_name: Final = text_of(60)


def name(raw: str) -> str:
    """A person's name: letters of any script, dots and hyphens between; no digits. Raises Bad(name_characters)."""
    text = _name(raw)
    if text.isalpha():
        return text
    text = text.translate(_DOTS)
    for letter in text:
        if not (letter.isalpha() or letter in " ·.-'’" or unicodedata.category(letter) == "Mn"):
            raise Bad("name_characters")
    if text and not any(letter.isalpha() for letter in text):
        raise Bad("name_characters")
    return text


def choice_of(options: Iterable[Choice]) -> Callable[[str], str]:
    """A reader of one list of the pack: any of its words to its key. Raises Bad(choice)."""
    held = tuple(options)
    keys = {compact(word).casefold(): one.key for one in held for word in one.words()}
    allowed = "、".join(one.title.zh for one in held)

    def read(raw: str) -> str:
        key = keys.get(compact(raw).casefold())  # first, because a pack may offer a word that elsewhere means nothing
        if key is None:
            word = compact(clean(raw)).casefold()
            key = keys.get(word) if word else ""
        if key is None:
            raise Bad("choice", allowed=allowed)
        return key

    return read


_SEXES: Final = {
    **dict.fromkeys(("男", "男性", "1", "m", "male"), 1),
    **dict.fromkeys(("女", "女性", "2", "f", "female"), 2),
    **dict.fromkeys(("0", "未知的性别", "unknown"), 0),
    **dict.fromkeys(("9", "未说明", "未说明的性别", "notstated"), 9),
}


def sex(raw: str) -> int | None:
    """GB/T 2261.1: 0, 1, 2, 9; None for a blank cell. Raises Bad(sex)."""
    word = compact(clean(raw)).casefold()
    if not word:
        return None
    if word not in _SEXES:
        raise Bad("sex")
    return _SEXES[word]


def compact(text: str) -> str:
    """The text without any space."""
    return "".join(text.split())


_DIGITS: Final = {letter: at for at, letter in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_HAN_NUMBER: Final = re.compile(r"([一二两三四五六七八九]?)十([一二三四五六七八九]?)\Z")


def han_number(text: str) -> int | None:
    """`三` is 3, `十二` is 12, `二十` is 20; None for anything else. Up to 99."""
    if len(text) == 1 and text in _DIGITS:
        return _DIGITS[text]
    found = _HAN_NUMBER.match(text)
    return found and (_DIGITS.get(found[1], 1) * 10 + _DIGITS.get(found[2], 0))


_NUMBER: Final = re.compile(r"([+-]?[0-9]{1,18})(?:\.0*)?\Z")


def number_of(low: int, high: int, units: str = "") -> Callable[[str], int | None]:
    """A reader of whole numbers; one of the words in `units` may follow. Raises Bad: number, number_range."""
    ends = tuple(units.split())

    def read(raw: str) -> int | None:
        text = compact(clean(raw)).replace(",", "")
        if not text:
            return None
        for end in ends:
            text = text.removesuffix(end)
        found = _NUMBER.match(text)
        value = int(found[1]) if found else han_number(text)
        if value is None:
            raise Bad("number")
        if not low <= value <= high:
            raise Bad("number_range", low=low, high=high)
        return value

    return read


_BELOW: Final = re.compile(r"(?:b|地下|负|-)([0-9]{1,2}|[一二三四五])(?:[层楼f])?\Z", re.IGNORECASE)
_FLOOR: Final = number_of(-20, 200, "层 楼 F f")


def floor(raw: str) -> int | None:
    """1 is the ground floor; B1, 地下一层 and -1层 are 0. A bare number stands as it is, so that exports come back."""
    text = compact(clean(raw))
    found = _BELOW.match(text)
    if found and not text.lstrip("-").isdigit():
        depth = int(found[1]) if found[1].isdigit() else han_number(found[1]) or 1
        return 1 - depth
    return _FLOOR(raw)


def degrees_of(limit: int) -> Callable[[str], float | None]:
    """A reader of a longitude (180) or latitude (90) in degrees. Raises Bad: degrees, degrees_range."""

    def read(raw: str) -> float | None:
        text = compact(clean(raw)).removesuffix("°")
        if not text:
            return None
        try:
            value = float(text)
        except ValueError:
            raise Bad("degrees") from None
        if not -limit <= value <= limit:
            raise Bad("degrees_range", limit=limit)
        return value

    return read


_SEPARATED: Final = re.compile(
    r"([0-9]{1,4})\s*[-/.年]\s*([0-9]{1,2})(?:\s*[-/.月]\s*([0-9]{1,4})?)?\s*日?"
    r"(?:[ T][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?\Z"
)
_YEAR: Final = re.compile(r"(?:19|20)[0-9]{2}年?\Z")
_SERIAL: Final = re.compile(r"([0-9]{4,5})(?:\.[0-9]+)?\Z")
_EXCEL_ZERO: Final = date(1899, 12, 30)


def day(raw: str) -> str:
    """A date as ISO text, "" for a blank cell: 1990-1-7, 1990/01/07, 1990.1.7, 1990年1月7日, 19900107, Excel's number.

    A bare year comes back as four digits. Raises Bad: date, date_impossible, date_incomplete, date_year, date_order.
    """
    if len(raw) == 10 and raw[4] == "-" == raw[7] and raw.isascii():
        with suppress(ValueError):
            return date.fromisoformat(raw).isoformat()
    text = clean(raw)
    if not text:
        return ""
    if len(text) == 8 and text.isdigit() and text.isascii():
        return _iso(text[:4], text[4:6], text[6:])
    if _YEAR.match(text):
        return text[:4]
    serial = _SERIAL.match(text)
    if serial:
        return (_EXCEL_ZERO + timedelta(days=int(serial[1]))).isoformat()
    found = _SEPARATED.match(text)
    if not found:
        raise Bad("date")
    first, month, last = found.groups()
    if len(first) == 4:
        if last is None:
            raise Bad("date_incomplete")
        return _iso(first, month, last)
    raise Bad("date_order" if last is not None and len(last) == 4 else "date_year")


def _iso(year: str, month: str, of_month: str) -> str:
    try:
        return date(int(year), int(month), int(of_month)).isoformat()
    except ValueError:
        raise Bad("date_impossible") from None


def past_of(today: date, *, year_alone: bool) -> Callable[[str], str]:
    """A reader of days from 130 years ago to `today`; a year alone only where that says something."""
    first = f"{today.year - 130}-01-01"
    last = today.isoformat()

    def read(raw: str) -> str:
        found = day(raw)
        if not found:
            return ""
        if len(found) == 4 and not year_alone:
            raise Bad("date_incomplete")
        if found > last:
            raise Bad("date_future")
        if found < first[: len(found)]:
            raise Bad("date_long_ago")
        return found

    return read


_PHONE_NOISE: Final = re.compile(r"[\s()\-—.]")
LONGEST_PHONE: Final = 60
_TWO: Final = re.compile(r"[0-9]{7,}[/、,;，；|和 ]+[0-9]{7,}")


def phone(raw: str) -> str:
    """A phone number as bare digits: a mobile, a landline with or without its area, 400 numbers, or + and a country.

    Raises Bad: phone_two, phone_characters, phone_length, phone_prefix, phone_rounded.
    """
    text = clean(raw)
    if not text:
        return ""
    if len(text) > LONGEST_PHONE:
        raise Bad("phone_length", length=len(text))
    if "E+" in text.upper():
        raise Bad("phone_rounded")
    if _TWO.search(text.replace("-", "")):
        raise Bad("phone_two")
    bare = _PHONE_NOISE.sub("", text)
    abroad = bare[:1] == "+"
    digits = bare.lstrip("+")
    if not (digits.isascii() and digits.isdigit()):
        raise Bad("phone_characters")
    for prefix in ("0086", "86") if abroad or len(digits) > 12 else ("0086",):
        if digits.startswith(prefix):
            digits, abroad = digits[len(prefix) :], False
    if abroad:
        if not 7 <= len(digits) <= 15:
            raise Bad("phone_length", length=len(digits))
        return digits
    return _domestic(digits)


def _domestic(digits: str) -> str:
    if len(digits) == 11 and digits[0] == "1":
        if digits[1] not in "3456789":
            raise Bad("phone_prefix")
        return digits
    long_enough = {"0": range(10, 13), "4": (7, 8, 10), "8": (7, 8, 10), "1": ()}.get(digits[:1], (7, 8))
    if len(digits) not in long_enough:
        raise Bad("phone_length", length=len(digits))
    return digits
