"""What the stack is told of the site."""

from dataclasses import replace

from config import reader
from config.trunk_schema import Trunk
from server.sip_side import Neighbours, make_stack, stack_settings
from sip.message import parse
from sip.registrar import Registrar, RegistrarLimits
from tests.helpers import sites
from tests.helpers.one_stack import invitation


def test_only_a_trunk_that_vouches_for_its_callers_is_believed() -> None:
    site = reader.read(sites.SHIPPED)
    loopback = next(iter(site.trunks.values()))
    carrier: Trunk = loopback.model_copy(
        update={"id": "carrier", "addresses": ("203.0.113.0/24",), "trust_identity": True}
    )
    site = replace(site, trunks={**site.trunks, "carrier": carrier})
    settings = stack_settings(site, Neighbours.of(site))
    assert "203.0.113.9" in settings.trusted
    assert "127.0.0.1" not in settings.trusted


def test_a_change_of_trunks_counts_for_whoever_was_asked_about_before() -> None:
    site = reader.read(sites.SHIPPED)
    neighbours = Neighbours.of(site)
    assert "127.0.0.1" in neighbours.callers and "203.0.113.9" not in neighbours.callers
    loopback = next(iter(site.trunks.values()))
    moved: Trunk = loopback.model_copy(
        update={"addresses": ("203.0.113.0/24",), "trust_identity": True}
    )
    neighbours.change(replace(site, trunks={loopback.id: moved}))
    assert "127.0.0.1" not in neighbours.callers and "203.0.113.9" in neighbours.callers
    assert "203.0.113.9" in neighbours.trusted


def test_no_two_calls_of_ours_share_a_call_id_a_tag_or_a_branch() -> None:
    site = reader.read(sites.SHIPPED)
    office = Registrar("hotline", {}, ["SHA-256"], RegistrarLimits(), b"n" * 32)
    seen = []
    for _ in range(2):  # two starts of the engine
        stack = make_stack(site, office, Neighbours.of(site))
        for _ in range(50):
            stack.invite(invitation(), 0.0)
        seen += [parse(datagram).headers for datagram, _ in stack.to_send()]
    assert len(seen) == 100
    for kind in ("call_id", "tag", "branch"):
        values = {
            "call_id": {headers.call_id for headers in seen},
            "tag": {headers.from_.tag for headers in seen},
            "branch": {headers.via.branch for headers in seen},
        }[kind]
        assert len(values) == 100
        assert all(value is not None and len(value) >= 16 for value in values)
