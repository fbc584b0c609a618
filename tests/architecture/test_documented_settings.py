"""Every environment variable the code reads is told to operators, and none is told that nobody reads."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
INTERNAL = {"DJANGO_SETTINGS_MODULE"}
NAME = r"(?:ONEGRID_[A-Z0-9_]+|DATABASE_URL)"

READERS = r"environ(?:\.get|\.setdefault)?|env(?:\.get)?|_flag|_number|_words|_mapping|_choice"


def read_by_code() -> set[str]:
    files = [*(ROOT / "src" / "onegrid").rglob("*.py"), ROOT / "run", ROOT / "web_build.py"]
    found: set[str] = set()
    for path in files:
        text = path.read_text()
        found |= set(re.findall(rf'(?:{READERS})[(\[](?:env, )?"({NAME})"', text))
        if path.name == "run":
            found |= set(re.findall(rf"\$\{{({NAME})", text))
    # Read under a name that is put together from the role.
    return found | {f"ONEGRID_{role}_{what}" for role in ("APP", "OWNER") for what in ("USER", "PASSWORD")}


def told() -> set[str]:
    table = (ROOT / "docs" / "operator.md").read_text().split("## Settings")[1].split("\n## ")[0]
    return {
        name for line in table.splitlines() if line.startswith("| `") for name in re.findall(NAME, line.split("|")[1])
    }


def test_settings_and_their_page_agree() -> None:
    assert told() - read_by_code() == set(), "told but not read"
    assert read_by_code() - told() - INTERNAL == set(), "read but not told"
