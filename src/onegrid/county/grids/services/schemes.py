"""Puts a pack's schemes and levels into the tables; repeating it changes only what the pack changed."""

from __future__ import annotations

from onegrid.county.grids.models import Level, Scheme
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.rules.drawing.packs import drawing_sizes, follows
from onegrid.county.grids.rules.drawing.wanted import size_of
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
        sizes = drawing_sizes(part, spec)
        pattern = CodePattern(part.code_digits or CodePattern().digits)
        own = [cell.key for cell in spec.levels if not cell.division and not cell.holds]
        for ordinal, cell in enumerate(spec.levels):
            Level.objects.update_or_create(
                scheme=scheme,
                key=cell.key,
                defaults={
                    "title_zh": cell.title.zh, "title_en": cell.title.en, "ordinal": ordinal,
                    "division": cell.division, "holds": cell.holds,
                    "size": size_of(follows(cell.cells)) or sizes.get(cell.key, 0.0),
                    "digits": pattern.width(own.index(cell.key)) if cell.key in own else 0,
                },
            )  # fmt: skip
