"""Plays the client that sockets must withstand, frame by frame over a plain TCP connection, and prints how each ended:
the close code, or the status of a refused upgrade, as JSON.

    socket_attacks.py PORT
"""
import base64
import json
import os
import socket
import struct
import sys
import time

PORT = int(sys.argv[1])
TOKEN = "acme.ana.events.read,runs.read"


def open_socket(path="/ws", headers=(), token=TOKEN, version="13", key=None, receive_buffer=None):
    """The connection and the head of the answer."""
    connection = socket.socket()
    if receive_buffer:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", PORT))
    key = base64.b64encode(os.urandom(16)).decode() if key is None else key
    lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{PORT}", "Upgrade: websocket", "Connection: keep-alive, Upgrade",
             f"Sec-WebSocket-Key: {key}", f"Sec-WebSocket-Version: {version}"]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    connection.sendall("\r\n".join([*lines, *headers, "", ""]).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        byte = connection.recv(1)
        if not byte:
            break
        head += byte
    return connection, head.decode()


def frame(opcode, payload=b"", fin=True, rsv=0, masked=True, length=None):
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    size = len(payload) if length is None else length
    mask_bit = 0x80 if masked else 0
    if size < 126:
        head = bytes([first, mask_bit | size])
    elif size < 65536:
        head = bytes([first, mask_bit | 126]) + struct.pack(">H", size)
    else:
        head = bytes([first, mask_bit | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    mask = os.urandom(4)
    return head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload))


def frames(connection):
    """(opcode, payload) of what the host sends, until the connection ends."""
    stream = connection.makefile("rb")
    while True:
        head = stream.read(2)
        if len(head) < 2:
            return
        size = head[1] & 0x7F
        if size == 126:
            size = struct.unpack(">H", stream.read(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", stream.read(8))[0]
        yield head[0] & 0x0F, stream.read(size)


def ending(connection):
    """The close code; `reset` or `end` where there is none."""
    try:
        for opcode, payload in frames(connection):
            if opcode == 8:
                return struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 0
    except ConnectionError:
        return "reset"
    except TimeoutError:
        return "open"
    return "end"


def attack(*pieces):
    connection, head = open_socket()
    assert head.startswith("HTTP/1.1 101"), head
    try:
        for piece in pieces:
            connection.sendall(piece)
    except ConnectionError:
        pass  # The host has closed already; the code is on its way.
    code = ending(connection)
    connection.close()
    return code


def status(**options):
    connection, head = open_socket(**options)
    rest = b""
    try:
        while part := connection.recv(4096):
            rest += part
    except (ConnectionError, TimeoutError) as error:
        return f"not closed: {error}"
    connection.close()
    return int(head.split()[1]) if head else "nothing"


def conversation(token=None, messages=(), first=None):
    connection, head = open_socket(token=token)
    for message in messages:
        connection.sendall(frame(1, json.dumps(message).encode()))
    said = []
    for opcode, payload in frames(connection):
        if opcode == 1:
            said.append(json.loads(payload)["type"])
            if said[-1] == "pong":
                return said
        if opcode == 8:
            return said + [struct.unpack(">H", payload[:2])[0]]
    return said


text = lambda value: frame(1, json.dumps(value).encode())  # noqa: E731
results = {
    "unmasked": attack(frame(1, b"{}", masked=False)),
    "rsv": attack(frame(1, b"{}", rsv=4)),
    "unknown_opcode": attack(frame(3, b"{}")),
    "binary": attack(frame(2, b"{}")),
    "not_utf8": attack(frame(1, b"\xff\xfe{}")),
    "utf8_split_is_fine": attack(frame(1, b'{"type":"ping","id":"\xc3', fin=False), frame(0, b'\xa9"}'),
                                 frame(8, struct.pack(">H", 1000))),
    "large_frame": attack(frame(1, b" " * 65536)),
    "lying_length": attack(frame(1, b"", length=1 << 40)),
    "negative_length": attack(bytes([0x81, 0xFF]) + b"\xff" * 8 + b"abcd"),
    "large_by_fragments": attack(frame(1, b" " * 12000, fin=False), frame(0, b" " * 12000)),
    "many_fragments": attack(frame(1, b" ", fin=False), *[frame(0, b" ", fin=False) for _ in range(10_000)]),
    "endless_fragment": attack(*[frame(1 if i == 0 else 0, b" " * 1000, fin=False) for i in range(40)]),
    "continuation_of_nothing": attack(frame(0, b"{}")),
    "text_within_text": attack(frame(1, b"{", fin=False), frame(1, b"}")),
    "fragmented_ping": attack(frame(9, b"", fin=False)),
    "large_ping": attack(frame(9, b"x" * 126)),
    "ping_flood": attack(b"".join(frame(9, b"x") for _ in range(20_000))),
    "message_flood": attack(b"".join(text({"type": "ping"}) for _ in range(20_000))),
    "close_1": attack(frame(8, struct.pack(">H", 1))),
    "close_1005": attack(frame(8, struct.pack(">H", 1005))),
    "close_half_code": attack(frame(8, b"\x03")),
    "close_not_utf8": attack(frame(8, struct.pack(">H", 1000) + b"\xff")),
    "close_4001": attack(frame(8, struct.pack(">H", 4001) + b"bye")),
    "close_empty": attack(frame(8)),
    "not_websocket": attack(b"GET / HTTP/1.1\r\n\r\n" * 20),
    "deep_json": attack(frame(1, b"[" * 10_000), frame(8, struct.pack(">H", 1000))),
    "version_12": status(version="12"),
    "no_key": status(key=""),
    "short_key": status(key="YWJj"),
    "other_path": status(path="/ws/other"),
    "bad_token": status(token="nobody"),
    "evil_origin": status(headers=["Origin: https://evil.test"]),
    "null_origin": status(headers=["Origin: null"]),
    "own_origin": open_socket(headers=[f"Origin: http://127.0.0.1:{PORT}"])[1].split()[1],
    "listed_origin": open_socket(headers=["Origin: https://app.example.org"])[1].split()[1],
    "first_message": conversation(messages=[{"type": "auth", "token": TOKEN}, {"type": "ping"}]),
    "before_auth": conversation(messages=[{"type": "subscribe", "channel": "events"}])[:2],
    "wrong_first_message": conversation(messages=[{"type": "auth", "token": "nobody"}]),
    "silent": conversation(),
    "unknown_members": conversation(token=TOKEN, messages=[{"type": "ping", "x": 1}, {"type": "ping"}]),
    "forbidden": conversation(token=TOKEN, messages=[{"type": "subscribe", "channel": "approvals"}, {"type": "ping"}]),
    "events_on_system": None,
    "too_many_subscriptions": conversation(
        token=TOKEN, messages=[{"type": "subscribe", "channels": [f"events.t{i}.{j}" for j in range(40)]}
                               for i in range(2)] + [{"type": "ping"}]),
}
connection, _ = open_socket(path="/ws/system", token="acme.ana.events.read")
connection.sendall(text({"type": "subscribe", "channel": "events"}))
results["events_on_system"] = [json.loads(p)["type"] for _, (o, p) in zip(range(2), frames(connection))]
sockets = [open_socket(token="acme.many.events.read")[0] for _ in range(6)]
results["too_many_of_one"] = ending(sockets[5])
# A client that never reads: what waits for it is bounded, and then it is let go.
slow, _ = open_socket(token="acme.slow.events.read", receive_buffer=4096)
slow.sendall(text({"type": "subscribe", "channel": "events"}))
print("slow", flush=True)
sys.stdin.readline()
time.sleep(0.5)
said = []
for opcode, payload in frames(slow):
    said.append(("close", struct.unpack(">H", payload[:2])[0]) if opcode == 8 else (json.loads(payload)["type"],))
results["slow"] = {"last": list(said[-1]), "events": said.count(("event",)), "dropped": said.count(("dropped",))}
print(json.dumps(results))
