"""Who may be called: nothing that the settings do not name is ever dialled."""

from hypothesis import given
from hypothesis import strategies as st

from calls.ids import LegId
from server.trunk_rules import TrunkRules
from server.trunks_side import TrunkSide, WayOut
from sip.digest import Login
from sip.flow import Address
from sip.numbers import NumberPattern, Rewrite
from sip.upstream import Upstream
from sip.uri import Uri

A: Address = ("192.0.2.11", 5060)
B: Address = ("192.0.2.12", 5060)
CITY = "0577[2-9]xxxxxxx"


def way(
    name: str, *dial_out: str, hosts: tuple[Address, ...] = (A,), most: int | None = None
) -> WayOut:
    upstream = Upstream(f"{name}.example", None)
    upstream.located(hosts, 0.0)
    return WayOut(
        TrunkRules(name, (), max_calls=most),
        tuple(map(NumberPattern, dial_out)),
        (Rewrite(NumberPattern("1xxxxxxxxxx"), add="0"),),
        "12345",
        Login("us", "geheim"),
        upstream,
    )


def test_a_number_goes_by_every_trunk_that_may_dial_it_in_their_order() -> None:
    side = TrunkSide((way("one", "110"), way("two", CITY), way("three", "0577*")))
    assert [placed.trunk for placed in side.place("057788889999")] == ["two", "three"]
    assert side.place("119") == ()
    assert (side.allowed("110"), side.allowed("119")) == (True, False)


def test_what_is_sent_names_the_trunks_domain_and_our_number_and_proves_itself() -> None:
    (placed,) = TrunkSide((way("one", "1[3-9]xxxxxxxxx", hosts=(A, B)),)).place("13900001111")
    invitation = placed.invitation(b"v=0", display="12345")
    assert invitation.to_uri == "sip:013900001111@one.example"
    assert invitation.from_uri == "sip:12345@one.example"
    assert (invitation.destination, invitation.others) == (A, (B,))
    assert invitation.login == Login("us", "geheim")


@given(st.text(max_size=40))
def test_whatever_is_asked_for_only_what_a_pattern_names_is_dialled(number: str) -> None:
    side = TrunkSide((way("one", "110", CITY),))
    for placed in side.place(number):
        assert number == "110" or (number[:4] == "0577" and len(number) == 12 and number.isdigit())
        assert Uri.parse(placed.to_uri).host == "one.example"


def test_a_trunk_without_patterns_dials_nothing() -> None:
    assert TrunkSide((way("one"),)).place("110") == ()
    assert TrunkSide().place("110") == ()


def test_a_trunk_that_is_full_is_passed_over_until_a_call_ends() -> None:
    side = TrunkSide((way("one", "110", most=2), way("two", "110")))
    there = {LegId("a")}
    side.is_up, side.incoming = there.__contains__, {"one": 1}
    first, second = side.place("110")
    side.placed(LegId("a"), first)
    assert side.up() == {"one": 1}
    assert side.place("110") == (second,)
    there.clear()
    assert side.place("110") == (first, second)


def test_a_trunk_whose_hosts_are_gone_or_not_known_is_the_last_hope_or_none() -> None:
    gone, unknown = way("one", "110"), way("two", "110", hosts=())
    gone.upstream.hosts[0].up = False
    side = TrunkSide((gone, unknown, way("three", "110", hosts=(B,))))
    assert [placed.trunk for placed in side.place("110")] == ["three", "one"]


def test_a_host_that_is_gone_is_tried_last() -> None:
    one = way("one", "110", hosts=(A, B))
    one.upstream.hosts[0].up = False
    (placed,) = TrunkSide((one,)).place("110")
    assert placed.targets == (B, A)
