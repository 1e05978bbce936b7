"""`./hotline models`: which languages can be heard, and bringing what is missing."""

import argparse
import sys
from collections import defaultdict

from calls.ids import Language
from config import reader
from config.faults import SettingsError
from server.model_fetch import run


def main(arguments: argparse.Namespace) -> int:
    """List the models with the lanes that need them, or fetch one."""
    words = ["list"] if arguments.language is None else ["fetch", arguments.language]
    lanes: dict[Language, list[str]] = defaultdict(list)
    if arguments.language is None:
        try:
            site = reader.read(arguments.config)
        except SettingsError as error:
            print("\n".join(map(str, error.faults)), file=sys.stderr)
            return 2
        for lane in site.lanes.values():
            lanes[lane.language].append(lane.name.zh)
    return run(words, arguments.data.absolute(), lanes)
