"""What several commands of `./hotline` have in common."""

import argparse
import gc
import importlib
from collections.abc import Callable
from pathlib import Path

from server.workshop import ROOT

SITE = ROOT / "config" / "site"
Command = Callable[[argparse.Namespace], int]


def site(parser: argparse.ArgumentParser, default: object = SITE) -> None:
    parser.add_argument(
        "--config",
        metavar="DIR",
        type=Path,
        default=default,
        help="配置目录，默认 config/site / the site's folder (default: config/site)",
    )


def data(parser: argparse.ArgumentParser, default: object = Path("data")) -> None:
    parser.add_argument(
        "--data",
        metavar="DIR",
        type=Path,
        default=default,
        help="数据目录：数据库、录音、日志 / database, recordings, journal (default: ./data)",
    )


def lazily(module: str, name: str, *, brief: bool = False) -> Command:
    """Import a command's module only when it is asked for: `--help` and `check` stay quick.

    What a brief command makes lives until it ends: looking for garbage would be a tenth of it.
    One that goes on begins to look once it has started.
    """

    def run(arguments: argparse.Namespace) -> int:
        if not brief:
            return _command(module, name)(arguments)
        gc.disable()
        try:
            return _command(module, name)(arguments)
        finally:
            gc.enable()

    return run


def _command(module: str, name: str) -> Command:
    command: Command = getattr(importlib.import_module(module), name)
    return command


def of_site(parser: argparse.ArgumentParser) -> None:
    """Let the folders be named after the step as well as before it."""
    site(parser, argparse.SUPPRESS)
    data(parser, argparse.SUPPRESS)
