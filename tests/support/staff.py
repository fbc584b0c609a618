"""Staff without a county behind them."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.contrib.auth.hashers import Argon2PasswordHasher

PASSWORD = "long enough 9"


@dataclass(frozen=True)
class PlainHat:
    """A hat without a county behind it."""

    id: int
    position: str = "dispatcher"
    kind: str = "dispatcher"
    title_zh: str = "派遣员"
    title_en: str = "Dispatcher"
    duties: frozenset[str] = field(default_factory=lambda: frozenset({"triage"}))
    faces: tuple[str, ...] = ("desk",)
    place: str = "石桥村"
    place_en: str = "Shiqiao"
    scope_path: str = "r.1."
    grid_id: int | None = 1
    department_id: int | None = None
    department_name: str = ""
    department_name_en: str = ""
    department_path: str = ""


class CheapArgon2(Argon2PasswordHasher):
    """Argon2 without the work."""

    time_cost = 1
    memory_cost = 64
    parallelism = 1
