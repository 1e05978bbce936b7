"""`./hotline check` and `./hotline flow draw`: a configuration read, judged, drawn; no socket."""

import argparse
import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from config import flow_tests, reader
from config.advice import advice
from config.day_schema import DayFile, SaidFile
from config.document import read_document
from config.draft import PLANS
from config.faults import Fault, SettingsError
from config.plans import Plan
from config.schema import entries_schema, json_schemas
from config.settings import Site
from config.values import CITY_ZONE
from ivr.draw import mermaid
from ivr.draw_svg import svg
from server.converting import ffmpeg
from server.fault_report import Report, as_json, as_sarif
from server.word_check import unheard


def main(arguments: argparse.Namespace) -> int:
    """Name every fault by file, line and key, flow tests too; 0 if there is none, else 2.

    Warnings are told and change nothing.
    """
    if arguments.schemas is not None:
        return _write_schemas(arguments.schemas)
    report = judged(arguments.config, datetime.now(CITY_ZONE).date())
    if report.site is not None:
        more = unheard(report.site, arguments.data)
        report = replace(report, faults=tuple(sorted([*report.faults, *more])))
    if arguments.format == "text":
        _print(report)
    else:
        written = as_json(report) if arguments.format == "json" else as_sarif(report)
        print(json.dumps(written, ensure_ascii=False, indent=1))
    return 2 if report.errors else 0


def judged(folder: Path, today: date) -> Report:
    """Read a folder, run its flow tests, and look for what probably is not meant."""
    try:
        site = reader.read(folder)
    except SettingsError as error:
        _, faults = flow_tests.read_tests(folder)
        return Report(None, 0, tuple(sorted([*error.faults, *faults])))
    verdict = flow_tests.run_tests(site)
    return Report(site, verdict.run, (*verdict.faults, *_programs(site), *advice(site, today)))


def _programs(site: Site) -> tuple[Fault, ...]:
    """Name what the settings need of this machine and it does not have."""
    if site.recording.format == "wav" or ffmpeg() is not None:
        return ()
    document = read_document(site.folder, "site.yaml")
    zh = f"录音要转成 {site.recording.format}，但这台机器没有 ffmpeg；装上之前录音留在 WAV"
    en = "this machine has no ffmpeg; recordings stay WAV until it has"
    document.blame(("recording", "format"), zh, en, "ffmpeg-missing")
    return tuple(document.faults)


def _print(report: Report) -> None:
    for fault in report.faults:
        print(f"{fault} [{fault.severity} {fault.code}]", file=sys.stderr)
    if report.site is None or report.errors:
        count = len(report.errors)
        print(f"{count} 处错误 / {count} fault{'s' * (count != 1)}", file=sys.stderr)
        return
    site = report.site
    provisional = sum(text.provisional for text in site.prompt_texts.values())
    print(
        f"没有错误 / no faults: {site.city.zh} {site.city.en} · "
        f"{len(site.lanes)} lanes · {len(site.agents)} agents · {len(site.units)} units · "
        f"{len(site.flows)} flows · {len(site.prompts)} prompts · {report.tests} flow tests passed"
    )
    for flow in report.to_a_person():
        print(flow.words())
    if provisional:
        print(f"{provisional} 条提示音是临时的 / {provisional} prompts are provisional")


def _write_schemas(folder: Path) -> int:
    """Write a JSON Schema for each kind of file, so that editors complete and underline."""
    folder.mkdir(parents=True, exist_ok=True)
    schemas = {
        **json_schemas(),
        PLANS: entries_schema({"plans": Plan}),
        "days/*.yaml": DayFile.model_json_schema(),
        "days/said/*.yaml": SaidFile.model_json_schema(),
    }
    for pattern, schema in schemas.items():
        name = pattern.replace("/*", "").replace(".yaml", "").replace("/", "-")
        path = folder / f"{name}.schema.json"
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{pattern}: # yaml-language-server: $schema={path}")
    return 0


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
        from server.flow_figures import newest, of_version  # noqa: PLC0415  `check` stays quick

        known = newest(arguments.data, arguments.days, name)
        if known is None:
            return None
        version, paths = known
        flow = of_version(arguments.data, version, name) or flow
    if arguments.format == "svg":
        return svg(flow, site.prompt_seconds, paths)
    return mermaid(flow, paths)
