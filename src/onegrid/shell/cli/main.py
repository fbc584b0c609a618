"""The ``onegrid`` command. Each sub-command is a module of this folder with one function ``run(arguments)``.

It returns the exit code. The modules are loaded by name after the settings know their data folder, so that ``--data``
works and ``--help`` is fast.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from onegrid.shell.cli.say import Trouble
from onegrid.shell.config.environment import BadEnvironment
from onegrid.shell.engine import EngineError

WITHOUT_DJANGO = {"demo", "serve", "bench", "backup", "restore", "doctor", "import", "grids"}
MODULES = {"import": "importing"}
"""Commands whose name no module may have."""


def main(words: Sequence[str] | None = None) -> int:
    """Read the command line, run the command, return its exit code. Errors meant for people come as one clear line."""
    arguments = parser().parse_args(words)
    if getattr(arguments, "data", None):
        os.environ["ONEGRID_DATA"] = str(Path(arguments.data).expanduser().absolute())
    try:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "onegrid.shell.config.settings")
        if arguments.command not in WITHOUT_DJANGO:
            import_module("django").setup()
        return int(
            import_module(f"onegrid.shell.cli.{MODULES.get(arguments.command, arguments.command)}").run(arguments)
        )
    except (Trouble, EngineError, BadEnvironment) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0


def parser() -> argparse.ArgumentParser:
    """Every sub-command with its options."""
    top = argparse.ArgumentParser(prog="onegrid", description="OneGrid 一张网")
    commands = top.add_subparsers(dest="command", required=True, metavar="command")
    _serving(commands)
    _data(commands)
    _importing(commands)
    _grids(commands)
    _checking(commands)
    return top


def _serving(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = commands.add_parser("demo", help="a living synthetic county on this machine")
    demo.add_argument("--locality", metavar="NAME|all", help="which pack; all = side by side (default: the first)")
    demo.add_argument("--scale", default="small", metavar="small|full|FRACTION", help="how many people and cases")
    demo.add_argument("--seed", type=int, default=1, help="another number gives another county")
    demo.add_argument("--fresh", action="store_true", help="forget what is there and start anew")
    demo.add_argument("--no-browser", action="store_true", help="do not open a browser")
    demo.add_argument("--no-life", action="store_true", help="no new cases by themselves")
    demo.add_argument("--json", action="store_true", help="one line of JSON on stdout when ready")
    serve = commands.add_parser("serve", help="serve the localities that are set up")
    for command in (demo, serve):
        command.add_argument("--https", action="store_true", help="https with a certificate made for this machine")
        command.add_argument("--port", type=int, help="the feed takes the next one (default: 8000, or the next free)")
        command.add_argument("--host", default="127.0.0.1", help="address to listen on")
        command.add_argument("--workers", type=int, default=2, help="web processes")
        _data_option(command)
    work = commands.add_parser("work", help="run only the background jobs (serve does it by itself)")
    preflight = commands.add_parser("preflight", help="may this be served? (serve asks by itself)")
    for command in (work, preflight):
        _data_option(command)


def _data(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    migrate = commands.add_parser("migrate", help="bring every locality's tables up to date")
    migrate.add_argument("--locality", metavar="NAME", action="append", help="also set up this one; may be repeated")
    migrate.add_argument("--superuser", metavar="DSN", help="prepare roles and database on a server of your own first")
    backup = commands.add_parser("backup", help="write database and photos to one folder")
    backup.add_argument("target", help="a folder that does not exist yet")
    restore = commands.add_parser("restore", help="put a backup into an empty data folder")
    restore.add_argument("source", help="a folder that `backup` wrote")
    seed = commands.add_parser("seed", help="fill one locality with a synthetic county (demo does it by itself)")
    seed.add_argument("--locality", required=True)
    seed.add_argument("--scale", type=float, default=0.01)
    seed.add_argument("--seed", type=int, default=1)
    vacuum = commands.add_parser("vacuum", help="fresh statistics after much was written (demo does it by itself)")
    vacuum.add_argument("--locality", required=True)
    for command in (migrate, backup, restore, seed, vacuum):
        _data_option(command)


def _importing(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    sheets = commands.add_parser("import", help="sheets (xlsx, xls, csv) into the registers")
    sheets.add_argument("kind", nargs="?", help="residents, households, dwellings, buildings, premises, organisations")
    sheets.add_argument("files", nargs="*", metavar="FILE")
    sheets.add_argument("--locality", metavar="NAME", help="which one, when there are several")
    sheets.add_argument("--scope", metavar="CODE", help="only what lies in this division; other rows are bad rows")
    sheets.add_argument("--map", metavar="FILE", help='JSON: {"name": "姓名", …}; what it does not say is guessed')
    modes = ("all_good", "whole_batch")
    sheets.add_argument("--mode", choices=modes, default=modes[0], help="every good row, or batches as a whole")
    sheets.add_argument("--dry-run", action="store_true", help="say what would happen and store nothing")
    sheets.add_argument("--report", metavar="OUT.xlsx", help="write the rows that did not go in, to correct them")
    sheets.add_argument("--resume", action="store_true", help="go on where the last import of these files stopped")
    sheets.add_argument("--json", action="store_true")
    sheets.add_argument("--run", type=int, help=argparse.SUPPRESS)
    _data_option(sheets)


def _grids(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    grids = commands.add_parser("grids", help="draw grids from files, or check drawn ones, without a database")
    what = grids.add_subparsers(dest="what", required=True, metavar="draw|check")
    draw = what.add_parser("draw", help="divide a town into nested, connected, balanced grids")
    draw.add_argument(
        "--buildings", required=True, metavar="FILE", help="footprints or points; FILE:LAYER names a layer"
    )
    draw.add_argument("--roads", metavar="FILE", help="lines, with OSM's highway tags or a road class")
    draw.add_argument("--water", metavar="FILE", help="rivers and lakes")
    draw.add_argument("--boundary", metavar="FILE", help="communities or villages, which no grid crosses")
    draw.add_argument("--leaders", metavar="FILE", help="points with a column level: homes of leaders")
    draw.add_argument("--levels", metavar="KEY:SIZE,…",
                      help='"zone:1000,slice:100,team:10"; building and unit follow what is there')  # fmt: skip
    draw.add_argument("--locality", metavar="NAME", help="the levels of this locality pack, where --levels says none")
    draw.add_argument("--scheme", metavar="KEY", help="of its grids, where it has several")
    draw.add_argument("--workload", default="households", metavar="households|residents|FILE.csv",
                      help="what the sizes count; a csv has the columns id and weight")  # fmt: skip
    draw.add_argument("--seed", type=int, default=1, help="another number gives another, equally good drawing")
    draw.add_argument("--threads", type=int, default=0, metavar="N", help="the result is the same (default: all)")
    draw.add_argument("--out", required=True, metavar="DIR", help="where grids and reports go")
    check = what.add_parser("check", help="gaps, overlaps, islands, crossed roads and overload of drawn grids")
    check.add_argument("file", metavar="FILE")
    check.add_argument("--parents", metavar="FILE", help="what the grids should tile")
    check.add_argument("--roads", metavar="FILE")
    check.add_argument("--buildings", metavar="FILE", help="homes, to count what each grid holds")
    check.add_argument("--level", metavar="NAME", help="of a file with several levels (default: the lowest)")
    check.add_argument("--size", type=float, metavar="N", help="households a grid should hold")
    check.add_argument("--tolerance", type=float, default=0.2, metavar="SHARE", help="how far off is still right")
    check.add_argument("--out", metavar="FILE.json", help="also write what was found")
    for command in (draw, check):
        counted = command.add_mutually_exclusive_group()
        counted.add_argument("--households-field", metavar="NAME", help="column of the buildings with their households")
        counted.add_argument("--model-households", action="store_true", help="reckon them from footprints and storeys")
        command.add_argument("--crs", choices=("wgs84", "gcj02", "bd09"), default="wgs84", help="what the files are in")
        command.add_argument("--json", action="store_true", help="the report on stdout")


def _checking(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    packs = commands.add_parser("packs", help="locality packs")
    packs_commands = packs.add_subparsers(dest="what", required=True)
    check = packs_commands.add_parser("check", help="every mistake of every pack, with file and line")
    check.add_argument("--root", metavar="FOLDER", help="where the packs lie")
    check.add_argument("--json", action="store_true")
    bench = commands.add_parser("bench", help="measure one figure")
    bench.add_argument("name", nargs="?", help="without a name: list them")
    bench.add_argument("--json", action="store_true")
    _data_option(bench)
    bench.add_argument("rest", nargs=argparse.REMAINDER, help="options of the benchmark itself")
    classify = commands.add_parser("classify", help="the text classifier")
    evaluate = classify.add_subparsers(dest="what", required=True).add_parser("eval", help="train on A, test on B")
    evaluate.add_argument("--train", required=True, metavar="A.csv")
    evaluate.add_argument("--test", required=True, metavar="B.csv")
    evaluate.add_argument("--text", default="text", metavar="COLUMN")
    evaluate.add_argument("--label", default="label", metavar="COLUMN")
    evaluate.add_argument("--json", action="store_true")
    tallies = commands.add_parser("tallies", help="the roll-ups of the dashboards")
    tallies.add_argument("what", choices=("check", "rebuild"), help="compare with the rows, or count all over again")
    tallies.add_argument("--locality", required=True)
    _data_option(tallies)
    keys = commands.add_parser("keys", help="the keys that seal personal values")
    words = "what lies under which key; seal all of it anew; take idle keys out, or back in"
    keys.add_argument("what", choices=("status", "rotate", "retire", "return"), help=words)
    keys.add_argument("--rate", type=int, default=20_000, metavar="N", help="rotate: at most so many rows a second")
    keys.add_argument("--new-key", action="store_true", help="rotate: begin another key though the last is unfinished")
    keys.add_argument("--file", metavar="FILE", help="retire: where the keys go; return: where they are")
    keys.add_argument("--json", action="store_true")
    _data_option(keys)
    doctor = commands.add_parser("doctor", help="what is wrong with this machine, and how to mend it")
    doctor.add_argument("--port", type=int, default=8000)
    doctor.add_argument("--json", action="store_true")
    _data_option(doctor)
    openapi = commands.add_parser("openapi", help="write the API's contract")
    openapi.add_argument("--output", default="openapi.json", metavar="FILE", help="- for stdout")
    openapi.add_argument("--check", action="store_true", help="only say whether the file is up to date")


def _data_option(command: argparse.ArgumentParser) -> None:
    command.add_argument("--data", metavar="DIR", help="the data folder (or ONEGRID_DATA)")


if __name__ == "__main__":
    sys.exit(main())
