"""What is wrong with the settings, and where."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong: its place, the setting, and words in Chinese and in English."""

    file: str
    """Relative to the site's folder."""
    line: int
    column: int
    """Both count from 1."""
    key: str
    """Dotted, such as `lanes.medical.wrap_up`; empty: the file as such."""
    zh: str
    en: str
    code: str = field(default="setting-value", compare=False)
    """Which kind of fault; `config.codes` explains each."""
    severity: Severity = field(default="error", compare=False)

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}"
        key = f" {self.key}" if self.key else ""
        return f"{where}{key}: {self.zh} / {self.en}"


class SettingsError(Exception):
    """The settings cannot be used: every fault found, in the order of the files."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = sorted(set(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults))
