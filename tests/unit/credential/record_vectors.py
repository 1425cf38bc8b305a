# SPDX-License-Identifier: Apache-2.0
"""The vault's cryptography a second time, on another library (python3-cryptography) and from the description alone: the
record format CVF1 (host/credential/record.h), the hierarchy of keys (keys.h) and what hangs on it (grants.h).

  record_vectors.py write FILE    makes the vectors: the standards' own, and sealed ones from fixed inputs
  record_vectors.py check FILE    proves every vector
  record_vectors.py vault FOLDER  opens a real vault (vault.key and vault.db): prints what is sealed in it, as JSON
  record_vectors.py clients FOLDER  the same for the OAuth clients of the installation
"""
import base64
import hashlib
import hmac
import json
import sqlite3
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FIELDS = ["purpose", "installation", "tenant", "user", "connection", "provider", "subject", "scopes"]


# ---- the record ------------------------------------------------------------------------------------------------------
def field(value: bytes) -> bytes:
    return struct.pack(">H", len(value)) + value


def place(binding: dict) -> bytes:
    out = field(b"portico-vault") + b"\x01"
    for name in FIELDS:
        value = binding.get(name, "")
        out += field(bytes.fromhex(value) if name == "scopes" else value.encode())
    return out + struct.pack(">Q", binding.get("version", 0))


def hkdf(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(key)


def derive(key: bytes, salt: bytes) -> tuple[bytes, bytes]:
    out = hkdf(key, salt, b"portico-vault/v1/1/enc+commit", 64)
    return out[:32], out[32:]


def head_of(key: dict, salt: bytes, commitment: bytes, nonce: bytes) -> bytes:
    return b"CV\x01\x01" + struct.pack(">I", key["version"]) + bytes.fromhex(key["id"]) + salt + commitment + nonce


def seal(key: dict, binding: dict, plain: bytes, label: str) -> str:
    salt, nonce = fixed("salt " + label, 32), fixed("nonce " + label, 12)
    record_key, commitment = derive(bytes.fromhex(key["secret"]), salt)
    head = head_of(key, salt, commitment, nonce)
    padded = plain + b"\x80"
    padded += b"\0" * (-len(padded) % 256)
    return (head + AESGCM(record_key).encrypt(nonce, padded, head + place(binding))).hex()


class Refused(Exception):
    pass


def unseal(key: dict, binding: dict, record: bytes) -> bytes:
    head = record[:100]
    if head[:4] != b"CV\x01\x01" or head[8:24].hex() != key["id"]:
        raise Refused("format or key")
    record_key, commitment = derive(bytes.fromhex(key["secret"]), head[24:56])
    if not hmac.compare_digest(commitment, head[56:88]):
        raise Refused("commitment")
    try:
        plain = AESGCM(record_key).decrypt(head[88:100], record[100:], head + place(binding)).rstrip(b"\0")
    except InvalidTag as error:
        raise Refused("tag") from error
    if plain[-1:] != b"\x80":
        raise Refused("padding")
    return plain[:-1]


# ---- the hierarchy ---------------------------------------------------------------------------------------------------
def key_of_file(text: str) -> dict:
    words = text.splitlines()[0].split(" ")
    assert words[:2] == ["portico-vault-key", "1"]
    secret = base64.urlsafe_b64decode(words[3] + "=" * (-len(words[3]) % 4))
    return {"id": words[2], "version": int(words[4]) if len(words) > 4 else 1, "secret": secret.hex()}


def scopes_digest(scopes: list) -> str:
    return hashlib.sha256(b"".join(field(scope.encode()) for scope in sorted(set(scopes)))).hexdigest()


class Opened:
    """What a connection's rows hold, opened from the root key down. Rows are dicts of text, with sealed values in hex."""

    def __init__(self, key_file: str, facts: dict, tenant: dict):
        self.root, self.installation, self.tenant = key_of_file(key_file), bytes.fromhex(facts["installation"]).decode(), tenant["id"]
        assert unseal(self.root, self.bind("key_check", tenant=""), bytes.fromhex(facts["key_check"])) == b"portico"
        plain = unseal(self.root, self.bind("tenant_key", version=tenant["version"]), bytes.fromhex(tenant["sealed"]))
        self.key = {"id": tenant["key_id"], "version": tenant["version"], "secret": plain[:32].hex()}
        self.index = plain[32:]

    def bind(self, purpose: str, **more) -> dict:
        return {"purpose": purpose, "installation": self.installation, "tenant": self.tenant, **more}

    def connection(self, purpose: str, row: dict, **more) -> dict:
        provider = row["provider"] + (" " + row["server"] if row["server"] else "")
        return self.bind(purpose, user=row["user"], connection=row["id"], provider=provider, subject=row["subject_key"], **more)

    def account(self, row: dict) -> dict:
        return json.loads(unseal(self.key, self.connection("account", row), bytes.fromhex(row["account_sealed"])))

    def token(self, row: dict) -> bytes:
        plain = unseal(self.key, self.bind("conn_key", user=row["user"], connection=row["id"], version=1), bytes.fromhex(row["key_sealed"]))
        key = {"id": plain[:16].hex(), "version": 1, "secret": plain[16:].hex()}
        purpose = "password" if row["server"] else "refresh_token"
        binding = self.connection(purpose, row, scopes=scopes_digest(row["granted"]), version=row["record_version"])
        return unseal(key, binding, bytes.fromhex(row["token_sealed"]))

    def revocation_key(self) -> dict:
        return {**self.key, "secret": hkdf(bytes.fromhex(self.key["secret"]), b"", b"portico-vault/v1/revocation", 32).hex()}

    def revocation(self, row: dict) -> bytes:
        return unseal(self.revocation_key(), self.bind("revocation_only", user=row["user"], connection=row["id"]), bytes.fromhex(row["sealed"]))

    def index_key(self, kind: str, value: str) -> str:
        return hmac.new(self.index, kind.encode() + b"\0" + value.encode(), hashlib.sha256).hexdigest()


def rows_and_facts(folder: Path) -> tuple:
    db = sqlite3.connect(f"file:{folder / 'vault.db'}?mode=ro", uri=True)
    db.row_factory = lambda cursor, row: {c[0]: v.hex() if isinstance(v, bytes) else v for c, v in zip(cursor.description, row)}
    return db, {row["name"]: row["value"] for row in db.execute("SELECT name, value FROM vault_facts")}


# The installation's own OAuth clients hang on the root key itself.
def open_clients(folder: Path) -> list:
    db, facts = rows_and_facts(folder)
    root, installation = key_of_file((folder / "vault.key").read_text(encoding="ascii")), bytes.fromhex(facts["installation"]).decode()
    out = []
    for row in db.execute("SELECT provider, client_id, version, sealed FROM oauth_clients"):
        binding = {"purpose": "oauth_client", "installation": installation, "provider": row["provider"], "subject": row["client_id"], "version": row["version"]}
        out.append({"client": row["client_id"], "secret": unseal(root, binding, bytes.fromhex(row["sealed"])).decode()})
    return out


def open_vault(folder: Path) -> list:
    db, facts = rows_and_facts(folder)
    out = []
    for tenant in db.execute("SELECT tenant_id AS id, version, key_id, sealed FROM tenant_keys").fetchall():
        opened = Opened((folder / "vault.key").read_text(encoding="ascii"), facts, tenant)
        for row in db.execute(
            "SELECT c.id, c.user_id AS user, plugin_id, provider, server, subject_key, account_sealed, granted, record_version, key_sealed, "
            "token_sealed FROM connections c JOIN grants g ON g.tenant_id = c.tenant_id AND g.connection_id = c.id WHERE c.tenant_id = ?",
            (tenant["id"],)):
            row["granted"] = json.loads(row["granted"])
            out.append({"connection": row["id"], "plugin": row["plugin_id"], "account": opened.account(row)["email"], "token": opened.token(row).decode()})
    return out


# ---- vectors ---------------------------------------------------------------------------------------------------------
def fixed(label: str, size: int) -> bytes:
    return hashlib.shake_256(label.encode()).digest(size)


def gcm_vectors() -> list:
    key = "feffe9928665731c6d6a8f9467308308" * 2
    plain = ("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
             "b16aedf5aa0de657ba637b391aafd255")
    sealed = ("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
              "c5f61e6393ba7a0abcc9f662898015ad")
    rows = [  # source, key, nonce, additional, plain, ciphertext, tag
        ("GCM specification, test case 13", "00" * 32, "00" * 12, "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        ("GCM specification, test case 14", "00" * 32, "00" * 12, "", "00" * 16, "cea7403d4d606b6e074ec5d3baf39d18", "d0d1c8a799996bf0265b98b5d48ab919"),
        ("GCM specification, test case 15", key, "cafebabefacedbaddecaf888", "", plain, sealed, "b094dac5d93471bdec1a502270e3cc6c"),
        ("GCM specification, test case 16", key, "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", plain[:-8], sealed[:-8],
         "76fc6ece0f4e1768cddf8853bb2d551b"),
        ("NIST CAVS gcmEncryptExtIV256, no text", "b52c505a37d78eda5dd34f20c22540ea1b58963cf8e5bf8ffa85f9f2492505b4", "516c33929df5a3284ff463d7", "", "",
         "", "bdc1ac884d332457a1d2664f168c76f0"),
        ("NIST CAVS gcmEncryptExtIV256, one block", "31bdadd96698c204aa9ce1448ea94ae1fb4a9a0b3c9d773b51bb1822666b8f22", "0d18e06c7c725ac9e362e1ce", "",
         "2db5168e932556f8089a0622981d017d", "fa4362189661d163fcd6a56d8bf0405a", "d636ac1bbedd5cc3ee727dc2ab4a9489"),
        ("NIST CAVS gcmEncryptExtIV256, additional data alone", "78dc4e0aaf52d935c3c01eea57428f00ca1fd475f5da86a49c8dd73d68c8e223",
         "d79cf22d504cc793c3fb6c8a", "b96baa8c1c75a671bfb2d08d06be5f36", "", "", "3e5d486aa2e30b22e040b85723a06e76"),
    ]
    return [{"source": s, "key": k, "nonce": n, "additional": a, "plain": p, "sealed": c + t} for s, k, n, a, p, c, t in rows]


def hkdf_vectors() -> list:
    return [
        {"source": "RFC 5869, A.1", "key": "0b" * 22, "salt": "000102030405060708090a0b0c", "info": "f0f1f2f3f4f5f6f7f8f9",
         "out": "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
        {"source": "RFC 5869, A.2", "key": bytes(range(0x50)).hex(), "salt": bytes(range(0x60, 0xb0)).hex(), "info": bytes(range(0xb0, 0x100)).hex(),
         "out": "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71"
                "cc30c58179ec3e87c14c01d5c1f3434f1d87"},
        {"source": "RFC 5869, A.3", "key": "0b" * 22, "salt": "", "info": "",
         "out": "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
    ]


def record_vectors() -> list:
    out = []
    for i, size in enumerate([0, 1, 100, 255, 256, 512, 2048]):
        key = {"id": fixed(f"id {i}", 16).hex(), "version": i + 1, "secret": fixed(f"key {i}", 32).hex()}
        binding = {} if i == 0 else {
            "purpose": "refresh_token", "installation": "inst", "tenant": f"tenant{i}", "user": "u\u00e9", "connection": "c" * i,
            "provider": "google", "subject": "s", "scopes": hashlib.sha256(b"scopes").hexdigest(), "version": 2 ** (8 * i) - 1}
        plain = fixed(f"plaintext {i}", size)
        out.append({"key": key, "binding": binding, "plain": plain.hex(), "record": seal(key, binding, plain, str(i))})
    return out


def hierarchy() -> dict:
    secret = base64.urlsafe_b64encode(fixed("root", 32)).decode().rstrip("=")
    key_file = f"portico-vault-key 1 {fixed('root id', 16).hex()} {secret} 3\n"
    root, installation = key_of_file(key_file), fixed("installation", 16).hex()
    tenant_key = {"id": fixed("tenant id", 16).hex(), "version": 2, "secret": fixed("tenant", 32).hex()}
    bind = lambda purpose, **more: {"purpose": purpose, "installation": installation, **more}  # noqa: E731
    facts = {"installation": installation.encode().hex(), "key_check": seal(root, bind("key_check"), b"portico", "check")}
    tenant = {"id": "tenant-1", "version": 2, "key_id": tenant_key["id"],
              "sealed": seal(root, bind("tenant_key", tenant="tenant-1", version=2), fixed("tenant", 32) + fixed("index", 32), "tenant")}
    connections = []
    for i, (provider, server, granted) in enumerate([("google", "", ["https://a.example/1", "https://b.example/2"]), ("basic", "dav.lan:5232", [])]):
        row = {"id": f"connection-{i}", "user": "user-1", "provider": provider, "server": server, "subject_key": f"sub:{i}", "granted": granted,
               "record_version": 7 + i, "token": f"1//token-{i}", "email": f"zoe{i}@example.com"}
        of = lambda purpose, **more: bind(purpose, tenant="tenant-1", user="user-1", connection=row["id"], **more)  # noqa: E731
        where = {"provider": (provider + " " + server).strip(), "subject": row["subject_key"]}
        key = {"id": fixed(f"conn id {i}", 16).hex(), "version": 1, "secret": fixed(f"conn {i}", 32).hex()}
        row["account_sealed"] = seal(tenant_key, of("account", **where), json.dumps({"sub": "s", "email": row["email"]}).encode(), f"account {i}")
        row["key_sealed"] = seal(tenant_key, of("conn_key", version=1), bytes.fromhex(key["id"] + key["secret"]), f"conn {i}")
        row["token_sealed"] = seal(key, of("password" if server else "refresh_token", **where, scopes=scopes_digest(granted), version=7 + i),
                                   row["token"].encode(), f"token {i}")
        connections.append(row)
    opened = Opened(key_file, facts, tenant)
    revocation = {"id": "revocation-1", "user": "user-1", "token": "1//ended"}
    revocation["sealed"] = seal(opened.revocation_key(), bind("revocation_only", tenant="tenant-1", user="user-1", connection="revocation-1"),
                                b"1//ended", "revocation")
    return {"key_file": key_file, "facts": facts, "tenant": tenant, "connections": connections, "revocation": revocation,
            "index": {"kind": "email", "value": "zoe@example.com", "out": opened.index_key("email", "zoe@example.com")}}


# A record that AES-GCM opens under two keys ("invisible salamander", Dodis et al. 2018): without the commitment, whoever knows
# both could say later that it always held the other text.
def times(x: int, y: int) -> int:  # in GF(2^128) as GCM has it: the first bit is the coefficient of 1
    z = 0
    for i in range(127, -1, -1):
        if y >> i & 1:
            z ^= x
        x = (x >> 1) ^ (0xe1 << 120 if x & 1 else 0)
    return z


def inverse(x: int) -> int:
    out, power = 1 << 127, x
    for _ in range(127):  # x^(2^128 - 2)
        power = times(power, power)
        out = times(out, power)
    return out


def two_keys() -> dict:
    binding = {"purpose": "refresh_token", "tenant": "t"}
    keys = [{"id": fixed("both", 16).hex(), "version": 1, "secret": fixed(f"salamander {i}", 32).hex()} for i in (1, 2)]
    nonce = fixed("nonce salamander", 12)
    block = lambda key, data: Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(data)  # noqa: E731
    for attempt in range(10000):
        salt = fixed(f"salt salamander {attempt}", 32)
        derived = [derive(bytes.fromhex(key["secret"]), salt) for key in keys]
        streams = [b"".join(block(k, nonce + struct.pack(">I", i + 2)) for i in range(16)) for k, _ in derived]
        if streams[0][-1] == streams[1][-1]:  # so that both texts end with the mark of the padding
            break
    text = bytearray(a ^ b for a, b in zip(streams[0], b"the first text".ljust(255, b".") + b"\x80"))
    head = head_of(keys[0], salt, derived[0][1], nonce)
    additional = head + place(binding)
    lengths = struct.pack(">QQ", len(additional) * 8, len(text) * 8)

    def ghash(h: int, data: bytes) -> int:
        y = 0
        for at in range(0, len(data), 16):
            y = times(y ^ int.from_bytes(data[at:at + 16].ljust(16, b"\0"), "big"), h)
        return y

    hashing = [int.from_bytes(block(k, b"\0" * 16), "big") for k, _ in derived]
    text[:16] = b"\0" * 16  # the block that is solved for: 15 blocks and the lengths follow it
    whole = additional + b"\0" * (-len(additional) % 16) + bytes(text) + lengths
    tags = [ghash(h, whole) ^ int.from_bytes(block(k, nonce + b"\0\0\0\1"), "big") for h, (k, _) in zip(hashing, derived)]
    powers = []
    for h in hashing:
        power = h
        for _ in range(16):
            power = times(power, h)
        powers.append(power)
    solved = times(tags[0] ^ tags[1], inverse(powers[0] ^ powers[1]))
    text[:16] = solved.to_bytes(16, "big")
    tag = tags[0] ^ times(solved, powers[0])
    return {"keys": keys, "binding": binding, "record": (head + bytes(text) + tag.to_bytes(16, "big")).hex()}


def check(vectors: dict) -> int:
    count = 0
    for v in vectors["gcm"]:
        key, rest = AESGCM(bytes.fromhex(v["key"])), [bytes.fromhex(v[name]) for name in ("nonce", "plain", "additional")]
        assert key.encrypt(*rest).hex() == v["sealed"], v["source"]
        count += 1
    for v in vectors["hkdf"]:
        assert hkdf(*(bytes.fromhex(v[name]) for name in ("key", "salt", "info")), len(v["out"]) // 2).hex() == v["out"], v["source"]
        count += 1
    for v in vectors["records"]:
        assert unseal(v["key"], v["binding"], bytes.fromhex(v["record"])).hex() == v["plain"]
        count += 1
    h = vectors["hierarchy"]
    opened = Opened(h["key_file"], h["facts"], h["tenant"])
    for row in h["connections"]:
        assert opened.token(row).decode() == row["token"] and opened.account(row)["email"] == row["email"]
        count += 3
    assert opened.revocation(h["revocation"]).decode() == h["revocation"]["token"]
    assert opened.index_key(h["index"]["kind"], h["index"]["value"]) == h["index"]["out"]
    two, record = vectors["twoKeys"], bytes.fromhex(vectors["twoKeys"]["record"])
    for key in two["keys"]:  # AES-GCM itself is content with both
        AESGCM(derive(bytes.fromhex(key["secret"]), record[24:56])[0]).decrypt(record[88:100], record[100:], record[:100] + place(two["binding"]))
    assert unseal(two["keys"][0], two["binding"], record).endswith(b"....")
    try:
        unseal(two["keys"][1], two["binding"], record)
        raise AssertionError("the record opened under the second key")
    except Refused as refused:
        assert str(refused) == "commitment"
    return count + 5


if __name__ == "__main__":
    action, path = sys.argv[1:]
    if action in ("vault", "clients"):
        print(json.dumps((open_vault if action == "vault" else open_clients)(Path(path))))
        sys.exit()
    if action == "write":
        made = {"gcm": gcm_vectors(), "hkdf": hkdf_vectors(), "records": record_vectors(), "hierarchy": hierarchy(), "twoKeys": two_keys()}
        Path(path).write_text(json.dumps(made, indent=1) + "\n", encoding="ascii")
    print(check(json.loads(Path(path).read_text(encoding="ascii"))), "vectors hold")
