"""The catalogue over HTTP: public, because residents choose from it too."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest
from ninja import Query, Router

from onegrid.county.matters import selectors
from onegrid.county.matters.schemas import ConditionOut, FieldOfWorkOut, MatterFilter, MatterList, MatterOut
from onegrid.county.matters.selectors import ConditionInfo, MatterInfo

router = Router(tags=["matters"], auth=None)


@router.get("/matters", response=MatterList, operation_id="list_matters", summary="Matters by words or field")
def list_matters(request: HttpRequest, wanted: Query[MatterFilter]) -> MatterList:
    """Matters in force; without words all of them in the catalogue's order."""
    lang = str(getattr(request, "lang", "zh-CN"))
    titles = selectors.field_titles(lang)
    everything = selectors.catalogue().matters
    counted = Counter(item.field for item in everything)
    found = selectors.search(wanted.q, of_field=wanted.field, limit=wanted.limit)
    return MatterList(
        items=[_matter(item, lang, titles.get(item.field, item.field)) for item in found],
        fields=[
            FieldOfWorkOut(key=key, title=title, matters=counted[key]) for key, title in titles.items() if counted[key]
        ],
        total=len(everything),
    )


def _matter(item: MatterInfo, lang: str, field_title: str) -> MatterOut:
    return MatterOut(
        code=item.code,
        name=item.name(lang),
        field=item.field,
        field_title=field_title,
        kind=item.kind,
        class_code=item.class_code,
        class_title=item.class_en if lang == "en" else item.class_zh,
        words=list(item.words),
        initials=list(item.initials),
        lead=item.lead,
        lead_id=str(item.lead_id) if item.lead_id else None,
        joint=list(item.joint),
        on_the_spot=item.on_the_spot,
        verify_before_accept=item.verify_before_accept,
        verify_before_close=item.verify_before_close,
        evidence=list(item.evidence),
        closing_rule=item.closing_rule,
        confidential=item.confidential,
        urgent=item.urgent,
        basis=item.basis,
        conditions=[_condition(condition, lang) for condition in item.conditions],
    )


def _condition(item: ConditionInfo, lang: str) -> ConditionOut:
    return ConditionOut(
        ordinal=item.ordinal,
        text=item.text(lang),
        limit=str(item.limit) if item.limit else None,
        accept_by=str(item.accept_by) if item.accept_by else None,
        arrive_by=str(item.arrive_by) if item.arrive_by else None,
        stages=[f"{stage.name}:{stage.limit}" for stage in item.stages],
    )
