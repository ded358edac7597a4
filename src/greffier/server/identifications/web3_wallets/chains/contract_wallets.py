"""Wallets of Ethereum that are contracts. The contract says whether a signature is valid (EIP-1271), even
before it is deployed (EIP-6492)."""

from __future__ import annotations

from typing import NamedTuple

from greffier.server.identifications.web3_wallets.chains.balances import RpcCall

_IS_VALID_SIGNATURE = bytes.fromhex("1626ba7e")
"""`isValidSignature(bytes32,bytes)`, and what it returns for a valid one."""
_VALID = "0x" + _IS_VALID_SIGNATURE.hex() + "00" * 28
_UNDEPLOYED = bytes.fromhex("6492" * 16)
"""The end of a signature by a contract that is not deployed yet."""
_WORD = 32


class Deployment(NamedTuple):
    """The call that deploys a wallet, before its signature is checked."""

    factory: bytes
    data: bytes
    signature: bytes


def validity_call(address: str, digest: bytes, signature: bytes) -> RpcCall:
    """Returns the question whether a contract takes a signature for valid. Nothing is written to the chain.

    Args:
        address: of the contract, in lower case.
    """
    deployment = read_deployment(signature)
    if deployment is None:
        data = _question(digest, signature)
        return RpcCall("eth_call", [{"to": address, "data": "0x" + data.hex()}, "latest"])
    data = _deploy_and_ask(bytes.fromhex(address[2:]), _question(digest, deployment.signature), deployment)
    return RpcCall("eth_call", [{"data": "0x" + data.hex()}, "latest"])


def is_valid(answer: object) -> bool:
    """Returns whether an answer to that says so. No contract, or one that fails, says something else."""
    return answer == _VALID


def read_deployment(signature: bytes) -> Deployment | None:
    """Returns the parts of a signature by EIP-6492; `None` if it is none, or is malformed."""
    if not signature.endswith(_UNDEPLOYED):
        return None
    wrapped = signature[: -len(_UNDEPLOYED)]
    data, inner = bytes_at(wrapped, 1), bytes_at(wrapped, 2)
    if data is None or inner is None:
        return None
    return Deployment(wrapped[12:_WORD], data, inner)


def bytes_at(encoded: bytes, position: int) -> bytes | None:
    """Returns an argument of type `bytes` (contract ABI specification); `None` where it would not fit."""
    start = int.from_bytes(encoded[position * _WORD : (position + 1) * _WORD])
    size = int.from_bytes(encoded[start : start + _WORD])
    found = encoded[start + _WORD : start + _WORD + size]
    return found if len(found) == size and start + _WORD <= len(encoded) else None


def _question(digest: bytes, signature: bytes) -> bytes:
    """Returns the data of a call of `isValidSignature`."""
    padding = b"\0" * (-len(signature) % _WORD)
    head = digest + _number(2 * _WORD) + _number(len(signature))
    return _IS_VALID_SIGNATURE + head + signature + padding


def _number(number: int) -> bytes:
    return number.to_bytes(_WORD)


def _deploy_and_ask(wallet: bytes, question: bytes, deployment: Deployment) -> bytes:
    """Returns creation code that calls the factory, asks the wallet, and returns its answer: 32 bytes, or
    nothing if the wallet failed or gave another number of bytes. A factory that fails, for example because
    the wallet is there by now, does not matter.

    The answer is written behind both data in memory, where nothing else was: the data of the question begin
    with the answer for valid signatures.
    """
    answer = -(-max(len(deployment.data), len(question)) // _WORD) * _WORD

    def code(data_at: int) -> bytes:
        question_at = data_at + len(deployment.data)
        return b"".join(
            [
                _copy(data_at, len(deployment.data)),
                # CALL: no value, no answer; POP
                _push(0, 0, len(deployment.data), 0, 0) + b"\x73" + deployment.factory + b"\x5a\xf1\x50",
                _copy(question_at, len(question)),
                # STATICCALL: the answer of one word
                _push(_WORD, answer, len(question), 0) + b"\x73" + wallet + b"\x5a\xfa",
                # RETURNDATASIZE EQ 32, AND success, times 32: the size; RETURN
                b"\x3d" + _push(_WORD) + b"\x14\x16" + _push(_WORD) + b"\x02" + _push(answer) + b"\xf3",
            ]
        )

    return code(len(code(0))) + deployment.data + question


def _push(*numbers: int) -> bytes:
    """PUSH2 for each, the last one on top."""
    return b"".join(b"\x61" + number.to_bytes(2) for number in numbers)


def _copy(start: int, size: int) -> bytes:
    """CODECOPY to the beginning of the memory."""
    return _push(size, start, 0) + b"\x39"
