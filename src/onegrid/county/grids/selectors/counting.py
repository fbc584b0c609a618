"""How many grids there are of a level, and how many of the level below most of them have."""

from __future__ import annotations

from django.db import connection

from onegrid.county.grids.selectors.reading import LevelInfo, SchemeInfo, division_levels, schemes

_DIVISIONS_IN = """
SELECT count(*) FROM grids_grid d JOIN grids_level l ON l.id = d.level_id AND l.scheme_id IS NULL AND l.key = %s
WHERE d.active AND EXISTS (
    SELECT 1 FROM grids_grid g JOIN grids_scheme s ON s.id = g.scheme_id AND s.key = %s
    WHERE g.active AND g.scope_path >= d.scope_path AND g.scope_path < rtrim(d.scope_path, '.') || '/')
"""
_OF_LEVEL = """
SELECT count(*) FROM grids_grid g JOIN grids_level l ON l.id = g.level_id AND l.key = %s
LEFT JOIN grids_scheme s ON s.id = l.scheme_id WHERE g.active AND coalesce(s.key, '') = %s
"""
_MOST_HAVE = """
SELECT coalesce(mode() WITHIN GROUP (ORDER BY n), 0) FROM (
    SELECT count(*) AS n FROM grids_grid g JOIN grids_level l ON l.id = g.level_id AND l.key = %s
    JOIN grids_scheme s ON s.id = l.scheme_id AND s.key = %s WHERE g.active GROUP BY g.parent_id) AS each
"""


def count_of_level(name: str) -> int:
    """Grids of a level named as in roles: a division's key, a scheme's level, or scheme.level.

    A level that is an official division counts the divisions the scheme covers. Raises LookupError for no such level.
    """
    scheme, level = _named(name)
    if scheme is None:
        return _one(_OF_LEVEL, name, "")
    if level.division:
        return _one(_DIVISIONS_IN, level.division, scheme.key)
    return _one(_OF_LEVEL, level.key, scheme.key)


def count_in_schemes() -> int:
    """Grids of all levels of all schemes, the official divisions that are levels of one among them."""
    found = 0
    for scheme in schemes():
        for level in scheme.levels:
            if level.division:
                found += _one(_DIVISIONS_IN, level.division, scheme.key)
            elif not level.holds:
                found += _one(_OF_LEVEL, level.key, scheme.key)
    return found


def usual_children(name: str) -> int | None:
    """How many grids of the level below most grids of this level have; None for the lowest. Raises LookupError."""
    scheme, level = _named(name)
    if scheme is None:
        raise LookupError(name)
    below = [one for one in scheme.levels[scheme.levels.index(level) + 1 :] if not one.holds]
    return _one(_MOST_HAVE, below[0].key, scheme.key) if below else None


def level(name: str) -> LevelInfo:
    """The level of a name: a scheme's level, scheme.level, or a division's own key. Raises LookupError."""
    return _named(name)[1]


def _named(name: str) -> tuple[SchemeInfo | None, LevelInfo]:
    """The scheme and level of a name; no scheme for a division's own key."""
    wanted, _, key = name.rpartition(".")
    for scheme in schemes():
        for level in scheme.levels:
            if level.key == key and wanted in ("", scheme.key):
                return scheme, level
    for level in division_levels():
        if level.key == name:
            return None, level
    raise LookupError(name)


def _one(sql: str, *values: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0])
