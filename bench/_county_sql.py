"""The statements that make a county's rows; `_county` runs them."""

from __future__ import annotations

LEAVES = """
CREATE UNLOGGED TABLE bench.leaf AS
WITH slice AS (
    SELECT g.*, row_number() OVER (ORDER BY g.scope_path) - 1 AS at FROM grids_grid g
    JOIN grids_level l ON l.id = g.level_id WHERE l.key = 'slice' AND g.active)
SELECT slice.at * %(each)s + k AS n, slice.at AS slice, slice.id AS parent, slice.scope_path AS above,
    %(first)s + slice.at * %(each)s + k AS id, ''::text COLLATE "C" AS path, ''::text COLLATE "C" AS township,
    ''::text COLLATE "C" AS village, slice.name || (k + 1) || '队' AS name,
    slice.west + (slice.east - slice.west) * (k %% 10) / 10.0 AS lon,
    slice.south + (slice.north - slice.south) * (k / 10) / 10.0 AS lat, '{}'::bigint[] AS base
FROM slice, generate_series(0, %(each)s - 1) k
"""
GRIDS = """
INSERT INTO grids_grid (id, code, name, parent_id, scheme_id, level_id, scope_path, division_code, depth, households,
    lon, lat, west, south, east, north, active, version)
SELECT leaf.id, 'B' || leaf.id, leaf.name, leaf.parent, team.scheme_id, team.level_id, leaf.path, team.division_code,
    team.depth, 10, leaf.lon, leaf.lat, leaf.lon, leaf.lat, leaf.lon, leaf.lat, false, 1
FROM bench.leaf JOIN LATERAL (
    SELECT * FROM grids_grid t WHERE t.parent_id = leaf.parent ORDER BY id LIMIT 1) team ON true
"""

CLOSED = """
WITH drawn AS (
    SELECT i, %(since)s + (i / %(all)s::float8) * %(span)s::interval AS at,
        (power((hashint8extended(i, 1) & 1048575) / 1048576.0, 1.2) * %(leaves)s)::int %% %(leaves)s AS leaf,
        (hashint8extended(i, 2) & 1048575) %% 10000 AS slot,
        (hashint8extended(i, 3) & 1048575) %% %(phrases)s AS k,
        (hashint8extended(i, 4) & 1048575) / 1048576.0 AS u,
        (hashint8extended(i, 5) & 1048575) / 1048576.0 AS v,
        (hashint8extended(i, 6) & 1048575) / 1048576.0 AS w,
        md5(i::text)::uuid AS id
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) i),
told AS (
    SELECT drawn.*, slot.matter_id, slot.department_id, leaf.id AS grid_id, leaf.path, leaf.village, leaf.name,
        leaf.lon, leaf.lat, phrase.title, phrase.words, phrase.base || leaf.base AS base,
        (drawn.at AT TIME ZONE 'Asia/Shanghai')::date AS day,
        least(drawn.at + (w * w * 9) * interval '1 day', %(now)s) AS closed_at,
        CASE WHEN u < 0.86 THEN 'closed' WHEN u < 0.96 THEN 'rated' WHEN u < 0.98 THEN 'rejected'
            WHEN u < 0.99 THEN 'merged' ELSE 'cancelled' END AS status,
        (ARRAY['snap','snap','snap','patrol','patrol','patrol','visit','hotline','desk','open311'])
            [1 + (10 * v * v)::int %% 10] AS channel
    FROM drawn JOIN bench.slot ON slot.slot = drawn.slot JOIN bench.leaf ON leaf.n = drawn.leaf
        JOIN bench.phrase ON phrase.matter_id = slot.matter_id AND phrase.k = drawn.k)
"""
VALUES = {
    "id": "id",
    "number": "'MH' || to_char(day, 'YYYYMMDD') || '-' || lpad((i %% 1000000)::text, 6, '0')",
    "track_code": "upper(lpad(to_hex((i * 178956971) & 281474976710655), 12, '0'))",
    "scope_path": "path",
    "desk_path": "CASE WHEN channel IN ('snap', 'hotline', 'open311') THEN 'r.' ELSE village END",
    "grid_id": "grid_id",
    "reported_grid_id": "grid_id",
    "matter_id": "matter_id",
    "department_id": "department_id",
    "status": "status",
    "waits_on": "CASE WHEN status = 'rated' AND w < 0.03 AND i > %(all)s * 0.95 THEN 'centre' ELSE '' END",
    "channel": "channel",
    "severity": "CASE WHEN v < 0.03 THEN 'urgent' ELSE 'normal' END",
    "title": "title",
    "words": "words",
    "address": "name || '活动中心旁'",
    "lon": "lon",
    "lat": "lat",
    "reported_at": "at",
    "reported_on": "day",
    "closed_at": "CASE WHEN status IN ('closed', 'rated') THEN closed_at END",
    "closed_on": "CASE WHEN status IN ('closed', 'rated') THEN (closed_at AT TIME ZONE 'Asia/Shanghai')::date END",
    "in_time": "CASE WHEN status IN ('closed', 'rated') THEN v > 0.06 END",
    "on_the_spot": "v > 0.8",
    "rating": "CASE WHEN status = 'rated' THEN CASE WHEN v > 0.05 THEN 5 ELSE 2 END END",
    "rated_on": "CASE WHEN status = 'rated' THEN (closed_at AT TIME ZONE 'Asia/Shanghai')::date END",
    "returned_on": "CASE WHEN w < 0.02 THEN day END",
    "reopened_on": "CASE WHEN w > 0.995 THEN (closed_at AT TIME ZONE 'Asia/Shanghai')::date END",
    "supervised": "v BETWEEN 0.5 AND 0.505",
    "pack_version": "'2026.1'",
    "version": "6",
    "last_seq": "6",
}
TERMS = """
INSERT INTO cases_searchterms (case_id, reported_at, terms)
SELECT id, at, ARRAY(SELECT (((b + ((day - '0001-01-01'::date + 1) / 7) * %(week)s) & 4294967295) - 2147483648)::int
    FROM unnest(base) b ORDER BY 1) FROM told
"""
ACTED = """
INSERT INTO cases_caseaction (case_id, scope_path, seq, action, at, actor_kind, "user", actor_name, position, unit,
    data, key)
SELECT id, path, 2, 'accept', at, 'staff', %(dispatcher)s, '', '', '', '{}', 'bench-' || i FROM told WHERE i %% 30 = 0
"""

COPIED: dict[str, dict[str, str]] = {
    "cases_case": {
        "id": "c.id", "scope_path": "l.path", "grid_id": "l.id", "reported_grid_id": "l.id", "lon": "l.lon",
        "lat": "l.lat",
        "number": "'MH' || to_char((s.reported_at - c.back) AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || '-8'"
        " || lpad(c.j::text, 6, '0')",
        "track_code": "upper(lpad(to_hex(((c.j + 100000000) * 178956971::bigint) & 281474976710655), 12, '0'))",
        "reported_at": "s.reported_at - c.back",
        "reported_on": "((s.reported_at - c.back) AT TIME ZONE 'Asia/Shanghai')::date", "merged_into_id": "NULL::uuid",
        "possible_duplicate": "NULL::uuid",
    },
    "cases_caseaction": {
        "case_id": "c.id", "scope_path": "l.path", "key": "s.key || '-' || c.k",
        "assignment": "md5(s.assignment::text || c.k)::uuid",
        "data": "CASE WHEN s.data ? 'assignments' THEN jsonb_set(s.data, '{assignments}', (SELECT jsonb_agg("
        " jsonb_set(a, '{id}', to_jsonb(md5((a ->> 'id') || c.k)::uuid)))"
        " FROM jsonb_array_elements(s.data -> 'assignments') a)) ELSE s.data END",
    },
    "cases_assignment": {"id": "md5(s.id::text || c.k)::uuid", "case_id": "c.id", "scope_path": "l.path"},
    "cases_clock": {
        "case_id": "c.id", "scope_path": "l.path",
        "assignment_id": "md5(s.assignment_id::text || c.k)::uuid",
    },
    "cases_grant": {
        "case_id": "c.id",
        "scope_path": "l.path",
        "reported_at": "s.reported_at - c.back",
    },
    "cases_casereporter": {"case_id": "c.id", "scope_path": "l.path", "name": "NULL::bytea", "phone": "NULL::bytea"},
}  # fmt: skip
"""What a copy of an open case has of its own; everything else is its model's."""

GRANTS = """
INSERT INTO cases_grant (case_id, scope_path, department_id, department_path, kind, granted_at, reported_at)
SELECT c.id, c.scope_path, d.id, d.path, 'assignment', c.reported_at, c.reported_at
FROM cases_case c JOIN organisations_department d ON d.id = c.department_id
WHERE c.department_id = ANY(%s) AND c.waits_on = '' AND NOT EXISTS (
    SELECT 1 FROM cases_grant g WHERE g.case_id = c.id AND g.department_id = d.id)
"""
