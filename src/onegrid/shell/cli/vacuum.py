"""``onegrid vacuum``: fresh statistics and visibility for one locality, after much was written at once.

PostgreSQL does so by itself within minutes; a county that was filled a moment ago is to be quick at the first click.
"""

from __future__ import annotations

import argparse

from django.db import connection
from psycopg import sql

from onegrid.foundation.database import localities
from onegrid.shell.cli.say import Trouble, note


def run(arguments: argparse.Namespace) -> int:
    """VACUUM and ANALYZE every table of the locality; as the owner, outside of any transaction."""
    if localities.find(arguments.locality) is None:
        raise Trouble(f"there is no locality {arguments.locality!r} in this database")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tableowner = current_user ORDER BY tablename",
            [arguments.locality],
        )
        tables = [str(name) for (name,) in cursor.fetchall()]
        for table in tables:
            cursor.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(arguments.locality, table)))
    if not tables:
        raise Trouble("its tables belong to somebody else: run this as the owner (ONEGRID_DB_ROLE=owner)")
    note(f"{arguments.locality}: {len(tables)} tables in order")
    return 0
