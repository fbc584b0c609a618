"""Lays a pack over the one it extends.

Mappings merge key by key. Lists of mappings that each have a `key` merge by it: same key, same entry, laid over; an
entry with `drop: true` takes the inherited one away. Every other value replaces. Nodes keep the file they came from.
"""

from __future__ import annotations

from collections import defaultdict

from onegrid.foundation.packs.csv_tables import Row
from onegrid.foundation.packs.problems import Problems, one_of
from onegrid.foundation.packs.yaml_nodes import Node


def lay_over(below: Node | None, above: Node | None, problems: Problems) -> Node | None:
    """The merged node; one of the two may be absent."""
    if above is None:
        return below
    if above.entries is not None:
        merged = dict((below.entries or {}) if below is not None else {})
        for key, node in above.entries.items():
            result = lay_over(merged.get(key), node, problems)
            if result is not None:
                merged[key] = result
        return Node(above.place, entries=merged)
    if _keyed(above):
        return _lists(below if below is not None and _keyed(below) else Node(above.place, items=()), above, problems)
    return above


def fill_rows(below: tuple[Row, ...], above: tuple[Row, ...], column: str) -> tuple[Row, ...]:
    """Rows of the upper table, each with the row below that fills its blank cells."""
    known: dict[str, list[Row]] = defaultdict(list)
    for row in below:
        known[row.text(column)].append(row)
    counted: dict[str, int] = defaultdict(int)
    filled: list[Row] = []
    for row in above:
        entry = row.text(column)
        rows = known.get(entry)
        under = rows[min(counted[entry], len(rows) - 1)] if rows else None
        counted[entry] += 1
        filled.append(Row(row.place, row.cells, under))
    return tuple(filled)


def _keyed(node: Node) -> bool:
    return node.items is not None and all(item.entries is not None and "key" in item.entries for item in node.items)


def _key(node: Node) -> str:
    return str((node.entries or {})["key"].value)


def _dropped(node: Node) -> bool:
    drop = (node.entries or {}).get("drop")
    return drop is not None and drop.value is True


def _lists(below: Node, above: Node, problems: Problems) -> Node:
    merged = {_key(item): item for item in below.items or ()}
    met: set[str] = set()
    for item in above.items or ():
        key = _key(item)
        if _dropped(item):
            if key not in merged:
                problems.add(item.place, "drop", f"nothing with the key {key!r} is inherited", one_of(key, merged))
            merged.pop(key, None)
            continue
        if key in met:
            problems.add(item.place, "key", f"the key {key!r} stands twice in the list", "each key once")
        met.add(key)
        laid = lay_over(merged.get(key), item, problems)
        if laid is not None:
            merged[key] = laid
    return Node(above.place, items=tuple(merged.values()))
