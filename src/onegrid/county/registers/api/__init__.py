"""The registers over HTTP: one file for each thing people do with them, joined here.

├── folders.py   who looks after a place, and what a worker keeps on the phone
├── records.py   lists, search, households, buildings, statistics, values shown for a purpose
├── imports.py   files in
├── changes.py   edits, moves, duplicates, the door
├── holdings.py  owners, tenants, workplaces
├── systems.py   the change feed for other systems
├── access.py    exports, and the resident's own page
└── care.py      people who need help, and people who came back
"""

from __future__ import annotations

from ninja import Router

from onegrid.county.registers.api.access import router as access
from onegrid.county.registers.api.care import router as care
from onegrid.county.registers.api.changes import router as changes
from onegrid.county.registers.api.folders import router as folders
from onegrid.county.registers.api.holdings import router as holdings
from onegrid.county.registers.api.imports import router as imports
from onegrid.county.registers.api.records import router as records
from onegrid.county.registers.api.systems import router as systems

router = Router()
for part in (imports, folders, records, care, access, changes, holdings, systems):
    router.add_router("", part)
