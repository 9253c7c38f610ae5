"""Throwaway keys made by openssl and ssh-keygen, and what pyca/cryptography and joserfc say of them."""

import base64
import json
import pathlib
import subprocess
import tempfile

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc.jwk import RSAKey

from .kept import kept


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def base64std(data: bytes) -> str:
    return base64.b64encode(data).decode()


def wrapped(text: str, width: int = 64, end: str = "\n") -> str:
    return end.join(text[at : at + width] for at in range(0, len(text), width))


def armour(label: str, der: bytes) -> str:
    return f"-----BEGIN {label}-----\n{wrapped(base64std(der))}\n-----END {label}-----\n"


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def uint(number: int) -> str:
    """Base64urlUInt (RFC 7518 §2)."""
    return base64url(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def run(*command: str, given: bytes = b"") -> bytes:
    return subprocess.run(command, input=given, capture_output=True, check=True).stdout


def openssl(*args: str, given: bytes = b"") -> bytes:
    return run("openssl", *args, given=given)


def genpkey(algorithm: str, **options: object) -> bytes:
    """A new key as PEM of PKCS#8."""
    given = [word for name, value in options.items() for word in ("-pkeyopt", f"{name}:{value}")]
    return openssl("genpkey", "-algorithm", algorithm, *given)


def pkcs8_der(pem: bytes) -> bytes:
    return openssl("pkcs8", "-topk8", "-nocrypt", "-outform", "DER", given=pem)


def spki_der(pem: bytes) -> bytes:
    return openssl("pkey", "-pubout", "-outform", "DER", given=pem)


def prime(bits: int, exponent: int = 65537) -> int:
    """A prime of exactly that size that goes with the exponent."""
    while True:
        number = int(openssl("prime", "-generate", "-bits", str(bits)).split()[0])
        if number.bit_length() == bits and (number - 1) % exponent:
            return number


def modulus(bits: int) -> int:
    """The product of two primes of half that size."""
    return prime(bits // 2) * prime(bits // 2)


def kept_modulus(name: str, bits: int) -> int:
    size = bits // 8
    return int.from_bytes(kept(name, lambda: modulus(bits).to_bytes(size, "big")), "big")


class Key:
    """One RSA key in the forms that all languages write."""

    def __init__(self, pem: bytes) -> None:
        self.pem = pem
        self.private = serialization.load_pem_private_key(self.pem, None)
        self.numbers = self.private.private_numbers()
        self.der = self.private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self.pkcs1 = self.private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        public = self.private.public_key()
        self.spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        self.pkcs1_public = public.public_bytes(Encoding.DER, PublicFormat.PKCS1)
        self.public_pem = openssl("pkey", "-pubout", given=self.pem).decode()
        self.jose = RSAKey.import_key(self.pem)
        self.kid = self.jose.thumbprint()
        self._check()

    def _check(self) -> None:
        """The oracles agree."""
        assert pkcs8_der(self.pem) == self.der
        assert spki_der(self.pem) == self.spki
        theirs = self.jose.as_dict(private=True)
        assert all(theirs[name] == value for name, value in self.jwk_members().items())

    def public_members(self) -> dict[str, str]:
        public = self.numbers.public_numbers
        return {"kty": "RSA", "n": uint(public.n), "e": uint(public.e)}

    def jwk_members(self) -> dict[str, str]:
        n = self.numbers
        secrets = {"d": n.d, "p": n.p, "q": n.q, "dp": n.dmp1, "dq": n.dmq1, "qi": n.iqmp}
        return self.public_members() | {name: uint(value) for name, value in secrets.items()}

    def jwk(self) -> str:
        return compact(self.jwk_members() | self._jwk_purpose())

    def public_jwk(self) -> str:
        return compact(self.public_members() | self._jwk_purpose())

    def _jwk_purpose(self) -> dict[str, str]:
        return {"alg": "RS256", "use": "sig", "kid": self.kid}

    def written(self) -> dict[str, dict[str, object]]:
        """What the vectors' table of keys says of it."""
        common = {"kid": self.kid, "bits": self.private.key_size}
        return {
            "private": {"base64url": base64url(self.der), "pem": self.pem.decode(), "jwk": self.jwk(), **common},
            "public": {"base64url": base64url(self.spki), "pem": self.public_pem, "jwk": self.public_jwk(), **common},
        }


def new_key(bits: int, **options: object) -> bytes:
    return genpkey("RSA", rsa_keygen_bits=bits, **options)


def new_padded_key(bits: int) -> bytes:
    """A key whose DER takes padding and whose text has both characters that tell the alphabets apart."""
    while True:
        key = Key(new_key(bits))
        text = base64url(key.der)
        if len(key.der) % 3 == 1 and "-" in text and "_" in text:
            return key.pem


def key_table() -> dict[str, Key]:
    """The keys that cases call by name."""
    sizes = {"second": 2048, "third": 3072, "fourth": 4096}
    first = {"first": Key(kept("key: first", lambda: new_padded_key(2048)))}
    return first | {name: Key(kept(f"key: {name}", lambda bits=bits: new_key(bits))) for name, bits in sizes.items()}


class Strangers:
    """What people paste instead of an RSA key."""

    def __init__(self, key: Key) -> None:
        self.ec = kept("EC key", lambda: genpkey("EC", ec_paramgen_curve="P-256"))
        self.ed25519 = kept("Ed25519 key", lambda: genpkey("ED25519"))
        self.ed448 = kept("Ed448 key", lambda: genpkey("ED448"))
        self.x25519 = kept("X25519 key", lambda: genpkey("X25519"))
        self.pss = kept("RSA-PSS key", lambda: genpkey("RSA-PSS", rsa_keygen_bits=2048))
        self.dh = kept("Diffie-Hellman key", lambda: genpkey("DH", group="ffdhe2048"))
        self.dh_parameters = kept("Diffie-Hellman parameters", lambda: openssl("dhparam", "-dsaparam", "512"))
        self.dsa = kept("DSA key", new_dsa_key)
        with tempfile.TemporaryDirectory() as directory:
            self._make(pathlib.Path(directory), key)

    def _make(self, place: pathlib.Path, key: Key) -> None:
        path, dsa, certificate, ssh = (str(place / name) for name in ("key.pem", "dsa.pem", "certificate.pem", "ssh"))
        pathlib.Path(path).write_bytes(key.pem)
        pathlib.Path(dsa).write_bytes(self.dsa)
        subject = ["-key", path, "-subj", "/CN=throwaway"]
        password = ["-passout", "pass:throwaway"]
        pkcs8 = ["pkcs8", "-topk8", "-in", path, *password]
        pkcs12 = ["pkcs12", "-export", "-inkey", path, "-in", certificate, *password]
        traditional = ["rsa", "-aes256", "-traditional", "-in", path, *password]
        self.dsa_traditional = openssl("dsa", "-in", dsa)
        self.certificate = kept("certificate", lambda: openssl("req", "-x509", *subject))
        self.request = kept("certificate request", lambda: openssl("req", "-new", *subject))
        pathlib.Path(certificate).write_bytes(self.certificate)
        self.pkcs12 = kept("PKCS#12 archive", lambda: openssl(*pkcs12))
        self.encrypted = kept("encrypted key", lambda: openssl(*pkcs8, "-v2", "aes-256-cbc"))
        self.encrypted_der = kept("encrypted key in DER", lambda: openssl(*pkcs8, "-outform", "DER"))
        self.encrypted_traditional = kept("encrypted key of the old form", lambda: openssl(*traditional))
        self.openssh = kept("OpenSSH key", lambda: new_ssh_key(ssh)).decode()
        pathlib.Path(ssh).write_text(self.openssh)
        pathlib.Path(ssh).chmod(0o600)
        self.openssh_public = run("ssh-keygen", "-y", "-f", ssh).decode()


def new_dsa_key() -> bytes:
    return openssl("pkcs8", "-topk8", "-nocrypt", given=openssl("dsaparam", "-genkey", "1024"))


def new_ssh_key(path: str) -> bytes:
    run("ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "throwaway", "-f", path)
    return pathlib.Path(path).read_bytes()
