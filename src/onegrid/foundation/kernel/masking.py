"""How personal values look to people who need not know them.

Masked is the default everywhere; the whole value leaves only by a logged reveal.
"""

from __future__ import annotations

import re
import unicodedata

STAR = "*"


def mask_phone(phone: str) -> str:
    """`13800001234` → `138****1234`. Shorter numbers keep their last two digits only."""
    if len(phone) >= 11:
        return phone[:3] + STAR * (len(phone) - 7) + phone[-4:]
    return STAR * max(len(phone) - 2, 0) + phone[-2:]


def mask_name(name: str) -> str:
    """`陈小明` → `陈**`; a name in letters keeps its first letter."""
    name = name.strip()
    return name[:1] + STAR * (len(name) - 1) if len(name) > 1 else name and STAR


def mask_id_number(number: str) -> str:
    """`110101199001017758` → `1101**********7758`."""
    if len(number) <= 8:
        return STAR * len(number)
    return number[:4] + STAR * (len(number) - 8) + number[-4:]


def normalise(value: str) -> str:
    """The one form of a value used for comparing: trimmed, full-width → ASCII, upper case, no inner spaces."""
    return "".join(unicodedata.normalize("NFKC", value).upper().split())


def normalise_phone(value: str) -> str:
    """A mainland phone number as its bare digits: `+86 138-0000-1234` → `13800001234`."""
    digits = "".join(ch for ch in normalise(value) if ch.isdigit() or ch == "+")
    for prefix in ("+86", "0086"):
        if digits.startswith(prefix):
            digits = digits[len(prefix) :]
    return digits.lstrip("+")


def is_mobile(phone: str) -> bool:
    """Whether `phone` (normalised) is a mainland mobile number: 11 digits, 1 then 3–9."""
    return len(phone) == 11 and phone.isdigit() and phone[0] == "1" and phone[1] in "3456789"


_ID_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")
_COUNTRY = r"(?:(?<![0-9])|(?<=(?<![0-9])86)|(?<=(?<![0-9])0086))"
"""Nothing of a number before, or the country's code."""
_MOBILE = re.compile(_COUNTRY + r"1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9])")
_LANDLINE = re.compile(r"(?<![0-9])0[0-9]{2,3}[ -]?[0-9]{7,8}(?![0-9])")


def mask_numbers(words: str) -> str:
    """Free words with every phone and identity number in them masked: 「请打 138****1234」."""
    words = _ID_NUMBER.sub(lambda found: mask_id_number(found[0]), words)
    for pattern in (_MOBILE, _LANDLINE):
        words = pattern.sub(lambda found: mask_phone("".join(ch for ch in found[0] if ch.isdigit())), words)
    return words


_CUT = re.compile(r"[0-9][0-9 Xx-]{3,}(?=…?$)")


def mask_cut_numbers(title: str) -> str:
    """The same for words that were cut to a length: a number cut off at their end is starred whole."""
    return _CUT.sub(lambda found: "".join(STAR if ch.isdigit() else ch for ch in found[0]), mask_numbers(title))
