#!/usr/bin/env python3
"""Verifies an audit bundle of Bureau offline: signatures, root, every leaf's proof, place and canonical form.

    verify-audit.py BUNDLE --key VKEY [--checkpoint OLD] [--witness VKEY]...

Trusts nothing but the log's public key, which must come from elsewhere than the bundle (without --key, the bundle's own
is used, which only shows that nothing was damaged). Python's standard library only. Exit code 0: all holds. 1: it does
not; each line says what. 2: the arguments are wrong.
"""
import argparse
import base64
import hashlib
import json
import re
import struct
import sys

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
PROBLEMS = []


def problem(text):
    PROBLEMS.append(text)


def add(a, b):  # points of Ed25519 (RFC 8032, 5.1.4): x = X/Z, y = Y/Z, x*y = T/Z
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    g, h = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    return ((f - e) * (h - g) % P, (h + g) * (f + e) % P, (h - g) * (h + g) % P, (f - e) * (f + e) % P)


def multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        result, point, scalar = add(result, point) if scalar & 1 else result, add(point, point), scalar >> 1
    return result


def point(raw):
    y, sign = int.from_bytes(raw, "little") & (1 << 255) - 1, raw[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if (x * x - square) % P == 0 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(public, message, signature):
    key, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or not key or not r or s >= L or multiply(8, key)[0] == 0:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(r, multiply(k, key))
    return all((left[i] * right[2] - right[i] * left[2]) % P == 0 for i in (0, 1))


def unbase64(text):
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("another spelling of base64")
    return data


def vkey(text):
    name, number, key = text.split("+", 2)
    raw = unbase64(key)
    if hashlib.sha256(name.encode() + b"\n" + raw).hexdigest()[:8] != number or len(raw) != 33 or raw[0] not in (1, 4):
        raise ValueError(f"{text} is not a public key")
    return name, bytes.fromhex(number), raw[0], raw[1:]


def open_note(note, keys, what):
    """The signers' names and the checkpoint (origin, size, root) of a signed note."""
    text, _, lines = note.rpartition("\n\n")
    text, names = text + "\n", []
    for line in lines.splitlines():
        dash, name, data = line.split(" ")
        data = unbase64(data)
        for known in keys:
            if dash != "\u2014" or known[:2] != (name, data[:4]):
                continue
            body, signature = text.encode(), data[4:]
            if known[2] == 4:  # a witness, who signs the time too
                body = b"cosignature/v1\ntime %d\n" % struct.unpack(">Q", signature[:8]) + body
                signature = signature[8:]
            if not signed(known[3], body, signature):
                problem(f"{what}: the signature of {name} does not fit")
            names.append((name, known[2]))
    origin, size, root = text.splitlines()
    if text != f"{origin}\n{int(size)}\n{base64.b64encode(unbase64(root)).decode()}\n":
        raise ValueError("a checkpoint is written otherwise")
    if not any(name == origin and kind == 1 for name, kind in names):
        problem(f"{what}: it is not signed by the log's key")
    return names, int(size), unbase64(root)


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(stack):
    root = None
    for _, subtree in reversed(stack):
        root = subtree if root is None else node(subtree, root)
    return root or hashlib.sha256().digest()


def append(stack, leaf):
    stack.append((1, leaf))
    while len(stack) > 1 and stack[-1][0] == stack[-2][0]:
        (size, right), (_, left) = stack.pop(), stack.pop()
        stack.append((2 * size, node(left, right)))


def walk(index, size, old, new, proof):  # RFC 9162, 2.1.3.2 and 2.1.4.2
    last = size - 1
    for hash in proof:
        if last == 0:
            return None
        if index & 1 or index == last:
            old, new = node(hash, old), node(hash, new)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            new = node(new, hash)
        index, last = index >> 1, last >> 1
    return (old, new) if last == 0 else None


def consistent(old_size, old_root, size, root, proof):
    if old_size in (0, size):
        return not proof and (old_size == 0 or old_root == root)
    index, last = old_size - 1, size - 1
    while index & 1:
        index, last = index >> 1, last >> 1
    proof = proof if index else [old_root] + proof
    return bool(proof) and walk(index, last + 1, proof[0], proof[0], proof[1:]) == (old_root, root)


def lint(index, line):
    """The form of RFC 8785 with whole numbers and plain keys, and the leaf's own place."""
    try:
        pairs = lambda items: dict(items) if len(dict(items)) == len(items) else problem(f"leaf {index}: a key twice")
        leaf = json.loads(line, object_pairs_hook=pairs, parse_float=lambda text: problem(f"leaf {index}: {text}"))
        if json.dumps(leaf, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode() != line:
            problem(f"leaf {index}: it is not in canonical form")
        if leaf.get("seq") != index:
            problem(f"leaf {index}: it says that it is leaf {leaf.get('seq')}")
        if not re.fullmatch(r"[a-z0-9_.]+", str(leaf.get("type"))) or not str(leaf.get("ts", "")).endswith("Z"):
            problem(f"leaf {index}: it does not say its type and time")
    except (ValueError, AttributeError) as error:
        problem(f"leaf {index}: it is not JSON: {error}")


def verify(bundle, options):
    lines = bundle.split(b"\n")
    if lines.pop() != b"":
        problem("the bundle does not end with a line break: it was cut off")
    header = json.loads(lines.pop(0))
    if header["format"] != "bureau.audit-bundle/1":
        raise ValueError("it has another format")
    keys = [vkey(text) for text in options.key or header["vkeys"]] + [vkey(text) for text in options.witness]
    names, size, root = open_note(header["checkpoint"], keys, "the checkpoint")
    for name, _, kind, _ in keys:
        if kind == 4 and (name, 4) not in names:
            problem(f"the checkpoint: the witness {name} did not sign it")
    old = None
    if options.checkpoint:
        with open(options.checkpoint, encoding="utf-8", newline="") as file:
            _, *old = open_note(file.read(), [key for key in keys if key[2] == 1], "the older checkpoint")
        if old[0] > size:
            problem(f"the older checkpoint covers {old[0]} leaves, this one {size}: the log was put back")
    hashes = [hashlib.sha256(b"\x00" + line).digest() for line in lines]
    places = header.get("leaves", range(len(lines)))
    if "leaves" not in header:
        stack = []
        for count, leaf in enumerate(hashes):
            if old and old[0] == count and root_of(stack) != old[1]:
                problem(f"the first {count} leaves are not those of the older checkpoint")
            append(stack, leaf)
        if len(lines) != size:
            problem(f"the bundle has {len(lines)} leaves, its checkpoint covers {size}")
        if root_of(stack) != root:
            problem("the leaves do not have the root that was signed: one was altered, added, removed or moved")
        if old and old[0] == size and root != old[1]:
            problem(f"the first {size} leaves are not those of the older checkpoint")
    else:
        if not len(places) == len(header["proofs"]) == len(lines):
            problem(f"the bundle names {len(places)} leaves and holds {len(lines)}")
        for index, leaf, proof in zip(places, hashes, header["proofs"]):
            proof = [bytes.fromhex(hash) for hash in proof]
            if not 0 <= index < size or (walk(index, size, leaf, leaf, proof) or (0, 0))[1] != root:
                problem(f"leaf {index}: its proof does not lead to the root that was signed")
        if old:
            proof = header.get("consistency", {"old": None, "hashes": []})
            if proof["old"] != old[0] or not consistent(*old, size, root, [bytes.fromhex(h) for h in proof["hashes"]]):
                problem("the bundle does not prove that the log grew from the older checkpoint")
    for index, line in zip(places, lines):
        lint(index, line)
    return size, len(lines), names


def main():
    parser = argparse.ArgumentParser(description="Verifies an audit bundle of Bureau offline.")
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", help="the log's public key; again for each that signs")
    parser.add_argument("--checkpoint", help="an older signed checkpoint, which the log must have grown from")
    parser.add_argument("--witness", action="append", default=[], help="a witness's public key, who must have signed")
    options = parser.parse_args()
    try:
        with open(options.bundle, "rb") as file:
            size, count, names = verify(file.read(), options)
    except (OSError, ValueError, KeyError, TypeError, IndexError, struct.error) as error:
        sys.exit(f"NOT SOUND: the bundle cannot be read: {type(error).__name__}: {error}")
    if PROBLEMS:
        sys.exit("\n".join(["NOT SOUND", *PROBLEMS[:100]]))
    print(f"sound: {count} of {size} leaves, signed by {', '.join(sorted({name for name, _ in names}))}")
    if not options.key:
        print("the key came with the bundle: compare it with one from elsewhere, or give it with --key")


main()
