"""What hangs on the blackboard when the county opens: a few notices written by the demonstration's own people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid5

from onegrid.county.workforce import selectors as workforce
from onegrid.foundation.accounts.actor import Actor, wearing
from onegrid.foundation.accounts.models import User
from onegrid.programmes.community import services
from onegrid.programmes.community.models import Notice
from onegrid.programmes.community.permissions import ANNOUNCE
from onegrid.programmes.community.rules import Draft

_NOTICES: Final = UUID("3f0a8d0e-6a53-4d0b-9c62-0c8f5a4c8e01")


@dataclass(frozen=True)
class Sheet:
    """One notice: who writes it, how many hours ago, for how many days."""

    role: str
    title: str
    body: str
    hours: int
    days: int
    residents: bool = True
    important: bool = False


SHEETS: Final = (
    Sheet(
        "dispatcher", "汛期安全提醒",
        "近期雨水多，请留意地质灾害点和低洼地带，不要到河边、水库边玩耍。\n发现险情请马上撤离，并拨打网格中心电话。",
        50, 60, important=True,
    ),
    Sheet(
        "secretary", "周六上午统一清运大件垃圾",
        "旧家具、旧家电请在周六早上八点前放到各楼栋指定位置，网格员会登记清运，不收费。",
        20, 6,
    ),
    Sheet(
        "secretary", "网格例会改到周五下午三点", "请各位网格长、网格员准时参加，带上本周走访记录。",
        5, 4, residents=False,
    ),
)  # fmt: skip


def put_up(seed: int, now: datetime) -> int:
    """Write the sheets whose authors are there; nothing when the board has been written on. Under root scope."""
    if Notice.objects.exists():
        return 0
    written = 0
    for number, sheet in enumerate(SHEETS):
        author = _author(sheet.role, now)
        if author is None:
            continue
        hat = next(one for one in author.hats if one.id == author.hat_id)
        draft = Draft(
            key=uuid5(_NOTICES, f"{seed} {number}"), grid=str(hat.grid_id), title=sheet.title, body=sheet.body,
            for_residents=sheet.residents, for_staff=True, important=sheet.important,
            valid_to=now + timedelta(days=sheet.days),
        )  # fmt: skip
        services.publish(actor=author, draft=draft, now=now - timedelta(hours=sheet.hours))
        written += 1
    return written


def _author(role: str, now: datetime) -> Actor | None:
    user = User.objects.filter(username=role).first()
    if user is None:
        return None
    hats = workforce.hats_at(user.pk, now)
    leading = next((hat for hat in hats if ANNOUNCE in hat.duties and hat.grid_id is not None), None)
    if leading is None:
        return None
    return wearing(hats, str(leading.id), user_id=user.pk, name=user.display_name, lang="zh-CN")
