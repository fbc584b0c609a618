"""The verbs of the journal, all in the caller's transaction: record, publish, count, announce."""

from __future__ import annotations

from onegrid.foundation.journal.services.audit import record, record_each
from onegrid.foundation.journal.services.feeding import announce
from onegrid.foundation.journal.services.outbox import publish
from onegrid.foundation.journal.services.tallies import Footprint, count

__all__ = ["Footprint", "announce", "count", "publish", "record", "record_each"]
