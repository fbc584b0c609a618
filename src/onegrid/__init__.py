"""OneGrid 一张网: grid-based neighbourhood governance for a county, end to end."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("onegrid")
except PackageNotFoundError:  # run from a folder that was never installed
    __version__ = "0"
