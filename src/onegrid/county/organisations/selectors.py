"""What others read about departments. Values, except where a foreign key is set from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from onegrid.county.organisations.models import Department
from onegrid.foundation.database.remember import remembered


@dataclass(frozen=True)
class DepartmentInfo:
    """One department as others see it. ``seat`` is the scope path of its area, the root for county-wide ones."""

    id: int
    code: str
    name_zh: str
    name_en: str
    kind: str
    handles: bool
    collects: bool
    field: str
    parent: int | None
    path: str
    level: str
    seat: str
    aliases: tuple[str, ...]
    managed: str
    successor: str | None
    active: bool

    def name(self, lang: str) -> str:
        """The name in the reader's language."""
        return self.name_en if lang == "en" else self.name_zh


def _infos(rows: Iterable[Department]) -> list[DepartmentInfo]:
    return [
        DepartmentInfo(
            row.pk,
            row.code,
            row.name_zh,
            row.name_en,
            row.kind,
            row.handles,
            row.collects,
            row.field,
            row.parent_id,
            row.path,
            row.level,
            row.seat,
            tuple(row.aliases),
            row.managed,
            row.successor.code if row.successor else None,
            row.active,
        )
        for row in rows
    ]


def _all() -> QuerySet[Department]:
    return Department.objects.select_related("successor").order_by("path")


def departments(*, handles: bool | None = None) -> list[DepartmentInfo]:
    """Departments in force, parents before children; only those that handle (or do not) when asked."""
    found = _all().filter(active=True)
    return _infos(found if handles is None else found.filter(handles=handles))


def everything() -> list[DepartmentInfo]:
    """Departments in force and ended ones: routing follows an ended one to its successor."""
    return _infos(_all())


def department(department_id: int) -> DepartmentInfo | None:
    """One department, ended ones too."""
    return next(iter(_infos(_all().filter(pk=department_id))), None)


def by_code(code: str) -> DepartmentInfo | None:
    """The department with this code, ended ones too."""
    return next(iter(_infos(_all().filter(code=code))), None)


def search(words: str, *, limit: int = 20) -> list[DepartmentInfo]:
    """Departments in force whose name, alias or former name contains the words."""
    wanted = words.strip()
    if not wanted:
        return departments()[:limit]
    found = (
        _all()
        .filter(active=True)
        .filter(
            Q(name_zh__contains=wanted)
            | Q(name_en__icontains=wanted)
            | Q(code__iexact=wanted)
            | Q(aliases__icontains=wanted)
            | Q(former_names__icontains=wanted)
        )
    )
    return _infos(found[:limit])


def handling_ids(ids: Iterable[str | int]) -> set[int]:
    """Those of the ids that are departments in force which handle matters."""
    return set(_handling(frozenset(int(one) for one in ids)))


@remembered
def _handling(ids: frozenset[int]) -> frozenset[int]:
    found = Department.objects.filter(pk__in=ids, handles=True, active=True)
    return frozenset(found.values_list("pk", flat=True))


def paths(ids: Collection[int]) -> Mapping[int, str]:
    """The department path of each id."""
    return dict(Department.objects.filter(pk__in=ids).values_list("pk", "path"))


def names(ids: Collection[int], lang: str = "zh-CN") -> Mapping[int, str]:
    """The name of each id in the reader's language."""
    return dict(Department.objects.filter(pk__in=ids).values_list("pk", "name_en" if lang == "en" else "name_zh"))
