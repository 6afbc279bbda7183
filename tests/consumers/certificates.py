"""A certificate authority and a server's certificate for loopback, made by the cryptography that moto brings along."""

import subprocess
from pathlib import Path

MAKE = """
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder, host = sys.argv[1:]
now = datetime.datetime.now(datetime.timezone.utc)

def make(name, signer, issuer, *extensions):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer or subject)
    builder = builder.public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
    builder = builder.not_valid_after(now + datetime.timedelta(hours=1))
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(signer or key, hashes.SHA256())
    return key, subject, made.public_bytes(serialization.Encoding.PEM)

ca_key, ca_name, ca = make("test authority", None, None, x509.BasicConstraints(ca=True, path_length=None))
key, _, server = make(host, ca_key, ca_name, x509.SubjectAlternativeName([x509.DNSName(host)]))
private = key.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)
open(folder + "/ca.pem", "wb").write(ca)
open(folder + "/server.pem", "wb").write(private + server)
"""


def certificates(python: Path, folder: Path, host: str) -> tuple[Path, Path]:
    """The authority's certificate, and a file with the key and certificate of a server called `host`."""
    subprocess.run([python, "-c", MAKE, folder, host], check=True)
    return folder / "ca.pem", folder / "server.pem"
