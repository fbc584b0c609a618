"""Hatch's build hook: a wheel or sdist carries the built pages, so that its user needs no Node.

An editable install does nothing here: ``./run`` builds the pages itself and shows progress while it does.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PagesHook(BuildHookInterface[Any]):
    """Builds ``web/`` before the files of a distribution are collected."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatch; ``version`` is ``editable`` for a development install."""
        if version == "editable":
            return
        path = Path(self.root) / "web_build.py"
        spec = importlib.util.spec_from_file_location("web_build", path)
        if spec is None or spec.loader is None:
            raise RuntimeError(f"{path} is missing")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.build(Path(self.root))
