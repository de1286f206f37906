"""Certificates for brokers that ask for TLS, made by the keytool of the Java that they run on."""

import os
import subprocess
from pathlib import Path

from connectors.broker.java import find_java

PASSWORD = "lantern-9"


def keytool(*words: str | Path) -> None:
    program = find_java(os.environ).program.parent / "keytool"
    subprocess.run([program, *words], check=True, capture_output=True)


def make_certificate(folder: Path, name: str, host: str) -> tuple[Path, Path]:
    """Return a key store for a server at `host`, and its certificate, which is its own authority."""
    store, certificate = folder / f"{name}.p12", folder / f"{name}.pem"
    secret = ("-keystore", store, "-storepass", PASSWORD, "-alias", name)
    keytool(
        *("-genkeypair", *secret, "-storetype", "PKCS12", "-keyalg", "EC", "-validity", "2"),
        *("-dname", f"CN={name}", "-ext", f"SAN={host}", "-ext", "BC=ca:true"),
    )
    keytool("-exportcert", *secret, "-rfc", "-file", certificate)
    return store, certificate
