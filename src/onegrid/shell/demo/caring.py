"""Whom the demonstration's grid worker looks after when the county opens, and who says that he comes home."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from onegrid.county.registers.models import Care, Resident
from onegrid.county.registers.services import care, returnees
from onegrid.county.registers.services.care import Helper, Plan, Visit
from onegrid.county.registers.services.returnees import Return
from onegrid.county.workforce import selectors as workforce
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.actor import Actor, wearing
from onegrid.foundation.accounts.models import Resident as Account
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.write import read

_CARES: Final = UUID("8d6a1f0c-53f1-4c46-8f5e-0a3c7d8e2b11")
ROLE: Final = "worker"
OLD: Final = 72
PLANS: Final[tuple[tuple[tuple[str, ...], str, int, int, Helper], ...]] = (
    (
        ("living_alone", "aged"), "早晚各看一眼灯亮没亮；停电先送手电；三天没见出门就敲门。",
        7, -2, Helper("neighbour", "隔壁邻居", "19000009001"),
    ),
    (
        ("chronic_illness",), "每月陪去卫生院拿药；药放在堂屋抽屉；不舒服先给女儿打电话。",
        14, 0, Helper("family", "女儿", "19000009002"),
    ),
    (
        ("disabled",), "轮椅上下楼要两个人；汛期提前一天接到村部二楼。",
        7, 3, Helper("volunteer", "志愿者小组", "19000009003"),
    ),
    (
        ("left_behind_elder", "hardship"), "儿子在外省务工，每周视频一次；米面油月底送到。",
        30, 12, Helper("cadre", "包保干部", "19000009004"),
    ),
)  # fmt: skip
"""Needs, plan, every how many days, in how many days from today the next visit is due, who helps."""
COMING: Final = (
    ("浙江省杭州市", 2, 20, 3, "老人腿脚不便，想借一辆轮椅"),
    ("广东省深圳市", 5, 15, 1, ""),
)
"""From where, in how many days, for how many days, how many people, what they ask for."""


def care_for(seed: int, now: datetime) -> int:
    """Plans for old people of the worker's grid, a visit that was made, and who comes home; how many plans.

    Nothing when there are plans already, or nobody to make them. Under root scope.
    """
    actor = None if Care.objects.exists() else _worker(now)
    if actor is None:
        return 0
    today = day_of(now)
    bounds = [actor.scope_path, actor.scope_path.rstrip(".") + "/", today.year - OLD, len(PLANS)]
    old = [int(key) for (key,) in read(_OLD, bounds)]
    for number, (person, (needs, words, every, due, helper)) in enumerate(zip(old, PLANS, strict=False)):
        key = uuid5(_CARES, f"{seed} {number}")
        plan = Plan(needs, words, every, today + timedelta(days=due), (helper,))
        begun = now - timedelta(days=every + 20)
        made, _ = care.begin(actor, key, person, plan, now=begun)
        if due > 0:
            before = now - timedelta(days=every - due)
            told = Visit(uuid5(key, "visit"), "met", "都好，按预案做了", before)
            care.visit(actor, int(made.line.id), told, now=before)
    if old:
        _coming(seed, now, old)
    return len(old)


def _coming(seed: int, now: datetime, people: list[int]) -> None:
    """Some who report on their phones come home to houses of the same grid."""
    today = day_of(now)
    homes = Resident.objects.select_related("household__dwelling__building").filter(pk__in=people).order_by("pk")
    accounts = Account.objects.order_by("pk")[: len(COMING)]
    for number, (account, home, (origin, days, stay, count, words)) in enumerate(
        zip(accounts, homes, COMING, strict=False)
    ):
        house = home.household.dwelling.building
        told = Return(
            name=account.name or "返乡人", came_from=origin, address=f"{house.name}{home.household.dwelling.label}",
            lon=house.lon, lat=house.lat, arrives_on=today + timedelta(days=days),
            leaves_on=today + timedelta(days=days + stay), people=count, words=words,
        )  # fmt: skip
        resident = Actor(kind="resident", resident_id=account.pk)
        returnees.register(resident, uuid5(_CARES, f"{seed} home {number}"), told, now=now)


def _worker(now: datetime) -> Actor | None:
    user = User.objects.filter(username=ROLE).first()
    if user is None:
        return None
    hats = workforce.hats_at(user.pk, now)
    if not hats:
        return None
    return wearing(hats, str(hats[0].id), user_id=user.pk, name=user.display_name, lang="zh-CN")


_OLD: Final = """
SELECT id FROM registers_resident
WHERE scope_path >= %s AND scope_path < %s AND birth_year <= %s AND left_on IS NULL AND died_on IS NULL
ORDER BY id LIMIT %s
"""
