"""The cost of verifying a session token, compared with a bare RSA verification.

    python benchmarks/sdk_verification.py [--rounds 7] [--json]

CPU time of this thread, best of several rounds, all in one run; one row is by the clock. The yardstick is a
bare RSA-2048 verification by `cryptography`; the official Python SDK authenticates the same cookie requests
for comparison. A token is fresh when it is seen for the first time; a browser sends the same one for up to a
minute.
"""

import argparse
import base64
import json
import time
from collections.abc import Callable, Sequence
from itertools import cycle

import httpx
from clerk_backend_api.security import authenticate_request
from clerk_backend_api.security.types import AuthenticateRequestOptions
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from greffier.sdk.authentication.authenticate import Authenticator
from greffier.sdk.http.auth_request import AuthRequest
from greffier.sdk.keys import cookie_suffix, encode_publishable_key
from greffier.sdk.options import AuthOptions
from greffier.sdk.steps import run
from greffier.sdk.tokens.jwt import REMEMBERED_TOKENS, PemKey, TokenRules, TokenVerifier, decode_jwt

HOST = "clerk.example.com"
ORIGIN = "https://app.example.com"
PUBLISHABLE_KEY = encode_publishable_key(HOST, live=True)

#: Goals: full verification over bare RSA; official SDK over ours.
VERIFICATION_GOAL, AUTHENTICATION_GOAL = 2.2, 3.5
#: Microseconds that 99 of 100 verifications may take.
SLOWEST_GOAL = 1000
#: More than the SDK remembers, so that none is remembered when its turn comes again.
FRESH_TOKENS = REMEMBERED_TOKENS + 100


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the best counts")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    arguments = parser.parse_args()
    results = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps(results))
    else:
        report(results)


def measure(rounds: int) -> dict[str, float]:
    """Microseconds of CPU per operation, by name."""
    key = rsa.generate_private_key(65537, 2048)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()
    tokens = [session_token(key, number) for number in range(FRESH_TOKENS)]
    operations: dict[str, Callable[[], object]] = {
        "bare": bare_verification(key, tokens[0]),
        "verify_fresh": full_verification(pem, tokens),
        "verify_seen": full_verification(pem, tokens[:1]),
        "authenticate_fresh": our_authentication(pem, tokens),
        "authenticate_seen": our_authentication(pem, tokens[:1]),
        "asgi_seen": our_authentication_from_asgi(pem, tokens[0]),
        "official": official_authentication(pem, tokens),
    }
    best = dict.fromkeys(operations, float("inf"))
    for _ in range(rounds):  # all of them in each round, so that a slow moment hits all alike
        for name, operation in operations.items():
            best[name] = min(best[name], cpu_microseconds(operation))
    best["verify_fresh_p99"] = slow_microseconds(operations["verify_fresh"])
    return best


def report(best: dict[str, float]) -> None:
    """A table with the ratios that matter."""
    verification = best["verify_fresh"] / best["bare"]
    fresh = best["official"] / best["authenticate_fresh"]
    seen = best["official"] / best["authenticate_seen"]
    verification_goal = f"goal <= {VERIFICATION_GOAL}: {met(verification <= VERIFICATION_GOAL)}"
    slowest_goal = f"goal < {SLOWEST_GOAL}: {met(best['verify_fresh_p99'] < SLOWEST_GOAL)}"
    rows = [
        ("bare", "bare RSA-2048 verification (cryptography)", ""),
        ("verify_fresh", "all checks of a fresh token", f"{verification:.2f} x bare, {verification_goal}"),
        ("verify_fresh_p99", "the same by the clock, 99 of 100 at most", slowest_goal),
        ("verify_seen", "all checks of a token seen before", ""),
        ("official", "clerk-backend-api: a cookie request", ""),
        ("authenticate_fresh", "ours: the same, fresh token", faster(fresh)),
        ("authenticate_seen", "ours: the same, token seen before", faster(seen)),
        ("asgi_seen", "ours: from an ASGI scope to auth object", ""),
    ]
    print("microseconds of CPU per operation, best of the rounds")
    for name, description, remark in rows:
        print(f"  {description:44}{best[name]:8.1f}   {remark}".rstrip())


def faster(ratio: float) -> str:
    """The ratio to the official SDK, compared with the goal."""
    return f"{ratio:.2f} x faster, goal >= {AUTHENTICATION_GOAL}: {met(ratio >= AUTHENTICATION_GOAL)}"


def met(goal: bool) -> str:
    """One word for a table."""
    return "met" if goal else "MISSED"


def cpu_microseconds(operation: Callable[[], object], count: int = 400) -> float:
    """CPU time of one operation, averaged over `count`."""
    operation()
    start = time.thread_time()
    for _ in range(count):
        operation()
    return (time.thread_time() - start) / count * 1e6


def slow_microseconds(operation: Callable[[], object], count: int = 5000) -> float:
    """The 99th percentile of what one operation takes by the clock."""
    times: list[float] = []
    for _ in range(count):
        start = time.perf_counter()
        operation()
        times.append(time.perf_counter() - start)
    return sorted(times)[count * 99 // 100] * 1e6


def session_token(key: rsa.RSAPrivateKey, number: int) -> str:
    """A session token as a server would mint it, good for five minutes."""
    now = int(time.time())
    header = {
        "alg": "RS256",
        "cat": "cl_B7d4PD111AAA",
        "kid": "ins_2abcdefghijklmnopqrstuvwxyz",
        "typ": "JWT",
    }
    claims = {
        "azp": ORIGIN,
        "exp": now + 295,
        "fva": [0, -1],
        "iat": now,
        "iss": f"https://{HOST}",
        "jti": f"{number:020x}",
        "nbf": now - 10,
        "sid": "sess_2abcdefghijklmnopqrstuvwxyz",
        "sts": "active",
        "sub": "user_2abcdefghijklmnopqrstuvwxyz",
        "v": 2,
    }
    signed = f"{base64url(json.dumps(header).encode())}.{base64url(json.dumps(claims).encode())}"
    return f"{signed}.{base64url(key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def base64url(value: bytes) -> str:
    """Unpadded base64url."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def browser_headers(token: str) -> dict[str, str]:
    """The headers of a fetch by a signed-in browser in production."""
    suffix = cookie_suffix(PUBLISHABLE_KEY)
    uat = str(int(time.time()) - 60)
    cookies = {
        "__client_uat": uat,
        f"__client_uat_{suffix}": uat,
        "__session": token,
        f"__session_{suffix}": token,
    }
    return {
        "host": "app.example.com",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36",
        "accept": "*/*",
        "accept-language": "en-GB,en;q=0.9",
        "sec-fetch-dest": "empty",
        "sec-fetch-mode": "cors",
        "sec-fetch-site": "same-origin",
        "referer": f"{ORIGIN}/reports",
        "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
    }


def bare_verification(key: rsa.RSAPrivateKey, token: str) -> Callable[[], object]:
    """Nothing but the signature, decoded and parsed beforehand."""
    decoded = decode_jwt(token)
    public, scheme, digest = key.public_key(), padding.PKCS1v15(), hashes.SHA256()
    return lambda: public.verify(decoded.signature, decoded.signed, scheme, digest)


def full_verification(pem: str, tokens: Sequence[str]) -> Callable[[], object]:
    """Everything that is checked of a token, from its text on."""
    rules = TokenRules(authorized_parties=frozenset({ORIGIN}), issuers=frozenset({f"https://{HOST}"}))
    verifier = TokenVerifier(PemKey(pem), rules)
    turn = cycle(tokens)
    return lambda: run(verifier.verify(verifier.decode(next(turn))))


def authenticator(pem: str) -> Authenticator:
    """Ours, networkless."""
    options = AuthOptions(publishable_key=PUBLISHABLE_KEY, jwt_key=pem, authorized_parties=[ORIGIN])
    return Authenticator(options)


def our_authentication(pem: str, tokens: Sequence[str]) -> Callable[[], object]:
    """Cookie requests known by URL and headers, as the official SDK gets them."""
    ours, url = authenticator(pem), f"{ORIGIN}/api/reports?page=2"
    turn = cycle([browser_headers(token) for token in tokens])

    def authenticate() -> object:
        state = ours.authenticate(AuthRequest.from_url("GET", url, next(turn).items()))
        assert state.is_signed_in, state.reason
        return state

    return authenticate


def our_authentication_from_asgi(pem: str, token: str) -> Callable[[], object]:
    """The same request as the middleware gets it, up to the auth object that the app sees."""
    ours = authenticator(pem)
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "https",
        "path": "/api/reports",
        "raw_path": b"/api/reports",
        "query_string": b"page=2",
        "server": ("127.0.0.1", 8000),
        "headers": [(name.encode(), value.encode()) for name, value in browser_headers(token).items()],
    }

    def authenticate() -> object:
        auth = ours.authenticate(AuthRequest.from_asgi(scope)).to_auth()
        assert auth.user_id
        return auth

    return authenticate


def official_authentication(pem: str, tokens: Sequence[str]) -> Callable[[], object]:
    """The official Python SDK, networkless too."""
    options = AuthenticateRequestOptions(jwt_key=pem, authorized_parties=[ORIGIN])
    url = f"{ORIGIN}/api/reports?page=2"
    turn = cycle([httpx.Request("GET", url, headers=browser_headers(token)) for token in tokens])

    def authenticate() -> object:
        state = authenticate_request(next(turn), options)
        assert state.is_signed_in, state.reason
        return state

    return authenticate


if __name__ == "__main__":
    main()
