"""`./hotline check` and `./hotline flow draw`: a configuration read, judged, drawn; no socket."""

import argparse
import sys
from collections.abc import Sequence

from config import flow_tests, reader
from config.faults import Fault, SettingsError
from ivr.draw import mermaid
from ivr.draw_svg import svg


def main(arguments: argparse.Namespace) -> int:
    """Name every fault by file, line and key, flow tests too; 0 if there is none, else 2."""
    try:
        site = reader.read(arguments.config)
    except SettingsError as error:
        _, faults = flow_tests.read_tests(arguments.config)
        return _refused([*error.faults, *faults])
    verdict = flow_tests.run_tests(site)
    if verdict.faults:
        return _refused(verdict.faults)
    provisional = sum(text.provisional for text in site.prompt_texts.values())
    print(
        f"没有错误 / no faults: {site.city.zh} {site.city.en} · "
        f"{len(site.lanes)} lanes · {len(site.agents)} agents · {len(site.units)} units · "
        f"{len(site.flows)} flows · {len(site.prompts)} prompts · {verdict.run} flow tests passed"
    )
    if provisional:
        print(f"{provisional} 条提示音是临时的 / {provisional} prompts are provisional")
    return 0


def _refused(faults: Sequence[Fault]) -> int:
    for fault in sorted(faults):
        print(fault, file=sys.stderr)
    count = len(faults)
    print(f"{count} 处错误 / {count} fault{'s' * (count != 1)}", file=sys.stderr)
    return 2


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
        flow = site.flows[name]
        svg_wanted = arguments.format == "svg"
        print(svg(flow, site.prompt_seconds) if svg_wanted else mermaid(flow))
    return 0
