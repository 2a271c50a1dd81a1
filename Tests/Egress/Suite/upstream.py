"""An upstream that counts what it was asked. For tests.

Binds a free loopback port and prints it; with a certificate and its key as arguments it speaks TLS. The first part of
the path says how it behaves: `quick`, `slow` (a pause, then pieces with pauses) or `quote` (refuses, and quotes the
key). GET `/seen` answers how often each idempotency key was received whole, and over how many connections.
"""
import collections
import json
import os
import ssl
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = collections.Counter()
connections = set()
PIECES = ["one ", "two ", "three ", "four ", "five ", "six"]
USAGE = {"prompt_tokens": 20, "completion_tokens": 6, "total_tokens": 26}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.reply(200, {"seen": dict(seen), "connections": len(connections)})

    def write(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, value):
        self.write(b"data: " + json.dumps(value).encode() + b"\n\n")

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        seen[self.headers.get("Idempotency-Key", "")] += 1
        connections.add(self.client_address)
        behaviour = self.path.split("/")[1]
        if behaviour == "quote":
            return self.reply(401, {"error": {"message": "wrong: " + self.headers.get("Authorization", "none")}})
        pause = 0.12 if behaviour == "slow" else 0
        time.sleep(pause)
        try:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for piece in PIECES:
                self.event({"id": "a-1", "model": "gpt-5", "choices": [{"index": 0, "delta": {"content": piece}}]})
                time.sleep(pause)
            self.event({"id": "a-1", "model": "gpt-5", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}],
                        "usage": USAGE})
            self.write(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


def watch(parent):
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


server = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) == 3:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
