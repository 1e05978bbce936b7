"""`./hotline serve`: the service in the foreground."""

import argparse
import logging
import os
import sys

from twisted.internet import reactor  # noqa: TID251 - the one place that names it
from twisted.internet.error import CannotListenError

from config.faults import SettingsError
from server.compose import Overrides, compose
from server.garbage import settle
from server.journal_files import JournalInUse
from server.log import begin

SWITCH = 0.0005
"""Seconds for which a thread that drafts or writes may keep what answers the phones waiting, at
each of the some ten times that a turn goes to the system and back: an agent's 200 OK is a bridge
in as many milliseconds less."""


def main(arguments: argparse.Namespace) -> int:
    """`./hotline serve`; returns 2 for wrong settings or a port that is taken."""
    begin(level=logging.DEBUG if os.environ.get("HOTLINE_LOG") == "debug" else logging.INFO)
    try:
        overrides = Overrides.of(arguments)
        service = compose(reactor, arguments.config, arguments.data, overrides)
        service.start()
    except SettingsError as error:
        for fault in error.faults:
            print(fault, file=sys.stderr)
        return 2
    except JournalInUse as error:
        print(f"数据目录正被另一个引擎使用 / the data folder is in use: {error}", file=sys.stderr)
        return 2
    except CannotListenError as error:
        where = f"{error.interface or '0.0.0.0'}:{error.port}"
        print(f"端口被占用 / port is taken: {where} ({error.socketError})", file=sys.stderr)
        return 2
    except OSError as error:
        where = arguments.data.absolute()
        print(
            f"数据目录不能用 / the data folder cannot be used: {where} ({error})", file=sys.stderr
        )
        return 2
    sys.setswitchinterval(SWITCH)
    settle()  # until here nobody looked for garbage: it would be a sixth of the start
    reactor.callWhenRunning(service.watch_signals)  # after the reactor has set its own
    reactor.run()
    return service.status
