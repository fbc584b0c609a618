"""What a web process reads before anybody asks: the index of places of every locality, and how characters sound.

Of a full county that takes seconds, and the first person to open a queue would wait for them. It is done beside the
first requests, not before: a process that serves late is worse than one whose first list is slow.
"""

from __future__ import annotations

import gc
import logging
from threading import Thread

from django.db import DatabaseError, connection

from onegrid.county.grids import selectors as grids
from onegrid.foundation.database import localities
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.kernel import pinyin

log = logging.getLogger("onegrid.web")


def warm() -> None:
    """Build the index of every locality with a map; one that cannot be read now is read when it is asked for.

    Then the dictionary behind `initials`, which every list of departments asks for.
    """
    try:
        for locality in localities.all_localities():
            with in_locality(locality.name):
                if grids.map_version():
                    grids.index()
        pinyin.initials("网格")
    except DatabaseError:
        log.warning("places are read when first asked for", exc_info=True)
    finally:
        connection.close()
        # What was read stays: the collector need not look at it again.
        gc.collect()
        gc.freeze()


def begin() -> Thread:
    """Do it in a thread of its own, with a connection of its own."""
    thread = Thread(target=warm, name="warm", daemon=True)
    thread.start()
    return thread
