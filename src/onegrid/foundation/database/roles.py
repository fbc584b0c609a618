"""The database roles. They are shared by all databases of a server."""

from __future__ import annotations

from typing import Final

OWNER: Final = "onegrid_owner"
"""Owns schemas and tables, runs migrations; row-level security binds it too (FORCE)."""
APP: Final = "onegrid_app"
"""Serves requests and jobs. Owns nothing."""
DEPARTMENT: Final = "onegrid_department"
"""A request under a department's hat (SET LOCAL ROLE)."""
RESIDENT: Final = "onegrid_resident"
"""A request of a signed-in resident (SET LOCAL ROLE)."""
BACKUP: Final = "onegrid_backup"
"""Reads everything, for pg_dump and nothing else (BYPASSRLS)."""

SERVING: Final = (APP, DEPARTMENT, RESIDENT)
