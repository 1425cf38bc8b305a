# SPDX-License-Identifier: Apache-2.0
"""The record format CVF1 a second time, independent of host/credential/record.cpp.

  record_vectors.py write FILE   makes vectors from fixed inputs
  record_vectors.py check FILE   opens every record of the file
Needs the Python package cryptography; only people who change the format run it.
"""
import hashlib
import hmac
import json
import struct
import sys

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FIELDS = ["purpose", "installation", "tenant", "user", "connection", "provider", "subject", "scopes"]


def field(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def place(binding: dict) -> bytes:
    out = field(b"portico-vault") + b"\x01"
    for name in FIELDS:
        value = binding.get(name, "")
        out += field(bytes.fromhex(value) if name == "scopes" else value.encode())
    return out + struct.pack(">Q", binding.get("version", 0))


def derive(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    out = HKDF(hashes.SHA256(), 64, salt, b"portico-vault/v1/1/enc+commit").derive(key)
    return out[:32], out[32:]


def seal(vector: dict, salt: bytes, nonce: bytes) -> bytes:
    record_key, commitment = derive(bytes.fromhex(vector["key"]), salt)
    head = (b"CV\x01\x01" + struct.pack(">I", vector["key_version"]) + bytes.fromhex(vector["key_id"]) + salt + commitment + nonce)
    plain = bytes.fromhex(vector["plaintext"]) + b"\x80"
    plain += b"\0" * (-len(plain) % 256)
    return head + AESGCM(record_key).encrypt(nonce, plain, head + place(vector["binding"]))


def unseal(vector: dict) -> bytes:
    record = bytes.fromhex(vector["record"])
    head = record[:100]
    record_key, commitment = derive(bytes.fromhex(vector["key"]), head[24:56])
    assert hmac.compare_digest(commitment, head[56:88])
    plain = AESGCM(record_key).decrypt(head[88:100], record[100:], head + place(vector["binding"])).rstrip(b"\0")
    assert plain[-1:] == b"\x80"
    return plain[:-1]


def fixed(label: str, size: int) -> bytes:
    return hashlib.shake_256(label.encode()).digest(size)


def vectors() -> list:
    out = []
    for i, size in enumerate([0, 1, 100, 255, 256, 512, 2048]):
        vector = {
            "key": fixed(f"key {i}", 32).hex(), "key_id": fixed(f"id {i}", 16).hex(), "key_version": i + 1,
            "plaintext": fixed(f"plaintext {i}", size).hex(),
            "binding": {} if i == 0 else {
                "purpose": "refresh_token", "installation": "inst", "tenant": f"tenant{i}", "user": "u\u00e9", "connection": "c" * i,
                "provider": "google", "subject": "s", "scopes": hashlib.sha256(b"scopes").hexdigest(), "version": 2 ** (8 * i) - 1},
        }
        vector["record"] = seal(vector, fixed(f"salt {i}", 32), fixed(f"nonce {i}", 12)).hex()
        out.append(vector)
    return out


if __name__ == "__main__":
    action, path = sys.argv[1:]
    if action == "write":
        with open(path, "w", encoding="ascii") as file:
            json.dump(vectors(), file, indent=1)
            file.write("\n")
    for item in json.load(open(path, encoding="ascii")):
        assert unseal(item) == bytes.fromhex(item["plaintext"])
    print("all records open")
