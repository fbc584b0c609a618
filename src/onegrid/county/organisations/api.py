"""Departments over HTTP: public facts."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router

from onegrid.county.organisations import selectors
from onegrid.county.organisations.schemas import DepartmentFilter, DepartmentList, DepartmentOut
from onegrid.county.organisations.selectors import DepartmentInfo
from onegrid.foundation.kernel.pinyin import initials

router = Router(tags=["departments"], auth=None)


@router.get("/departments", response=DepartmentList, operation_id="list_departments", summary="Departments by words")
def list_departments(request: HttpRequest, asked: Query[DepartmentFilter]) -> DepartmentList:
    """Departments in force, parents before children."""
    lang = str(getattr(request, "lang", "zh-CN"))
    found = selectors.search(asked.q, limit=asked.limit)
    return DepartmentList(
        items=[_department(item, lang) for item in found if asked.handles is None or item.handles == asked.handles]
    )


def _department(item: DepartmentInfo, lang: str) -> DepartmentOut:
    return DepartmentOut(
        id=str(item.id),
        code=item.code,
        name=item.name(lang),
        kind=item.kind,
        handles=item.handles,
        collects=item.collects,
        field=item.field,
        parent=str(item.parent) if item.parent else None,
        level=item.level,
        seat=item.seat,
        aliases=list(item.aliases),
        initials=[initials(one) for one in (item.name_zh, *item.aliases)],
        managed=item.managed,
    )
