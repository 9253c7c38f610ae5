"""One start to the first token, by the library that the argument names."""

import os
import sys

name = sys.argv[1]
if name == "scout-auth":
    import scout_auth

    print(scout_auth.Signer.from_env().token())
elif name == "floor":
    # The folder of the library is in PYTHONPATH.
    import floor

    print(floor.__name__)
elif name != "bare":
    import time

    pem = os.environ["BENCH_PEM"]
    now = int(time.time())
    claims = {"iss": "scout", "sub": "cred_bench", "iat": now, "exp": now + 300}
    if name == "cryptography":
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import padding
        from cryptography.hazmat.primitives.hashes import SHA256

        key = serialization.load_pem_private_key(pem.encode(), None)
        print(key.sign(b"x" * 220, padding.PKCS1v15(), SHA256()).hex())
    elif name == "PyJWT":
        import jwt

        print(jwt.encode(claims, pem, "RS256"))
    elif name == "joserfc":
        from joserfc import jwk, jwt

        print(jwt.encode({"alg": "RS256"}, claims, jwk.RSAKey.import_key(pem)))
    elif name == "Authlib":
        from authlib.jose import jwt

        print(jwt.encode({"alg": "RS256"}, claims, pem).decode())
    elif name == "python-jose":
        from jose import jwt

        print(jwt.encode(claims, pem, "RS256"))
    elif name == "google-auth":
        import google.auth.crypt
        import google.auth.jwt

        print(google.auth.jwt.encode(google.auth.crypt.RSASigner.from_string(pem), claims).decode())
    else:
        sys.exit(f"unknown library {name}")
