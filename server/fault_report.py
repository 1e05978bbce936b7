"""What `./hotline check` found, for people, programs (JSON) and code hosts (SARIF 2.1.0)."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from config.codes import CODES
from config.faults import Fault
from config.settings import Site
from config.staffing import staff_by_hour
from ivr.check_ways import exemptions
from ivr.reach import Reach, reaches
from ivr.times import quickest_person, silent_person

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class ToAPerson:
    """How long callers of a flow need to be in a lane; None: they never are."""

    flow: str
    quickest: float | None
    """One who knows the keys."""
    silent: float | None
    """One who does nothing at all."""
    lanes: tuple[Reach, ...] = ()
    """Each lane, on the best way and on the worst."""

    def words(self) -> str:
        """Say it."""
        never = "到不了 never"
        least = never if self.quickest is None else f"{self.quickest:.1f} s"
        most = never if self.silent is None else f"{self.silent:.1f} s"
        head = f"{self.flow}: 转到人工 to a person: 最快 at best {least}，什么都不做 silent {most}"
        return "\n".join([head, *(_line(one) for one in self.lanes)])


def _line(one: Reach) -> str:
    way = " → ".join(one.way)
    return f"  {one.lane}: 最快 best {one.best:.1f} s，最慢 worst {one.worst:.1f} s：{way}"


@dataclass(frozen=True, slots=True)
class Report:
    """Every fault of a folder; without a site when it could not be read whole."""

    site: Site | None
    tests: int
    """Flow tests that were run."""
    faults: tuple[Fault, ...]

    @property
    def errors(self) -> list[Fault]:
        """Faults that keep a site from going live."""
        return [fault for fault in self.faults if fault.severity == "error"]

    def to_a_person(self) -> Iterator[ToAPerson]:
        """Measure each flow."""
        if self.site is not None:
            spoken = self.site.prompt_seconds
            for name, flow in sorted(self.site.flows.items()):
                quickest, silent = quickest_person(flow, spoken), silent_person(flow, spoken)
                yield ToAPerson(name, quickest, silent, tuple(reaches(flow, spoken)))

    def exempt(self) -> list[dict[str, str]]:
        """Name the menus from which no person need be reached, with the reasons given."""
        flows = {} if self.site is None else self.site.flows
        return [
            {"flow": name, "node": at, "why": why}
            for name, flow in sorted(flows.items())
            for at, why in exemptions(flow)
        ]


def as_json(report: Report) -> dict[str, Any]:
    """Return the report for programs; times are seconds."""
    return {
        "ok": not report.errors,
        "tests": report.tests,
        "faults": [
            {
                "file": fault.file,
                "line": fault.line,
                "column": fault.column,
                "key": fault.key,
                "code": fault.code,
                "severity": fault.severity,
                "zh": fault.zh,
                "en": fault.en,
            }
            for fault in report.faults
        ],
        "to_a_person": [
            {
                "flow": one.flow,
                "quickest": one.quickest,
                "silent": one.silent,
                "lanes": [asdict(each) for each in one.lanes],
            }
            for one in report.to_a_person()
        ],
        "exempt": report.exempt(),
        "staff": _staff(report.site),
    }


def _staff(site: Site | None) -> dict[str, list[tuple[int, ...]]]:
    """Return how many can answer each lane: by weekday, Monday first, then by hour."""
    if site is None:
        return {}
    return {str(lane): list(staff_by_hour(site, lane)) for lane in site.lanes}


def as_sarif(report: Report) -> dict[str, Any]:
    """Return the report in the form that code hosts show beside the lines."""
    rules = [
        {"id": code, "shortDescription": {"text": f"{zh} / {en}"}}
        for code, (zh, en) in CODES.items()
    ]
    driver = {"name": "hotline check", "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(fault) for fault in report.faults],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(fault: Fault) -> dict[str, Any]:
    region = {"startLine": fault.line, "startColumn": fault.column}
    place = {"artifactLocation": {"uri": fault.file}, "region": region}
    return {
        "ruleId": fault.code,
        "level": fault.severity,
        "message": {"text": f"{fault.key} {fault.zh} / {fault.en}".strip()},
        "locations": [{"physicalLocation": place}],
    }
