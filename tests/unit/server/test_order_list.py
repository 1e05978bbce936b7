"""`./hotline order`: orders by their numbers, without anybody's telephone number."""

import json
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from calls.events import Arrived, Drafted
from calls.ids import CallId
from calls.order_number import order_number
from server.command_line import main
from storage import schema, unit_of_work
from storage.engines import connect

MIDNIGHT = 1_795_363_200.0
"""The first moment of 2026-11-23 in the city."""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    engines = connect(f"sqlite:///{tmp_path}/hotline.sqlite3", busy_timeout=5.0)
    schema.upgrade(engines.writing)
    title = {"value": "路灯不亮，联系电话13900001111", "confidence": 1, "origin": "rule"}
    with Session(engines.writing) as session, session.begin():
        call = CallId("c-1")
        arrived = Arrived(call, MIDNIGHT, "13900002222", "12345", "127.0.0.1:5070", "x")
        drafted = Drafted(call, MIDNIGHT + 60, {"title": title, "place": None})
        unit_of_work.keep(session, "b", [(1, arrived), (2, drafted)])
    engines.dispose()
    return tmp_path


def test_the_newest_orders_are_listed_with_their_numbers(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["order", "list", "--data", str(data)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{order_number('261123', 1)}  2026-11-23 00:01  待确认")
    assert "路灯不亮" in said
    assert "1390000" not in said


def test_one_order_is_shown_by_its_number(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    number = order_number("261123", 1)
    assert main(["order", "show", number, "--data", str(data)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["number"], shown["call"], shown["confirmed_by"]) == (number, "c-1", None)
    assert "1390000" not in str(shown)


@pytest.mark.parametrize("number", [order_number("261123", 2), "261123000010"])
def test_a_number_that_nobody_has_is_said_to_be_none(
    data: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    assert main(["order", "show", number, "--data", str(data)]) == 2
    assert capsys.readouterr().err


def test_without_a_database_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["order", "list", "--data", str(tmp_path)]) == 2
    assert "没有数据库" in capsys.readouterr().err
