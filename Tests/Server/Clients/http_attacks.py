"""Plays the clients that the transport must withstand, over plain TCP connections; prints how each ended, as JSON.

    http_attacks.py PORT

Each result is the status of the answer (`end`: closed without one), and `time` tells that the host did not wait longer
than its limits, which the test makes short.
"""
import json
import os
import socket
import sys
import threading
import time

PORT = int(sys.argv[1])
HOST = f"Host: 127.0.0.1:{PORT}"
TOKEN = "Authorization: Bearer operator.root.events.read,system.read"


def connect(seconds=30):
    connection = socket.socket()
    connection.settimeout(seconds)
    connection.connect(("127.0.0.1", PORT))
    return connection


def answer(connection):
    """Everything until the end, or until the answer's own length."""
    data = b""
    try:
        while part := connection.recv(65536):
            data += part
            head, _, body = data.partition(b"\r\n\r\n")
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:") and len(body) >= int(line.split(b":")[1]):
                    return data
    except (ConnectionError, TimeoutError):
        pass
    return data


def status(data):
    return int(data.split()[1]) if data.startswith(b"HTTP/1.1 ") else "end"


def send(*lines, body=b""):
    connection = connect()
    try:
        connection.sendall("\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body)
    except ConnectionError:
        pass
    data = answer(connection)
    connection.close()
    return data


def code(data):
    try:
        return json.loads(data.partition(b"\r\n\r\n")[2])["code"]
    except ValueError:
        return None


def header(data, name):
    for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        if line.lower().startswith(name.lower().encode() + b":"):
            return line.split(b":", 1)[1].strip().decode()
    return None


def endless(connection, piece, count):
    try:
        for _ in range(count):
            connection.sendall(piece)
    except (ConnectionError, TimeoutError):
        pass
    return status(answer(connection))


def begun():
    connection = connect()
    connection.sendall(b"GET /health HTTP/1.1\r\n")
    return connection


def dripping(piece, pause, head=b"", seconds=20):
    """How long the host lets a client drip."""
    connection, start = connect(), time.monotonic()
    try:
        connection.sendall(head)
        while time.monotonic() - start < seconds:
            connection.sendall(piece)
            time.sleep(pause)
            connection.settimeout(0.01)
            try:
                data = connection.recv(4096)
                return [status(data), time.monotonic() - start < seconds]
            except TimeoutError:
                pass
            connection.settimeout(30)
    except ConnectionError:
        return ["end", time.monotonic() - start < seconds]
    return ["open", False]


def resident():
    pid = sys.argv[2]
    pages = open(f"/proc/{pid}/statm").read().split()[1]
    return int(pages) * os.sysconf("SC_PAGESIZE")


def crowd(count):
    """That many connections that say half a request; meanwhile others are answered."""
    sockets = []
    for _ in range(count):
        connection = connect()
        connection.sendall(b"GET /health HTTP/1.1\r\nX-")
        sockets.append(connection)
    start, answered = time.monotonic(), 0
    for _ in range(100):
        answered += status(send("GET /health HTTP/1.1", HOST, "Connection: close")) == 200
    took = time.monotonic() - start
    ended = 0
    deadline = time.monotonic() + 20
    for connection in sockets:
        connection.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            ended += not connection.recv(1) or 1
        except ConnectionError:
            ended += 1
        except TimeoutError:
            pass
        connection.close()
    return {"answered": answered, "ended": ended, "seconds": took < 10}


get = "GET /status HTTP/1.1"
before = resident()
results = {
    "plain": status(send(get, HOST, TOKEN)),
    "no_token": status(send(get, HOST)),
    "many_headers": status(send(get, HOST, *[f"X-{i}: y" for i in range(100_000)])),
    "large_header": status(send(get, HOST, "X-Large: " + "y" * (1 << 20))),
    "large_target": status(send("GET /" + "y" * (1 << 20) + " HTTP/1.1", HOST)),
    "long_target": status(send("GET /" + "y" * 9_000 + " HTTP/1.1", HOST)),
    "lying_length": status(send("POST /agents/create HTTP/1.1", HOST, TOKEN, "Content-Length: 10737418240")),
    "two_lengths": status(send("POST /agents/create HTTP/1.1", HOST, TOKEN, "Content-Length: 2", "Content-Length: 3",
                               body=b"{}")),
    "length_and_chunks": status(send("POST /agents/create HTTP/1.1", HOST, TOKEN, "Content-Length: 2",
                                     "Transfer-Encoding: chunked", body=b"0\r\n\r\n")),
    "bad_coding": status(send("POST /agents/create HTTP/1.1", HOST, TOKEN, "Transfer-Encoding: chunked, x",
                              body=b"0\r\n\r\n")),
    "gzip": status(send("POST /agents/create HTTP/1.1", HOST, TOKEN, "Content-Encoding: gzip", "Content-Length: 2",
                        body=b"{}")),
    "space_in_name": status(send(get, HOST, "X : y")),
    "newline_folding": status(send(get, HOST, "X: a", " b: c")),
    "bare_lf_header": status(send(get + "\nEvil: x\n\n")),
    "nul": status(send(get, HOST, "X: a\0b")),
    "http_09": status(send("GET /health")),
    "http_2_preface": status(send("PRI * HTTP/2.0", "", "SM", "")),
    "tls_hello": status(send("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")),
    "rubbish": status(send("\x01\x02\x03\x04")),
    "absolute_form": status(send(f"GET http://evil.test/health HTTP/1.1", HOST)),
    "trace": status(send("TRACE /health HTTP/1.1", HOST)),
    "connect": status(send("CONNECT evil.test:80 HTTP/1.1", "Host: evil.test:80")),
    "crlf_in_target": status(send("GET /health%0d%0aSet-Cookie:%20x=1 HTTP/1.1", HOST)),
    "override": status(send("POST /health HTTP/1.1", HOST, TOKEN, "X-HTTP-Method-Override: GET", "Content-Length: 0")),
    "evil_origin": [status(d := send("POST /agents/create HTTP/1.1", HOST, TOKEN, "Origin: https://evil.test",
                                     "Content-Length: 2", body=b"{}")), code(d)],
    "null_origin": code(send("DELETE /agents/x HTTP/1.1", HOST, TOKEN, "Origin: null")),
    "preflight": header(send("OPTIONS /status HTTP/1.1", HOST, "Origin: https://app.example.org",
                             "Access-Control-Request-Method: POST"), "Access-Control-Allow-Origin"),
    "evil_preflight": [status(d := send("OPTIONS /status HTTP/1.1", HOST, "Origin: https://evil.test",
                                        "Access-Control-Request-Method: POST")),
                       header(d, "Access-Control-Allow-Origin")],
    "credentials": header(send(get, HOST, TOKEN, "Origin: https://app.example.org"),
                          "Access-Control-Allow-Credentials"),
    "allowed": header(send(get, HOST, TOKEN, "Origin: https://app.example.org"), "Access-Control-Allow-Origin"),
    "not_allowed": header(send(get, HOST, TOKEN, "Origin: https://evil.test"), "Access-Control-Allow-Origin"),
    "unknown_upgrade": [status(d := send("GET /health HTTP/1.1", HOST, "Connection: Upgrade", "Upgrade: h2c")),
                        header(d, "Connection")],
    "late_websocket": None,
    "endless_head": endless(begun(), b"X-More: yes\r\n" * 100, 10_000),
    "dripping_head": dripping(b"X", 0.05, b"GET /health HTTP/1.1\r\n"),
    "dripping_body": dripping(b"X", 0.05, f"POST /agents/create HTTP/1.1\r\n{HOST}\r\n{TOKEN}\r\n"
                                          "Content-Length: 1000000\r\n\r\n".encode()),
    "silent": dripping(b"", 0.1),
}
keep = connect()
keep.sendall(f"GET /health HTTP/1.1\r\n{HOST}\r\n\r\n".encode())
answer(keep)
keep.sendall(f"GET /ws HTTP/1.1\r\n{HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
             "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n".encode())
results["late_websocket"] = status(answer(keep))
pipelined = connect()
pipelined.sendall(f"GET /health HTTP/1.1\r\n{HOST}\r\n\r\n".encode() * 50 +
                  f"GET /health HTTP/1.1\r\n{HOST}\r\nConnection: close\r\n\r\n".encode())
data = b""
while part := pipelined.recv(65536):
    data += part
results["pipelined"] = data.count(b"HTTP/1.1 200")
chunks = connect()
chunks.sendall(f"POST /auth/nothing HTTP/1.1\r\n{HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
results["chunked_login"] = endless(chunks, b"1000\r\n" + b" " * 4096 + b"\r\n", 100)
headers = [header(send("GET /nowhere HTTP/1.1", HOST), name) for name in
           ("X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection", "Referrer-Policy", "Server",
            "Strict-Transport-Security")]
results["headers_of_404"] = headers
results["headers_of_refusal"] = header(send(get, "X : y"), "X-Frame-Options")
results["crowd"] = crowd(500)
results["grew_megabytes"] = max(0, resident() - before) >> 20
print(json.dumps(results))
