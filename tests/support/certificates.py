"""A certificate of their own for the TLS servers of tests, which all listen on 127.0.0.1."""

import ssl
import subprocess
from pathlib import Path

from tests.support.programs import program


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for 127.0.0.1; its file, which clients trust, and that of its key.

    It names the address rather than ``localhost``, which not every machine can look up.
    """
    openssl = program("openssl")
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    return certificate, key


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.3 with this certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(certificate, key)
    return context
