"""PINs of the service numbers: kept as hashes, and guessed slowly."""

import json
import stat
from pathlib import Path

import pytest

from server.command_line import main
from server.service_pins import FIGURES, TRIES, WITHIN, Attempts, Pins
from tests.helpers import sites

NAMES = ("who:1001", "from:139")


def test_only_the_pin_that_was_made_is_right(tmp_path: Path) -> None:
    pins = Pins(tmp_path)
    pin = pins.make("1001")
    assert len(pin) == FIGURES and pin.isdecimal()
    assert pins.right("1001", pin)
    assert not pins.right("1001", pin[::-1] + "0")
    assert not pins.right("1002", pin)
    assert pin not in (tmp_path / "service-pins.json").read_text()
    assert stat.S_IMODE((tmp_path / "service-pins.json").stat().st_mode) == 0o600


def test_a_new_pin_takes_the_place_of_the_old_and_one_that_is_revoked_is_wrong(
    tmp_path: Path,
) -> None:
    pins = Pins(tmp_path)
    first, second = pins.make("1001"), pins.make("1001")
    assert not pins.right("1001", first) or first == second
    assert pins.right("1001", second)
    assert pins.people() == ["1001"]
    assert pins.revoke("1001")
    assert not pins.right("1001", second)
    assert not pins.revoke("1001")


def test_after_too_many_wrong_ones_nobody_is_let_in_for_a_while() -> None:
    attempts = Attempts()
    for try_ in range(TRIES):
        assert not attempts.barred(NAMES, float(try_))
        attempts.missed(NAMES, float(try_))
    assert attempts.barred(NAMES, 10.0)
    assert attempts.barred(("who:1001", "from:other"), 10.0)
    assert attempts.barred(("who:1009", "from:139"), 10.0)
    assert not attempts.barred(("who:1009", "from:other"), 10.0)
    assert not attempts.barred(NAMES, TRIES + WITHIN)


def test_a_right_pin_takes_back_only_its_own_try() -> None:
    attempts = Attempts()
    for try_ in range(TRIES):
        attempts.missed(NAMES, float(try_))
    attempts.forgive(NAMES)
    assert not attempts.barred(NAMES, 10.0)
    attempts.missed(NAMES, 11.0)
    assert attempts.barred(NAMES, 12.0)


class TestTheCommand:
    def test_makes_lists_and_revokes(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        folders = ["--data", str(tmp_path / "data"), "--config", str(sites.SHIPPED)]
        assert main(["service", "pin", "1001", *folders]) == 0
        pin = capsys.readouterr().out.split()[-1]
        assert Pins(tmp_path / "data/secrets").right("1001", pin)
        assert main(["service", "list", *folders]) == 0
        assert capsys.readouterr().out == "1001\n"
        assert main(["service", "revoke", "1001", *folders]) == 0
        assert main(["service", "revoke", "1001", *folders]) == 2
        kept = json.loads((tmp_path / "data/secrets/service-pins.json").read_text())
        assert kept == {}

    def test_gives_none_to_somebody_who_is_no_agent(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        arguments = ["--data", str(tmp_path), "--config", str(sites.SHIPPED)]
        assert main(["service", "pin", "9999", *arguments]) == 2
        assert "9999" in capsys.readouterr().err
        assert not (tmp_path / "secrets").exists()
