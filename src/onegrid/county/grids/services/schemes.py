"""Puts a pack's schemes and levels into the tables; repeating it changes only what the pack changed."""

from __future__ import annotations

from onegrid.county.grids.models import Level, Scheme
from onegrid.county.grids.rules.section import GridsPart


def apply(part: GridsPart) -> None:
    """Enter the official levels, the schemes and their levels. Levels that left the pack stay for old grids."""
    for ordinal, level in enumerate(part.division_levels):
        Level.objects.update_or_create(
            scheme=None,
            key=level.key,
            defaults={
                "title_zh": level.title.zh,
                "title_en": level.title.en,
                "ordinal": ordinal,
                "division": level.key,
            },
        )
    for place, spec in enumerate(part.schemes):
        scheme, _ = Scheme.objects.update_or_create(
            key=spec.key, defaults={"title_zh": spec.title.zh, "title_en": spec.title.en, "ordinal": place}
        )
        for ordinal, cell in enumerate(spec.levels):
            Level.objects.update_or_create(
                scheme=scheme,
                key=cell.key,
                defaults={
                    "title_zh": cell.title.zh, "title_en": cell.title.en, "ordinal": ordinal,
                    "division": cell.division, "holds": cell.holds,
                },
            )  # fmt: skip
