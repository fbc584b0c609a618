"""Whom the demonstration's workers look after when the county opens, and who says that he comes home."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID, uuid5

from onegrid.county.registers.models import Care, Resident
from onegrid.county.registers.services import care, returnees
from onegrid.county.registers.services.care import Helper, Plan, Visit
from onegrid.county.registers.services.returnees import Return
from onegrid.county.workforce.selectors import day_of, zone
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.accounts.models import Resident as Account
from onegrid.foundation.database.managers import upper_bound
from onegrid.foundation.database.write import read
from onegrid.shell.demo.crew import crew

_CARES: Final = UUID("8d6a1f0c-53f1-4c46-8f5e-0a3c7d8e2b11")
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
LOOK_BACK: Final = 28
"""Days since the plans were made."""
VISITED: Final = time(10, 20)
COMING: Final = (
    ("浙江省杭州市", 2, 20, 3, "老人腿脚不便，想借一辆轮椅"),
    ("广东省深圳市", 5, 15, 1, ""),
)
"""From where, in how many days, for how many days, how many people, what they ask for."""


def care_for(seed: int, now: datetime) -> int:
    """Plans for old people of the workers' grids, the visits made, and who comes home; how many plans.

    Nothing when there are plans already, or nobody to make them. Under root scope.
    """
    if Care.objects.exists():
        return 0
    plans, homes = 0, list[int]()
    for at, actor in enumerate(crew(now)):
        bounds = [actor.scope_path, upper_bound(actor.scope_path), day_of(now).year - OLD, len(PLANS)]
        old = [int(key) for (key,) in read(_OLD, bounds)]
        for number, person in enumerate(old):
            _plan(actor, person, PLANS[(number + at) % len(PLANS)], uuid5(_CARES, f"{seed} {at} {number}"), now)
        plans += len(old)
        homes = homes or old
    if homes:
        _coming(seed, now, homes)
    return plans


def _plan(
    actor: Actor, person: int, told: tuple[tuple[str, ...], str, int, int, Helper], key: UUID, now: datetime
) -> None:
    """One plan, with the visits made so far: the first of them half an interval after it began."""
    needs, words, every, due, helper = told
    plan = Plan(needs, words, every, day_of(now) + timedelta(days=due), (helper,))
    made, _ = care.begin(actor, key, person, plan, now=now - timedelta(days=LOOK_BACK))
    ago = range(every - due, LOOK_BACK, every)
    for number, days in enumerate(reversed(ago)):
        at = datetime.combine(day_of(now) - timedelta(days=days), VISITED, tzinfo=zone())
        outcome, note = (
            ("absent", "门口等了十分钟，邻居说去女儿家了")
            if 0 < number < len(ago) - 1 and number % 2
            else ("met", "都好，按预案做了")
        )
        care.visit(actor, int(made.line.id), Visit(uuid5(key, f"visit {days}"), outcome, note, at), now=at)


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


_OLD: Final = """
SELECT id FROM registers_resident
WHERE scope_path >= %s AND scope_path < %s AND birth_year <= %s AND left_on IS NULL AND died_on IS NULL
ORDER BY id LIMIT %s
"""
