"""scout-auth beside PyJWT, joserfc and google-auth, in one run on one key.

    python bench/bench.py

All take turns for several rounds, and a time is the least of them: what the code costs, not what the
machine was doing.
"""

from __future__ import annotations

import itertools
import json
import math
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, TypeVar, cast

import google.auth.crypt
import google.auth.jwt
import jwt
import scout_auth
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.asymmetric import rsa

K = TypeVar("K")
T = TypeVar("T")

ROUNDS = 10
UNITS = {"ms": 1e3, "ns": 1e9}
KEY = scout_auth.PrivateKey.generate()
PEM = KEY.to_pem()
SIGNER = scout_auth.Signer("cred_123", KEY)
HEADER = {"kid": KEY.kid}
LOADED = cast("rsa.RSAPrivateKey", serialization.load_pem_private_key(PEM.encode(), None))
JOSE_KEY = RSAKey.import_key(PEM)
GOOGLE = google.auth.crypt.RSASigner.from_string(PEM, KEY.kid)  # type: ignore[no-untyped-call]
MESSAGE = str(SIGNER.mint()).rpartition(".")[0].encode()


def claims() -> dict[str, object]:
    """Make the claims of a Scout token, as programs that use these libraries must."""
    now = int(time.time())
    return {"iss": "scout", "sub": "cred_123", "iat": now, "exp": now + 300}


def best(measure: Callable[[T], float], works: dict[K, T], rounds: int = ROUNDS) -> dict[K, float]:
    """Measure all in turns, for several rounds, and keep the least of each."""
    measured = [{name: measure(work) for name, work in works.items()} for _ in range(rounds)]
    return {name: min(figures[name] for figures in measured) for name in works}


def seconds(work: Callable[[], object], times: int) -> float:
    """Time one call."""
    begin = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - begin) / times


def seconds_with_threads(work: Callable[[], object], threads: int, times: int) -> float:
    """Time one call while that many threads make calls."""
    running = [threading.Thread(target=seconds, args=(work, times)) for _ in range(threads)]
    begin = time.perf_counter()
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return (time.perf_counter() - begin) / (threads * times)


def gains_of_two_threads() -> dict[str, float]:
    """Measure how many times as fast two threads mint as one.

    Of each the best round counts, and there are many, for two cores are seldom quiet at once. A round takes 50 ms.
    """
    times = {name: max(2, math.ceil(0.05 / seconds(work, 2))) for name, work in MINT.items()}

    def measure(pair: tuple[str, int]) -> float:
        name, threads = pair
        return seconds_with_threads(MINT[name], threads, times[name] // threads)

    figures = best(measure, {pair: pair for pair in itertools.product(MINT, (1, 2))}, 4 * ROUNDS)
    return {name: figures[name, 1] / figures[name, 2] for name in MINT}


def seconds_of_a_start(script: str) -> float:
    """Time from import to the first token in a new interpreter, which reads the key text as its input."""
    program = f"import time; begin = time.perf_counter(); {script}; print(time.perf_counter() - begin)"
    command = [sys.executable, "-c", f"import sys; text = sys.stdin.read(); {program}"]
    text = KEY.to_base64url() if "scout_auth" in script else PEM
    return float(subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout)


MINT: dict[str, Callable[[], object]] = {
    "scout-auth": SIGNER.mint,
    "its engine: the signature alone": lambda: KEY.sign(MESSAGE),
    "cryptography: the signature alone": lambda: LOADED.sign(MESSAGE, padding.PKCS1v15(), SHA256()),
    "PyJWT, PEM": lambda: jwt.encode(claims(), PEM, "RS256", HEADER),
    "PyJWT, loaded key": lambda: jwt.encode(claims(), LOADED, "RS256", HEADER),
    "joserfc": lambda: joserfc_jwt.encode({"alg": "RS256", **HEADER}, claims(), JOSE_KEY),
    "google-auth": lambda: google.auth.jwt.encode(GOOGLE, claims()),  # type: ignore[no-untyped-call]
}
CURRENT: dict[str, Callable[[], object]] = {
    "token()": SIGNER.token,
    "authorization()": SIGNER.authorization,
    "authorization_for(url)": lambda: SIGNER.authorization_for("https://api.scoutos.com/v2/workflows"),
}
NOW = "int(__import__('time').time())"
START = {
    "scout-auth": "import scout_auth; scout_auth.Signer('cred_123', text).token()",
    "PyJWT": f"import jwt; jwt.encode({{'iat': {NOW}}}, text, 'RS256')",
    "joserfc": "from joserfc import jwt, jwk; "
    f"jwt.encode({{'alg': 'RS256'}}, {{'iat': {NOW}}}, jwk.RSAKey.import_key(text))",
    "google-auth": "import google.auth.crypt as c, google.auth.jwt as j; "
    f"j.encode(c.RSASigner.from_string(text), {{'iat': {NOW}}})",
}


def show(title: str, figures: dict[str, float], unit: str) -> None:
    """Print the seconds in another unit, each with its ratio to the first."""
    print(f"\n{title}")
    first = next(iter(figures.values()))
    for name, figure in figures.items():
        print(f"  {name:34}{figure * UNITS[unit]:10.3f} {unit}{figure / first:9.2f} x")


def main() -> None:
    """Run everything."""
    versions = {name: sys.modules[name].__version__ for name in ("jwt", "joserfc", "google.auth", "scout_auth")}
    print(sys.version.split()[0], json.dumps(versions))
    show("mint one token", best(lambda work: seconds(work, 20), MINT), "ms")
    show("the current token", best(lambda work: seconds(work, 100_000), CURRENT), "ns")
    show("start: import, read the key, mint", best(seconds_of_a_start, START), "ms")
    print("\nmint: how many times as fast two threads are as one")
    for name, gain in gains_of_two_threads().items():
        print(f"  {name:34}{gain:10.2f} x")


if __name__ == "__main__":
    main()
