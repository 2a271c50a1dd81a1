"""A chat completions provider with a ledger of its own: each request is on the disk before its answer begins.

    ledger_server.py LEDGER

Binds a free loopback port and prints it. A line of the ledger is the idempotency key and the time in milliseconds. The
answer is some words with short pauses, so that a kill finds calls at every stage. POST /arm with `pid`, `point` and
`count` has the provider itself kill that process at the count-th call from then on: `after_send` when the request is
in the ledger, `after_first_byte` when a first piece was sent, `after_response` when all was. Ends with its standard
input or its parent.
"""
import json
import os
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ledger = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
lock = threading.Lock()
armed = {}
WORDS = ["one ", "two ", "three"]


def reach(point):
    with lock:
        if armed.get("point") != point:
            return
        armed["count"] -= 1
        if armed["count"] > 0:
            return
        process = armed.pop("pid")
        armed.clear()
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        pass


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def write(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, value):
        value = {"id": "a-1", "model": "steady", **value}
        self.write(b"data: " + json.dumps(value).encode() + b"\n\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/arm":
            with lock:
                armed.clear()
                armed.update(json.loads(body))
            self.send_response(204)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        attempt = self.headers.get("Idempotency-Key", "none")
        with lock:
            os.write(ledger, f"{attempt} {time.time_ns() // 1_000_000}\n".encode())
            os.fsync(ledger)
        reach("after_send")
        prompt = sum(len(str(message.get("content")).split()) for message in json.loads(body)["messages"])
        try:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for word in WORDS:
                self.event({"choices": [{"index": 0, "delta": {"content": word}}]})
                reach("after_first_byte")
                time.sleep(0.02)
            self.event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {
                "prompt_tokens": prompt, "completion_tokens": len(WORDS), "total_tokens": prompt + len(WORDS)}})
            self.write(b"data: [DONE]\n\n")
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
        reach("after_response")


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
parent = os.getppid()
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while os.getppid() == parent:
    time.sleep(0.2)
