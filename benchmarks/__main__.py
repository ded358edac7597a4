"""Everything, one after the other."""

from __future__ import annotations

from importlib import import_module

for question in (
    "startup",
    "tokens",
    "sign_ins",
    "enumeration",
    "rate_limits",
    "sdk_verification",
    "wallet_signatures",
    "token_gates",
    "fastapi_requests",
    "round_trips",
    "subscriptions",
    "testing_tools",
    "pages",
):
    print(f"\n=== {question} ===", flush=True)
    import_module(f"benchmarks.{question}").main()
