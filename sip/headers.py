"""The header fields of a message: in order, under any spelling, typed on demand.

Values are text. Octets that are not UTF-8 survive as surrogates (PEP 383) and
go out as they came; typed values never hold any.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import Any

from sip.address import NameAddr
from sip.cseq import CSeq
from sip.grammar import LWS, TOKEN, Malformed, first_of_list, parse_number, split_list
from sip.via import Via

COMPACT = {
    "a": "accept-contact",
    "b": "referred-by",
    "c": "content-type",
    "d": "request-disposition",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "j": "reject-contact",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "n": "identity-info",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
    "y": "identity",
}
"""One-letter names (IANA, SIP header fields)."""

# fmt: off
LISTS = frozenset(
    {
        "accept", "accept-contact", "accept-encoding", "accept-language", "alert-info", "allow",
        "allow-events", "call-info", "contact", "content-encoding", "content-language", "diversion",
        "error-info", "geolocation", "history-info", "in-reply-to", "p-asserted-identity",
        "p-preferred-identity", "path", "proxy-require", "reason", "record-route", "reject-contact",
        "require", "route", "security-client", "security-server", "security-verify",
        "service-route", "supported", "unsupported", "via", "warning",
    }
)
"""Fields where a comma parts two values (RFC 3261 §7.3.1)."""

_USUAL = (
    "Accept", "Allow", "Authorization", "Call-ID", "Contact", "Content-Disposition",
    "Content-Encoding", "Content-Length", "Content-Type", "CSeq", "Date", "Diversion", "Event",
    "Expires", "From", "History-Info", "Max-Forwards", "Min-Expires", "Min-SE",
    "P-Asserted-Identity", "Privacy", "Proxy-Authorization", "Reason", "Record-Route", "Replaces",
    "Require", "Retry-After", "Route", "Server", "Session-Expires", "Supported", "Timestamp", "To",
    "Unsupported", "User-Agent", "User-to-User", "Via", "Warning", "WWW-Authenticate",
)
# fmt: on
KEYS = {spelling: name.lower() for name in _USUAL for spelling in (name, name.lower())}
KEYS |= {spelling: name for short, name in COMPACT.items() for spelling in (short, short.upper())}

_UNSAFE = re.compile(r"[\r\n\ud800-\udc7f\udd00-\udfff]")
_CALL_ID = re.compile(r"[\x21-\x7e]{1,255}")
ADDRESSES_LIMIT = 64
"""Contacts, or hops of a route, in one message; real ones have fewer than ten."""
_REMEMBERED_LENGTH = 200
SECONDS_LIMIT = 2**32 - 1
"""The longest Expires (RFC 3261 §20.19)."""
MALFORMED_EXPIRES = 3600
"""What an unreadable Expires means (§10.2.1.1)."""


def key_of(name: str) -> str:
    """Return the one spelling that `name` is known by here: long, in lower case."""
    key = KEYS.get(name)
    if key is None:
        key = name.lower()
        key = COMPACT.get(key, key)
    return key


class Headers:
    """Header fields in order; unknown ones are kept as they came.

    Two compare equal when the same fields hold the same text in the same
    order; `Content-Length` does not count, for it is the body's.
    """

    __slots__ = ("_fields", "_keys", "_typed")

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        self._fields: list[tuple[str, str, str]] = []
        self._keys: set[str] | None = None
        """Which fields there are, once that was asked: most that are asked for are not there."""
        self._typed: dict[str, Any] = {}
        for name, value in fields:
            self.add(name, value)

    @classmethod
    def received(cls, fields: list[tuple[str, str, str]]) -> "Headers":
        """Take fields as they were read: key, name, value."""
        headers = cls()
        headers._fields = fields
        return headers

    # -- as text ------------------------------------------------------------

    def get(self, name: str) -> str | None:
        """Return the first value, unfolded and stripped; None where there is none.

        Of a list field (`Via`, `Contact`, `Supported` …) the first member.
        """
        key = key_of(name)
        if key not in self._present_keys():
            return None
        for ours, _, value in self._fields:
            if ours == key:
                if key not in LISTS:
                    return value
                first = next(iter(split_list(value)), None)
                if first is not None:
                    return first
        return None

    def all(self, name: str) -> list[str]:
        """Return every value; list fields split at their commas."""
        key = key_of(name)
        if key not in self._present_keys():
            return []
        values = [value for ours, _, value in self._fields if ours == key]
        if key in LISTS:
            return [member for value in values for member in split_list(value)]
        return values

    def only(self, names: Iterable[str]) -> "Headers":
        """Return the fields of these names alone, as they stand, in the order of `names`."""
        keys = [key_of(name) for name in names]
        return Headers.received(
            [entry for key in keys for entry in self._fields if entry[0] == key]
        )

    def repeated(self, keys: Collection[str]) -> str | None:
        """Return the first of `keys` (long names in lower case) that comes in two fields."""
        if len(self._present_keys()) == len(self._fields):
            return None  # as nearly always
        seen = set()
        for key, _, _ in self._fields:
            if key in keys and key in seen:
                return key
            seen.add(key)
        return None

    def __contains__(self, name: str) -> bool:
        return key_of(name) in self._present_keys()

    def _present_keys(self) -> set[str]:
        if self._keys is None:
            self._keys = {entry[0] for entry in self._fields}
        return self._keys

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return ((name, value) for _, name, value in self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._compared() == other._compared()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def __repr__(self) -> str:
        return f"Headers({list(self)!r})"

    def _compared(self) -> list[tuple[str, str]]:
        return [(key, value) for key, _, value in self._fields if key != "content-length"]

    def lines(self) -> list[str]:
        """Return each field as it goes out; Content-Length is said by whoever knows the body."""
        return [f"{name}: {value}" for key, name, value in self._fields if key != "content-length"]

    def copy(self) -> "Headers":
        """Return another with the same fields."""
        return Headers.received(list(self._fields))

    # -- change -------------------------------------------------------------

    def add(self, name: str, value: str) -> None:
        """Put a field at the end."""
        field = _field(name, value)
        self._fields.append(field)
        self._changed(field[0])

    def prepend(self, name: str, value: str) -> None:
        """Put a field at the beginning, where a Via or Route belongs."""
        field = _field(name, value)
        self._fields.insert(0, field)
        self._changed(field[0])

    def replace(self, name: str, value: str) -> None:
        """Put one field in the place of all of that name; at the end if there was none."""
        key = key_of(name)
        places = [i for i, (ours, _, _) in enumerate(self._fields) if ours == key]
        self.remove(name)
        self._fields.insert(places[0] if places else len(self._fields), _field(name, value))
        self._changed(key)

    def remove(self, name: str) -> None:
        """Take every field of that name out."""
        key = key_of(name)
        self._fields = [entry for entry in self._fields if entry[0] != key]
        self._changed(key)

    def replace_first(self, name: str, value: str | None) -> None:
        """Put `value` in the place of the first value; take that out if None.

        Other values stay, also those of the same line; so the topmost Via is
        amended and the first Route taken off.
        """
        key = key_of(name)
        for index, (ours, spelling, line) in enumerate(self._fields):
            if ours == key:
                rest = first_of_list(line)[1] if key in LISTS else ""
                left = ", ".join(part for part in (value, rest) if part)
                self._fields[index : index + 1] = [_field(spelling, left)] if left else []
                self._changed(key)
                return
        if value is not None:
            self.add(name, value)

    def _changed(self, key: str) -> None:
        """Forget what was known of a field, and which there are."""
        self._keys = None
        self._typed.pop(key, None)

    # -- typed: read on demand, kept, raise Malformed -----------------------

    @property
    def via(self) -> Via:
        """The topmost Via."""
        known: Via | None = self._typed.get("via")
        if known is None:
            known = self._typed["via"] = Via.parse(self._present("via"))
        return known

    @property
    def cseq(self) -> CSeq:
        """The request's number and method."""
        known: CSeq | None = self._typed.get("cseq")
        if known is None:
            known = self._typed["cseq"] = CSeq.parse(self._present("cseq"))
        return known

    @property
    def from_(self) -> NameAddr:
        """Who the request says it is from."""
        known: NameAddr | None = self._typed.get("from")
        if known is None:
            known = self._typed["from"] = _party(self._present("from"))
        return known

    @property
    def to(self) -> NameAddr:
        """Who the request says it is for."""
        known: NameAddr | None = self._typed.get("to")
        if known is None:
            known = self._typed["to"] = _party(self._present("to"))
        return known

    @property
    def call_id(self) -> str:
        """The call's identifier."""
        known: str | None = self._typed.get("call-id")
        if known is None:
            known = self._typed["call-id"] = _parse_call_id(self._present("call-id"))
        return known

    @property
    def contact(self) -> list[NameAddr]:
        """Where the sender is to be reached; empty when it does not say, and for `*`."""
        known: list[NameAddr] | None = self._typed.get("contact")
        if known is None:
            known = self._typed["contact"] = _parse_contacts(self.all("contact"))
        return known

    @property
    def wildcard(self) -> bool:
        """Tells whether the Contact is `*` (§10.2.2)."""
        return self.get("contact") == "*"

    @property
    def routes(self) -> list[NameAddr]:
        """The Route fields, first hop first."""
        known: list[NameAddr] | None = self._typed.get("route")
        if known is None:
            known = self._typed["route"] = _parse_addresses(self.all("route"))
        return known

    @property
    def record_routes(self) -> list[NameAddr]:
        """The Record-Route fields, topmost first."""
        known: list[NameAddr] | None = self._typed.get("record-route")
        if known is None:
            known = self._typed["record-route"] = _parse_addresses(self.all("record-route"))
        return known

    @property
    def max_forwards(self) -> int | None:
        """Hops left; None when the sender (of RFC 2543) sets no limit."""
        value = self.get("max-forwards")
        return None if value is None else parse_number(value, "Max-Forwards", 256)

    @property
    def expires(self) -> int | None:
        """Seconds asked for; None when not said. Never raises: 3600 if unreadable (§10.2.1.1)."""
        value = self.get("expires")
        return None if value is None else parse_seconds(value)

    @property
    def content_length(self) -> int | None:
        """Octets of body; None when not said."""
        values = self.all("content-length")
        lengths = [parse_number(value, "Content-Length", 2**31) for value in values]
        if len(lengths) > 1 and len(set(lengths)) > 1:
            raise Malformed(f"Content-Length differs: {sorted(set(lengths))}")
        return lengths[0] if lengths else None

    def _present(self, key: str) -> str:
        for ours, _, value in self._fields:
            if ours == key:
                return first_of_list(value)[0] if key == "via" else value
        raise Malformed(f"no {key}")


def parse_seconds(text: str) -> int:
    """Read delta-seconds: too large is the largest, unreadable is one hour."""
    if not (text.isascii() and text.isdigit()):
        return MALFORMED_EXPIRES
    return min(int(text[:40]), SECONDS_LIMIT)


def _field(name: str, value: str) -> tuple[str, str, str]:
    """Make a field of ours; a line end inside would let a value become a header."""
    if TOKEN.fullmatch(name) is None or _UNSAFE.search(value):
        raise ValueError(f"no header field: {name!r}: {value!r}")
    return key_of(name), name, value.strip(LWS)


def _party(text: str) -> NameAddr:
    """Read From or To; each comes again in every message of a call, so short ones are remembered.

    Nobody may change the parameters of one, only make another.
    """
    return _remembered(text) if len(text) <= _REMEMBERED_LENGTH else _read_party(text)


@lru_cache(maxsize=2048)
def _remembered(text: str) -> NameAddr:
    return _read_party(text)


def _read_party(text: str) -> NameAddr:
    party = NameAddr.parse(text)
    tag = party.params.get("tag", "-")
    if not tag or not tag.isascii() or not tag.isprintable():
        raise Malformed(f"tag {tag!r}")
    return party


def _parse_call_id(text: str) -> str:
    if _CALL_ID.fullmatch(text) is None:
        raise Malformed(f"Call-ID {text[:60]!r}")
    return text


def _parse_contacts(values: list[str]) -> list[NameAddr]:
    if "*" not in values:
        return _parse_addresses(values)
    if len(values) > 1:
        raise Malformed("Contact * beside others")
    return []


def _parse_addresses(values: list[str]) -> list[NameAddr]:
    if len(values) > ADDRESSES_LIMIT:
        raise Malformed(f"more than {ADDRESSES_LIMIT} addresses in one header")
    return [NameAddr.parse(value) for value in values]
