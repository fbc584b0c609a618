"""The importer: files of rows into the register, a few thousand at a time, exactly once however often it is stopped.

├── files.py    a file on this machine, from opening to the end
├── runs.py     the life of one import: begin, take up, cancel, resume, finish
├── running.py  read → check → work out → store, one batch being stored while the next is worked out
├── plans.py    what a batch is going to write
├── doors.py    buildings, doors and households that rows name
├── people.py   residents: who is known, what changes, who is new
├── flat.py     registers of one table; places.py, units.py: what is particular to each
└── storing.py  a batch and the book of its run in one transaction
"""

from __future__ import annotations

from onegrid.county.registers.services.loading.files import Wish, import_file
from onegrid.county.registers.services.loading.running import BATCH, Running
from onegrid.county.registers.services.loading.runs import Draft, begin, cancel, finish, resumable, resume, take_up

__all__ = [
    "BATCH",
    "Draft",
    "Running",
    "Wish",
    "begin",
    "cancel",
    "finish",
    "import_file",
    "resumable",
    "resume",
    "take_up",
]
