"""`./hotline flow draw`: flows as pictures, with figures of real calls once there are any."""

import argparse
import sys

from config import reader
from config.faults import SettingsError
from config.settings import Site
from ivr.draw import mermaid
from ivr.draw_svg import svg
from server.flow_figures import newest, of_version


def draw_flow(arguments: argparse.Namespace) -> int:
    """Print flows as Mermaid text or as SVG, one flow after another."""
    try:
        site = reader.read(arguments.config)
    except SettingsError as error:
        print("\n".join(map(str, error.faults)), file=sys.stderr)
        return 2
    names = [arguments.name] if arguments.name else sorted(site.flows)
    for name in names:
        if name not in site.flows:
            print(f"没有这个流程 / no such flow: {name}", file=sys.stderr)
            return 2
        drawn = _drawn(arguments, site, name)
        if drawn is None:
            print(f"还没有通话 / no calls yet: {name}", file=sys.stderr)
            return 2
        print(drawn)
    return 0


def _drawn(arguments: argparse.Namespace, site: Site, name: str) -> str | None:
    """Draw a flow; with figures, as the version has it that they are of; None without any."""
    flow, paths = site.flows[name], None
    if arguments.figures:
        known = newest(arguments.data, arguments.days, name)
        if known is None:
            return None
        version, paths = known
        flow = of_version(arguments.data, version, name) or flow
    if arguments.format == "svg":
        return svg(flow, site.prompt_seconds, paths)
    return mermaid(flow, paths)
