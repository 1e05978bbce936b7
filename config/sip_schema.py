"""What signalling listens on besides its first port, TLS, and what strangers may send."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from config.values import Address, FileName, Port, Settings, between, fault

ABOVE = {"tls": 1, "ws": 2, "wss": 3}
"""How far the usual port of a transport is from `sip.port`."""


class SipPort(Settings):
    """One more address that signalling is listened for on."""

    transport: Literal["udp", "tcp", "tls", "ws", "wss"]
    address: Address | None = None
    """Empty: as `sip.address`."""
    port: Port | None = None
    """Empty: as `sip.port`; for tls one above it, for ws two, for wss three."""
    public_address: Address | None = None
    """What others are told to reach us at there; empty: as `sip.public_address`."""


class Tls(Settings):
    """Names of PEM files in the data folder's `secrets`; a changed certificate needs no restart."""

    certificate: FileName
    """Ours first, then those that vouch for it."""
    key: FileName
    authorities: FileName | None = None
    """Who must have signed a peer's certificate; empty: those that the system believes."""
    ask_peers: bool = False
    """Refuse peers that show no such certificate (mutual TLS, for trunks)."""

    @model_validator(mode="after")
    def _whom_to_believe(self) -> "Tls":
        if self.ask_peers and self.authorities is None:
            raise fault(
                "要求对方出示证书时，必须写 authorities（签发对方证书的机构）",
                "to ask peers for certificates, name the authorities that sign them",
                "authorities",
            )
        return self


class Defence(Settings):
    """What one stranger may send; trunks' addresses are free of it."""

    rate: Annotated[int, Field(ge=1, le=10_000)] = 50
    """Messages a second, in the long run."""
    burst: Annotated[int, Field(ge=1, le=100_000)] = 200
    """Messages at once."""
    ban: Annotated[float, between("1s", "7d")] = 600.0
    """For which a source that was seen scanning is not listened to."""
