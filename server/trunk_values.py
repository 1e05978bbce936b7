"""Trunks of the settings as plain values."""

from collections.abc import Iterable

from config.trunk_schema import Rewriting, Trunk
from server.trunk_rules import TrunkRules
from sip.numbers import Rewrite


def trunk_rules(trunk: Trunk) -> TrunkRules:
    """Return a trunk as call control sees it."""
    return TrunkRules(
        name=trunk.id,
        networks=trunk.addresses,
        called=trunk.called,
        callers=trunk.callers,
        called_rules=rewrites(trunk.normalise.called),
        caller_rules=rewrites(trunk.normalise.caller),
        codecs=trunk.codecs,
        dtmf=trunk.dtmf,
        srtp=trunk.srtp,
        max_calls=trunk.max_calls,
        max_rate=trunk.max_rate,
        inbound_user=trunk.inbound_user,
    )


def rewrites(rules: Iterable[Rewriting]) -> tuple[Rewrite, ...]:
    """Return the rules as values."""
    return tuple(Rewrite(rule.match, rule.strip, rule.add) for rule in rules)
