"""What the stack is told of the site."""

from dataclasses import replace

from config import reader
from config.trunk_schema import Trunk
from server.sip_side import Neighbours, stack_settings
from tests.helpers import sites


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
