"""Every change of a register row, whoever makes it. Each is merged, checked, written down, and can be undone.

├── rows.py       a row as fields and values
├── writing.py    writing down what changed
├── receipts.py   the same answer for the same key
├── applying.py   one row edited
├── settling.py   confirming, refusing, undoing
├── along.py      what goes along when a building moves to another grid
├── adding.py     new rows
├── moving.py     people move in, out, together and apart
├── holding.py    who owns, rents and works where, from when to when
├── door.py       what a phone tells of one visit, perhaps days later
└── uniting.py    two entries of one person become one
"""

from __future__ import annotations

from onegrid.county.registers.services.changes.applying import Edit, Outcome, Told, apply, propose
from onegrid.county.registers.services.changes.writing import Changed, record_added, record_many

__all__ = ["Changed", "Edit", "Outcome", "Told", "apply", "propose", "record_added", "record_many"]
