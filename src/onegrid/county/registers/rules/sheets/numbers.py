"""Check digits of the two numbers a register finds people and organisations by.

Identity numbers: GB 11643-1999, 17 digits and one check character by ISO 7064 MOD 11-2; six digits of area, eight of
birth, three of sequence whose last is odd for men. The area is not checked against any list: areas are renamed and the
numbers stay. Unified social credit codes: GB 32100-2015, 18 characters, the last by MOD 31-3.
"""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from onegrid.county.registers.rules.sheets.values import Bad, Memo

CHECKS: Final = "10X98765432"
_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE: Final = {letter: at for at, letter in enumerate(_ALPHABET)}
LENGTH: Final = 18


class Birth(NamedTuple):
    """The eight digits of birth in an identity number: their share of the check sum, the day, its year."""

    share: int
    day: str
    year: int


def _share(digits: str, first: int) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise Bad("id_characters")
    return sum(int(digit) * _WEIGHTS[first + at] for at, digit in enumerate(digits))


def _area(digits: str) -> int:
    if digits[0] == "0":
        raise Bad("id_area")
    return _share(digits, 0)


def _birth(digits: str) -> Birth:
    share = _share(digits, 6)
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise Bad("id_birth") from None
    return Birth(share, day.isoformat(), day.year)


def _sequence(digits: str) -> tuple[int, int]:
    return _share(digits, 14), 1 if int(digits[2]) % 2 else 2


AREAS: Final[Memo[int]] = Memo(_area)
BIRTHS: Final[Memo[Birth]] = Memo(_birth)
SEQUENCES: Final[Memo[tuple[int, int]]] = Memo(_sequence)


class IdCard(NamedTuple):
    """What an identity number says: itself with 18 characters, the day of birth, its year, the sex (1 or 2)."""

    number: str
    day: str
    year: int
    sex: int


def id_card(number: str) -> IdCard:
    """Read a normalised identity number; the old one of 15 digits gets its century and its check character.

    Raises Bad: id_length, id_characters, id_area, id_birth, id_check, id_rounded.
    """
    if len(number) == 15 and number.isascii() and number.isdigit():
        number = with_check(f"{number[:6]}19{number[6:]}")
    if len(number) != LENGTH:
        raise Bad("id_rounded" if _as_excel(number) else "id_length", length=len(number))
    share, birth, (rest, sex) = AREAS[number[:6]], BIRTHS[number[6:14]], SEQUENCES[number[14:17]]
    if CHECKS[(share + birth.share + rest) % 11] != number[17]:
        raise Bad("id_rounded" if number.endswith("000") else "id_check")
    return IdCard(number, birth.day, birth.year, sex)


def with_check(digits: str) -> str:
    """17 digits and the check character that belongs to them. Raises Bad(id_characters)."""
    return digits + CHECKS[_share(digits, 0) % 11]


def _as_excel(number: str) -> bool:
    """`3.50199199001E+17`: a spreadsheet took the number for a quantity and lost its end."""
    return "E+" in number and number[0].isdigit()


def credit_code(code: str) -> str:
    """Check a normalised credit code and give it back. Raises Bad: credit_length, credit_characters, credit_check."""
    if len(code) != LENGTH:
        raise Bad("credit_length", length=len(code))
    total, weight = 0, 1
    for letter in code[:17]:
        value = _VALUE.get(letter)
        if value is None:
            raise Bad("credit_characters")
        total += value * weight
        weight = weight * 3 % 31
    if code[17] not in _VALUE:
        raise Bad("credit_characters")
    if _ALPHABET[-total % 31] != code[17]:
        raise Bad("credit_check")
    return code
