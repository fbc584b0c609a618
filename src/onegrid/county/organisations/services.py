"""Loads a pack's departments into the locality's table. Nothing is deleted: what left the pack is marked inactive."""

from __future__ import annotations

from collections.abc import Mapping

from onegrid.county.grids.models import Grid
from onegrid.county.grids.rules import paths
from onegrid.county.grids.rules.codes import division_code
from onegrid.county.organisations.events import Applied
from onegrid.county.organisations.models import Department
from onegrid.county.organisations.rules.section import DepartmentSpec, OrganisationsPart
from onegrid.foundation.database.bulk import next_keys
from onegrid.foundation.packs import LoadedPack

TOP = "d."
"""Above every department, as `r.` is above every grid."""
FIELDS = (
    "name_zh", "name_en", "kind", "handles", "collects", "field", "level", "division_code", "aliases", "former_names",
    "managed", "note", "valid_from", "valid_to", "active", "parent_id", "path", "grid_id", "seat",
)  # fmt: skip


def apply(pack: LoadedPack) -> Applied:
    """Make the table say what the pack says; repeating it changes nothing. Runs in the caller's transaction.

    Units of a township or village are tied to its grid; before the grids are planted they are seated at the root,
    and applying the pack again afterwards ties them.
    """
    part = pack.section("organisations", OrganisationsPart)
    known = {department.code: department for department in Department.objects.all()}
    grids = _division_grids(part)
    new = [spec for spec in part.departments if spec.code not in known]
    keys = next_keys("organisations_department", "id", len(new)) if new else []
    fresh = {spec.code: Department(id=key, code=spec.code) for spec, key in zip(new, keys, strict=True)}
    rows = {**known, **fresh}
    changed: list[Department] = []
    for spec in part.departments:
        row = rows[spec.code]
        before = [getattr(row, name) for name in FIELDS]
        _fill(row, spec, rows, grids)
        if spec.code in known and before != [getattr(row, name) for name in FIELDS]:
            changed.append(row)
    ended = [row for code, row in known.items() if row.active and code not in part.codes()]
    for row in ended:
        row.active = False
    Department.objects.bulk_create(fresh.values())
    Department.objects.bulk_update([*changed, *ended], FIELDS)
    return Applied(tuple(fresh), tuple(row.code for row in changed), tuple(row.code for row in ended))


def _division_grids(part: OrganisationsPart) -> Mapping[str, Grid]:
    codes = {division_code(spec.division): spec.division for spec in part.departments if spec.division}
    found = Grid.objects.filter(code__in=codes, scheme=None, active=True)
    return {codes[grid.code]: grid for grid in found}


def _fill(row: Department, spec: DepartmentSpec, rows: Mapping[str, Department], grids: Mapping[str, Grid]) -> None:
    parent = rows[spec.parent] if spec.parent else None
    grid = grids.get(spec.division)
    for name in (
        "name_zh",
        "name_en",
        "kind",
        "handles",
        "collects",
        "field",
        "level",
        "managed",
        "note",
        "valid_from",
        "valid_to",
    ):
        setattr(row, name, getattr(spec, name))
    row.division_code = spec.division
    row.aliases, row.former_names = list(spec.aliases), list(spec.former_names)
    row.parent_id = parent.pk if parent else None
    row.path = (parent.path if parent else TOP) + paths.segment(row.pk)
    row.grid_id = grid.pk if grid else None
    row.seat = grid.scope_path if grid else paths.ROOT
    row.active = True
