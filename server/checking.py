"""`./hotline check`: a configuration read and judged; no socket."""

import argparse
import json
import sys
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

from config import flow_tests, reader
from config.advice import advice
from config.document import read_document
from config.faults import Fault, SettingsError
from config.settings import Site
from config.values import CITY_ZONE
from server import language_model
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
        more = [
            *unheard(report.site, arguments.data),
            *language_model.unusable(report.site, arguments.data),
        ]
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
    for one in report.exempt():
        print(
            f"  豁免 exempt: {one['flow']} 的菜单 {one['node']} 不保证能到人工 / "
            f"from this menu 0 and silence need not reach a person：{one['why']}"
        )
    if provisional:
        print(f"{provisional} 条提示音是临时的 / {provisional} prompts are provisional")


def _write_schemas(folder: Path) -> int:
    """Write a JSON Schema for each kind of file, so that editors complete and underline."""
    from config.json_schemas import json_schemas  # noqa: PLC0415  `check` stays quick

    folder.mkdir(parents=True, exist_ok=True)
    for pattern, schema in json_schemas().items():
        name = pattern.replace("/*", "").replace(".yaml", "").replace("/", "-")
        path = folder / f"{name}.schema.json"
        whole = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
        path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{pattern}: # yaml-language-server: $schema={path}")
    return 0
