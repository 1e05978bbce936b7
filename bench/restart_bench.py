"""The engine is killed with callers waiting and talking, and started again: what is so when.

    ./hotline bench restart
    ./hotline bench restart --talking 5 --waiting 10 --runs 3 --json

Agents' phones are registered, with their passwords; citizens and phones are SIPp. The moment
that the engine is started anew, all citizens begin to ring back, so many a second. Seconds from
the start to: every agent being again what the phone says (`agents_right`), the first citizen
being answered (`first_call_answered`), the first and the last having the old place in the lane
(`first_place_back`, `all_places_back`), and every record of before being whole, its recording
closed (`records_whole`). `places_back` counts the places; it must be everybody.
"""

import argparse
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from socket import AF_INET, SOCK_DGRAM, socket
from sqlite3 import connect
from typing import Any

from bench.center_bench import callers, end, ends, phones, site
from bench.sip_bench import cpu_seconds
from bench.voices import Voices
from server.control_face import NotRunning, ask
from sip.digest import Login, authorize, choose
from sip.message import Response, parse
from tests.helpers.serving import Serving, free_port, until

RATE = 20
"""Citizens who ring back in each second."""
LIMIT = 60.0
AT_WORK = ("ready", "reserved", "talking", "wrap_up")


def register(engine: Serving, port: int, agents: int) -> None:
    """Sign so many agents' phones in, all from the port that they will be rung at."""
    host, _, number = engine.engine.partition(":")
    with socket(AF_INET, SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", port))
        phone.settimeout(5)
        phone.connect((host, int(number)))
        for agent, password in sorted(engine.passwords().items())[:agents]:
            refused = _asked(phone, agent, port, 1, "")
            challenge = choose(refused.headers.all("WWW-Authenticate"))
            if challenge is None:
                raise SystemExit("no challenge that can be met")
            login = Login(agent, password)
            proof = authorize(challenge, login, "REGISTER", "sip:127.0.0.1", "bench", 1)
            answer = _asked(phone, agent, port, 2, f"Authorization: {proof}\r\n")
            if answer.status != 200:
                raise SystemExit(f"{agent} could not register: {answer.status}")


def _asked(phone: socket, agent: str, port: int, count: int, proof: str) -> Response:
    """Send one REGISTER; return the answer."""
    phone.send(
        (
            "REGISTER sip:127.0.0.1 SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK{secrets.token_hex(8)};rport\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{agent}@127.0.0.1>;tag=b{agent}\r\n"
            f"To: <sip:{agent}@127.0.0.1>\r\nCall-ID: bench-{agent}\r\n"
            f"CSeq: {count} REGISTER\r\nContact: <sip:{agent}@127.0.0.1:{port}>\r\n"
            f"{proof}Expires: 600\r\nContent-Length: 0\r\n\r\n"
        ).encode()
    )
    answer = parse(phone.recv(65536))
    assert isinstance(answer, Response)
    return answer


def measure(arguments: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Kill and start once; return the figures."""
    talking, waiting, phone = arguments.talking, arguments.waiting, free_port()
    everybody = talking + waiting
    with ExitStack() as running:
        voices = running.enter_context(Voices())
        place = site(folder, talking, None, everybody)
        engine = Serving(folder / "data", config=place, rtp=(30000, 49998))
        running.enter_context(engine)
        register(engine, phone, talking)
        running.callback(end, phones(folder, phone, voices, 300.0, faults=False))
        before = callers(folder, engine.engine, RATE, everybody)
        running.callback(end, before)
        until(lambda: _doing(engine).count("talking") == talking, LIMIT, "so many talk")
        until(lambda: _waiting(engine) == waiting, LIMIT, "so many wait")
        engine.kill()
        end(before)
        began = time.time()
        engine.launch()
        running.callback(end, callers(folder, engine.engine, RATE, everybody))
        figures = _watched(engine, talking, everybody, began)
        assert engine.process is not None
        figures["cpu"] = round(cpu_seconds(engine.process.pid), 2)
    return {**figures, **_told(folder / "data", began)}


def _watched(engine: Serving, agents: int, calls: int, began: float) -> dict[str, Any]:
    """Note when what can only be watched is so."""

    def seconds(so: Callable[[], bool], what: str) -> float:
        until(so, LIMIT, what)
        return round(time.time() - began, 2)

    def right() -> bool:
        return sum(doing in AT_WORK for doing in _doing(engine)) == agents

    def whole() -> bool:
        with closing(connect(engine.data / "hotline.sqlite3")) as database:
            rows = "recordings WHERE seconds IS NOT NULL AND trouble = 'engine stopped'"
            closed = database.execute(f"SELECT count(*) FROM {rows}").fetchone()[0]
        return bool(closed == calls and ends(engine.data)["interrupted"] == calls)

    def back() -> bool:
        return len(_times(engine.data, "PlaceGivenBack", began)) == calls

    return {
        "agents_right": seconds(right, "agents as their phones say"),
        "records_whole": seconds(whole, "records whole"),
        "watched_until": seconds(back, "all places given back"),
    }


def _told(data: Path, began: float) -> dict[str, Any]:
    """Read from the facts when the rest was so."""
    answered, back = _times(data, "PickedUp", began), _times(data, "PlaceGivenBack", began)
    return {
        "first_call_answered": round(answered[0] - began, 2),
        "first_place_back": round(back[0] - began, 2),
        "all_places_back": round(back[-1] - began, 2),
        "places_back": len(back),
    }


def _times(data: Path, kind: str, after: float) -> list[float]:
    with closing(connect(data / "hotline.sqlite3")) as database:
        rows = "SELECT at FROM facts WHERE kind = ? AND at >= ? ORDER BY at"
        return [at for (at,) in database.execute(rows, (kind, after))]


def _doing(engine: Serving) -> list[str]:
    try:
        return [one["doing"] for one in ask(engine.data, {"do": "agents"})["agents"]]
    except NotRunning:
        return []


def _waiting(engine: Serving) -> int:
    return len(ask(engine.data, {"do": "waiting"})["waiting"])


def main() -> int:
    """Read the command line, run, print; 1 if somebody's place was not given back."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--talking", type=int, default=20, help="agents, each with a caller")
    parser.add_argument("--waiting", type=int, default=50)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one line a run, for programs")
    arguments = parser.parse_args()
    short = False
    for _ in range(arguments.runs):
        folder = Path(tempfile.mkdtemp(prefix="restart-bench-"))
        try:
            figures = measure(arguments, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        figures["load_1min"] = round(os.getloadavg()[0], 2)
        short = short or figures["places_back"] < arguments.talking + arguments.waiting
        print(json.dumps(figures, indent=None if arguments.json else 1), flush=True)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
