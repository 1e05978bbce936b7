"""`./hotline bench fuzz --seconds N`: inputs that nobody thought of, led by coverage (atheris).

Bounded in time, all targets together. Ends with 1 if an input broke anything: put that file
into `tests/fixtures/fuzz/TARGET/`, where it is a test from then on, and mend the code.
"""

import argparse
import os
import re
import subprocess
import tempfile
from pathlib import Path

from bench.fuzz.targets import OURS, SEPARATOR, TARGETS
from tests.helpers.peers import PEERS

ROOT = Path(__file__).parents[2]
TORTURE = ROOT / "tests" / "conformance" / "rfc4475" / "messages"
WORDS = (
    "INVITE sip:", " SIP/2.0", "SIP/2.0 200 OK", "BYE ", "ACK ", "CANCEL ", "UPDATE ", "PRACK ",
    "REFER ", "INFO ", "Via: SIP/2.0/UDP ", ";branch=z9hG4bK", "From: <sip:a@b>;tag=", "To: ",
    "Call-ID: ", "CSeq: 1 INVITE", "Contact: <sip:a@192.0.2.10>", "Record-Route: <sip:b;lr>",
    "Content-Length: 0", "Content-Type: application/sdp", "Require: 100rel", "RAck: 1 1 INVITE",
    "Session-Expires: 90;refresher=uac", "Supported: timer", "Refer-To: <sip:c@d>", "Replaces: ",
    "v=0", "m=audio 4000 RTP/AVP 8 0 101", "c=IN IP4 192.0.2.10", "a=rtpmap:101 ", "a=sendonly",
    "SUBSCRIBE ", "Event: refer", "Min-SE: 90", "RSeq: 1", "Join: ", "Retry-After: 1",
    "Content-Disposition: render;handling=optional", "Content-Encoding: gzip",
)  # fmt: skip
STATISTICS = re.compile(r"(?:stat::number_of_executed_units: *|cov: )([0-9]+)")
NO_PEERS = 2


def main() -> int:
    """Run the targets one after the other; return 1 if one broke."""
    parser = argparse.ArgumentParser(prog="./hotline bench fuzz", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="in all, shared by the targets")
    parser.add_argument("--seed", type=int, default=0, help="the same inputs again; 0: others")
    parser.add_argument("--target", choices=sorted(TARGETS), action="append")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="where finds and corpus stay")
    asked = parser.parse_args()
    python = PEERS / "bin" / "python"
    if not python.exists():
        print(
            f"{PEERS.name}: 没有 atheris / atheris is not there; see docs/decisions/0013-peers.md"
        )
        return NO_PEERS
    targets = asked.target or sorted(TARGETS)
    each = max(1, asked.seconds // len(targets))
    keep = asked.keep or Path(tempfile.mkdtemp(prefix="hotline-fuzz-"))
    guided = [python, "-m", "bench.fuzz.guided"]
    bounds = [str(each), str(asked.seed)]
    return max([fuzz([*guided, target, *bounds], keep.resolve() / target) for target in targets])


def fuzz(command: list[str | Path], folder: Path) -> int:
    """Run the target that a folder is named after; print what was tried and what broke: then 1."""
    target = folder.name
    plant(target, folder)
    ran = subprocess.run(
        [*command, folder], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        capture_output=True, errors="replace", check=False,
    )  # fmt: skip
    found = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "words")
    broken = ran.returncode != 0 or bool(found)
    told = STATISTICS.findall(ran.stderr)
    print(
        f"{target:14} {told[-1] if told else 0} inputs"
        f"  {max((int(n) for n in told[:-1]), default=0)} places  {'BROKEN' if broken else 'ok'}",
        flush=True,
    )
    if broken:
        print((ran.stdout + ran.stderr)[-3000:], *found, sep="\n", flush=True)
    return int(broken)


def plant(target: str, folder: Path) -> None:
    """Lay out what a target begins with: the torture messages, and words of the trade."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    (folder / "words").write_text("".join(f'"{word}"\n' for word in WORDS))
    messages = {path.name: path.read_bytes() for path in sorted(TORTURE.iterdir())}
    if target == "session":
        messages = {"ours": OURS}
    elif target == "packet":
        messages = {"voice": b"\x80\x08" + bytes(170), "report": b"\x80\xc9\x00\x01" + bytes(4)}
    for name, data in messages.items():
        whole = SEPARATOR.join((b"", data, data)) if target == "conversation" else data
        (corpus / name).write_bytes(whole)


if __name__ == "__main__":
    raise SystemExit(main())
