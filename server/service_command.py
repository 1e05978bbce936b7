"""`./hotline service`: PINs for the service numbers, which are shown once and kept as hashes."""

import argparse
import sys

from config import reader
from config.faults import SettingsError
from server.service_pins import Pins


def pin(arguments: argparse.Namespace) -> int:
    """Make an agent a PIN and print it; 2 if there is no such agent."""
    try:
        agents = reader.read(arguments.config).agents
    except SettingsError as error:
        print("\n".join(map(str, error.faults)), file=sys.stderr)
        return 2
    if arguments.agent not in agents:
        print(f"没有坐席 / no such agent: {arguments.agent}", file=sys.stderr)
        return 2
    made = Pins(arguments.data / "secrets").make(arguments.agent)
    print(f"{arguments.agent} 的密码，只显示这一次 / the PIN, shown this once: {made}")
    return 0


def listed(arguments: argparse.Namespace) -> int:
    """Print who has a PIN."""
    people = Pins(arguments.data / "secrets").people()
    print("\n".join(people) or "还没有人有密码 / nobody has a PIN yet")
    return 0


def revoke(arguments: argparse.Namespace) -> int:
    """Take a PIN away; 2 if there was none."""
    if Pins(arguments.data / "secrets").revoke(arguments.agent):
        print(f"{arguments.agent} 的密码已作废 / revoked")
        return 0
    print(f"{arguments.agent} 没有密码 / has no PIN", file=sys.stderr)
    return 2
