"""What a request must be before anyone looks at what it wants (RFC 3261 §8.2)."""

import re
from collections.abc import Sequence

from sip import sdp
from sip.headers import Headers
from sip.message import Malformed, Request
from sip.sdp import SessionDescription
from sip.session_timer import MIN_SE, supported
from sip.settings import StackSettings

_SCHEMES = ("sip", "sips", "tel")
_SIGNAL = re.compile(r"^\s*Signal\s*=\s*([0-9A-D*#]|1[0-5])\s*$", re.IGNORECASE | re.MULTILINE)
_KEY = re.compile(r"\s*([0-9A-D*#]|1[0-5])\s*", re.IGNORECASE)
_EVENTS = "0123456789*#ABCD"
"""Keys by their number (RFC 4733 §3.2)."""
_KEYS_BY_INFO = {"application/dtmf-relay": _SIGNAL.search, "application/dtmf": _KEY.fullmatch}
_READ = ("", sdp.CONTENT_TYPE, *_KEYS_BY_INFO)
"""Kinds of body that we read."""

Fields = Sequence[tuple[str, str]]


class Refused(Exception):
    """A sound request that we will not serve: what to answer, and which headers say why."""

    def __init__(self, status: int, headers: Fields = (), what: str = "") -> None:
        super().__init__(f"{status} {what}")
        self.status = status
        self.headers = headers
        self.what = what


def screen(request: Request, settings: StackSettings, methods: Sequence[str]) -> None:
    """Raise Refused if `request` cannot be served, whatever it says."""
    headers = request.headers
    if request.method not in methods:
        raise _not_taken(request, methods)
    if request.target.scheme not in _SCHEMES:
        raise Refused(416)
    if request.method != "INVITE" and "Replaces" in headers:
        raise Malformed("Replaces in another request than INVITE")  # RFC 3891 §3
    if headers.max_forwards == 0 and settings.refuse_zero_hops:
        raise Refused(483)
    _screen_extensions(headers, settings)
    _pass_over(request)
    if request.method in ("INVITE", "UPDATE"):
        _screen_session_timer(headers)
        _screen_wishes(headers)


def _not_taken(request: Request, methods: Sequence[str]) -> Refused:
    """Return the refusal of a method. Nobody subscribes to a referral, whose news come unasked

    and end by themselves: to one that is over, or never was, it must be 403 (RFC 3515 §2.4.4).
    """
    event = (request.headers.get("event") or "").partition(";")[0].strip().lower()
    if request.method == "SUBSCRIBE" and event == "refer":
        return Refused(403)
    return Refused(405, [("Allow", ", ".join(methods))])


def _screen_extensions(headers: Headers, settings: StackSettings) -> None:
    if "Require" not in headers:
        return
    required = headers.all("require")
    unknown = [tag for tag in required if tag.lower() not in settings.supported]
    if unknown:
        raise Refused(420, [("Unsupported", ", ".join(unknown))])


def _pass_over(request: Request) -> None:
    """Take away a body that its sender says may be passed over, if it is none of ours (§20.11)."""
    disposition = request.headers.get("content-disposition") if request.body else None
    if disposition is None or content_type(request.headers) in _READ:
        return
    parameters = [part.strip().lower() for part in disposition.split(";")[1:]]
    if any(part.replace(" ", "") == "handling=optional" for part in parameters):
        request.body = b""


def _screen_wishes(headers: Headers) -> None:
    """Refuse whoever takes no description of a session (§20.1); q=0 of one is rare and not read."""
    if "Accept" not in headers:
        return
    wished = (value.partition(";")[0].strip().lower() for value in headers.all("accept"))
    if not any(kind in (sdp.CONTENT_TYPE, "application/*", "*/*") for kind in wished):
        raise Refused(406, [("Accept", sdp.CONTENT_TYPE)])


def _screen_session_timer(headers: Headers) -> None:
    """Refuse an interval that RFC 4028 bars (§9).

    Not to a caller who does not know of session timers: a proxy between us asked for it, and
    the refusal would reach who cannot mend it (§8.1). Then we refresh, at 90 s.
    """
    value = headers.get("session-expires")
    seconds = value.partition(";")[0].strip() if value else ""
    short = seconds.isascii() and seconds.isdigit() and int(seconds[:9]) < MIN_SE
    if short and supported(headers):
        raise Refused(422, [("Min-SE", str(MIN_SE))])


def described(request: Request) -> SessionDescription | None:
    """Return the session description of a request; None if it has none; raise Refused."""
    if not request.body:
        return None
    headers = request.headers
    if content_type(headers) not in ("", sdp.CONTENT_TYPE):
        raise Refused(415, [("Accept", sdp.CONTENT_TYPE)], f"{content_type(headers)!r}")
    if any(coding.lower() != "identity" for coding in headers.all("content-encoding")):
        raise Refused(415, [("Accept-Encoding", "identity")], "content encoding")
    try:
        return sdp.parse(request.body)
    except Malformed as malformed:
        raise Refused(malformed.status, (), malformed.what) from None


def content_type(headers: Headers) -> str:
    """Return the media type in lower case, without parameters; empty if not said."""
    return (headers.get("content-type") or "").partition(";")[0].strip().lower()


def key_told(request: Request) -> str | None:
    """Return the key that an INFO tells of; None if it tells nothing; raise Refused."""
    if not request.body:
        return None
    read = _KEYS_BY_INFO.get(content_type(request.headers))
    if read is None:
        raise Refused(415, [("Accept", ", ".join(_KEYS_BY_INFO))])
    match = read(request.body.decode("ascii", "replace"))
    if match is None:
        return None
    key = match[1].upper()
    return _EVENTS[int(key)] if key.isdigit() else key


def replaced(headers: Headers) -> tuple[str, str, str] | None:
    """Return the dialog that an INVITE wants to take the place of (RFC 3891); None if none."""
    value = headers.get("replaces")
    if value is None:
        return None
    if "Join" in headers:
        raise Malformed("Replaces beside Join")
    call_id, *parameters = (part.strip() for part in value.split(";"))
    tags = dict(part.partition("=")[::2] for part in parameters)
    if "to-tag" not in tags or "from-tag" not in tags or len(headers.all("replaces")) > 1:
        raise Malformed("Replaces")
    return call_id, tags["to-tag"], tags["from-tag"]


def early_only(headers: Headers) -> bool:
    """Tell whether only a call that still rings is to be replaced (RFC 3891 §3)."""
    parameters = (headers.get("replaces") or "").split(";")[1:]
    return "early-only" in (part.strip().lower() for part in parameters)
