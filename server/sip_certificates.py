"""TLS for SIP: our certificate, read anew when its files change, and whom we believe."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from OpenSSL import SSL, crypto
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    TLSVersion,
    optionsForClientTLS,
    trustRootFromCertificates,
)
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

LOG = structlog.get_logger("sip_tls")
UNREADABLE = (OSError, SSL.Error, TypeError, ValueError, UnsupportedAlgorithm)
"""What reading a certificate and its key may raise; TypeError: the key is under a password."""


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files."""

    certificate: Path
    """Ours first, then those that vouch for it."""
    key: Path
    authorities: Path | None = None
    """Whose signature a peer's certificate must bear; None believes what the system believes."""
    ask_peers: bool = False
    """Refuse clients without a certificate that `authorities` signed (mutual TLS)."""


def _believed(files: TlsFiles) -> Any:
    """Return whom we believe; None: the system's authorities."""
    if files.authorities is None:
        return None
    octets = files.authorities.read_bytes()
    found = load_pem_x509_certificates(octets) if b"BEGIN CERTIFICATE" in octets else []
    known = (crypto.X509.from_cryptography(certificate) for certificate in found)
    return trustRootFromCertificates([Certificate(each) for each in known])


@implementer(IOpenSSLServerConnectionCreator)
class Certificates:
    """Our side of TLS 1.2 and later.

    A changed file counts for the next connection; one that cannot be read leaves
    the old certificate in force and is said in the log. Raises one of UNREADABLE
    if the files cannot be read at the start.
    """

    def __init__(self, files: TlsFiles, reactor: Any) -> None:
        self._files, self._reactor = files, reactor
        self._read_at = self._stamps()
        self._context = self._read()

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        """Return the connection that Twisted asks for."""
        return SSL.Connection(self._current(), None)

    def secured(self, factory: Any, host: str | None) -> Any:
        """Wrap a factory in TLS: to `host`, which must prove its name, or as the server."""
        if host is None:
            return TLSMemoryBIOFactory(self, False, factory, self._reactor)
        options = optionsForClientTLS(
            host,
            trustRoot=_believed(self._files),
            extraCertificateOptions={"raiseMinimumTo": TLSVersion.TLSv1_2},
        )
        return TLSMemoryBIOFactory(options, True, factory, self._reactor)

    def _current(self) -> SSL.Context:
        stamps = self._stamps()
        if stamps != self._read_at:
            self._read_at = stamps
            try:
                self._context = self._read()
                LOG.info("certificate_read_anew")
            except UNREADABLE as error:
                LOG.error("certificate_unreadable", error=str(error))
        return self._context

    def _stamps(self) -> tuple[int, ...]:
        files = (self._files.certificate, self._files.key)
        return tuple(_changed_at(file) for file in files)

    def _read(self) -> SSL.Context:
        ours, *chain = load_pem_x509_certificates(self._files.certificate.read_bytes())
        key = load_pem_private_key(self._files.key.read_bytes(), None)
        options = CertificateOptions(
            trustRoot=_believed(self._files) if self._files.ask_peers else None,
            raiseMinimumTo=TLSVersion.TLSv1_2,
        )
        context: SSL.Context = options.getContext()
        context.use_certificate(ours)
        context.use_privatekey(key)  # type: ignore[arg-type]  # of other kinds: TypeError
        for other in chain:
            context.add_extra_chain_cert(other)
        context.check_privatekey()
        return context


def _changed_at(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0  # in the middle of being replaced; the next look sees the new one


def unsecured(factory: Any, host: str | None) -> Any:
    """Stand in where no certificate is configured: no TLS goes out either."""
    raise RuntimeError("TLS without a certificate")
