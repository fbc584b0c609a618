"""``onegrid demo``: from nothing to a living county in the browser."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import webbrowser
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from onegrid.shell.cli.say import Trouble, note, table
from onegrid.shell.config import environment
from onegrid.shell.engine.folder import forget
from onegrid.shell.serve.certificate import certificate_for
from onegrid.shell.serve.database import Reachable, run_step
from onegrid.shell.serve.parent import Options, Parent, choose_port, demo_password
from onegrid.shell.serve.prepared import Prepared

SCALES = {"small": 0.01, "full": 1.0}
KEPT = "demo.json"


def run(arguments: argparse.Namespace) -> int:
    """Build what is missing, serve, and stay until stopped."""
    order = locality_order(environment.read().localities)
    names = choose(arguments.locality, order)
    label = names[0] if len(names) == 1 else "all"
    data = Path(os.environ.get("ONEGRID_DATA") or environment.read().data / f"demo-{label}").absolute()
    if arguments.fresh:
        if os.environ.get("DATABASE_URL"):
            raise Trouble("--fresh empties only a database of our own; empty the one in DATABASE_URL yourself")
        forget(data)
    os.environ["ONEGRID_DATA"] = str(data)
    data.mkdir(parents=True, exist_ok=True)
    options = Options(
        data=data,
        host=arguments.host,
        port=choose_port(arguments.port, arguments.host),
        workers=arguments.workers,
        demo=True,
        life=not arguments.no_life,
        certificate=certificate_for(arguments.host, environment.read()) if arguments.https else None,
    )
    os.environ["ONEGRID_DEMO_PASSWORD"] = demo_password(data)
    filling = Filling(data, names, read_scale(arguments.scale), arguments.seed)
    note(f"data folder {data}")

    def ready() -> None:
        if arguments.json:
            print(json.dumps(filling.answer(options.url), ensure_ascii=False), flush=True)
        else:
            print("\n".join([filling.words(options.url), *options.hints(), "Ctrl-C stops it."]), flush=True)
        if not (arguments.no_browser or arguments.json) and _has_screen():
            webbrowser.open(filling.answer(options.url)["url"])

    return Parent(options, note).run(filling.fill, ready)


@dataclass
class Filling:
    """Sets up and fills the localities; remembers per data folder what was done, so that a second start is quick."""

    data: Path
    names: list[str]
    scale: float
    seed: int
    done: dict[str, Any] = field(default_factory=dict)
    carried: tuple[str, ...] = ()

    def fill(self, database: Reachable) -> None:
        """Tables as the owner, then people and cases as the app."""
        prepared = Prepared(self.data)
        if not prepared.covers(self.names):
            note("setting up the tables")
            words = ["migrate", *[word for name in self.names for word in ("--locality", name)]]
            if database.superuser:
                words += ["--superuser", database.superuser]
            run_step(database, self.data, "owner", words)
            prepared.remember(self.names)
        self.carried = prepared.names
        path = self.data / KEPT
        kept = json.loads(path.read_text()) if path.is_file() else {}
        mark = hashlib.sha256(os.environ["ONEGRID_DEMO_PASSWORD"].encode()).hexdigest()[:12]
        for name in self.names:
            wanted = {"scale": self.scale, "seed": self.seed, "password": mark}
            if kept.get(name, {}).get("wanted") != wanted:
                words = ["seed", "--locality", name, "--scale", repr(self.scale), "--seed", str(self.seed)]
                answer = run_step(database, self.data, "app", words, capture=True)
                run_step(database, self.data, "owner", ["vacuum", "--locality", name])
                kept[name] = {"wanted": wanted, **json.loads(answer.strip().splitlines()[-1])}
                path.touch(mode=0o600)
                path.write_text(json.dumps(kept, ensure_ascii=False))
            self.done[name] = kept[name]

    def address(self, url: str, name: str) -> str:
        """Where one locality is reached; alone on the server it needs no prefix."""
        return url if len(self.carried) == 1 else f"{url}{name}/"

    def answer(self, url: str) -> dict[str, Any]:
        """What ``--json`` prints."""
        each = {
            name: {
                "url": self.address(url, name),
                "open311_key": self.done[name]["open311_key"],
                "accounts": self.done[name]["accounts"],
            }
            for name in self.names
        }
        first = each[self.names[0]]
        return {**first, "url": first["url"] if len(each) == 1 else url, "data": str(self.data), "localities": each}

    def words(self, url: str) -> str:
        """What is printed for people."""
        parts = []
        for name in self.names:
            rows = [[entry["role"], entry["username"], entry["password"]] for entry in self.done[name]["accounts"]]
            title = f"{name}  {self.address(url, name)}" if len(self.names) > 1 else self.address(url, name)
            key = f"Open311 key: {self.done[name]['open311_key']}"
            parts.append(f"{title}\n{table(['role', 'user', 'password'], rows)}\n{key}")
        resident = "Residents sign in with any phone number 138 0000 xxxx; the code appears in the page's phone drawer."
        return "\n\n".join(["", *parts, resident, f"OneGrid ready: {url}"])


def locality_order(root: Path) -> list[str]:
    """The packs in the order of ``order.txt``; those not named there follow by name."""
    found = sorted(path.parent.name for path in root.glob("*/pack.yaml"))
    listed = root / "order.txt"
    wanted = listed.read_text("utf-8").split() if listed.is_file() else []
    return [name for name in wanted if name in found] + [name for name in found if name not in wanted]


def choose(wanted: str | None, order: list[str]) -> list[str]:
    """The localities to show. ``base`` is a pack to extend, not a place."""
    places = [name for name in order if name != "base"]
    if not places:
        raise Trouble("there is no locality pack; ONEGRID_LOCALITIES must name the folder with the packs")
    if wanted is None:
        return places[:1]
    if wanted == "all":
        return places
    if wanted not in places:
        raise Trouble(f"there is no locality {wanted!r}; there are: {', '.join(places)}, or all")
    return [wanted]


def read_scale(words: str) -> float:
    """``small``, ``full``, ``0.05`` or ``1/50`` as a fraction of the real size."""
    if words in SCALES:
        return SCALES[words]
    try:
        scale = float(Fraction(words))
    except (ValueError, ZeroDivisionError):
        raise Trouble(f"--scale {words!r}: expected small, full, or a fraction such as 0.05 or 1/50") from None
    if not 0 < scale <= 1:
        raise Trouble(f"--scale {words!r}: expected more than 0 and at most 1")
    return scale


def _has_screen() -> bool:
    return sys.platform == "darwin" or bool(
        (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and shutil.which("xdg-open")
    )
