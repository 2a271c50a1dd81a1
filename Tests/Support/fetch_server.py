"""Serves what fetches are tested with, and appends one JSON line for each request to the file that it is given."""

import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LOG = sys.argv[1]
LOCK = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    def answer(self):
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        seen = {
            "method": self.command, "path": self.path, "body": body,
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        with LOCK, open(LOG, "a") as log:
            log.write(json.dumps(seen) + "\n")
        if url.path == "/redirect":
            self.send_response(int(query.get("status", 302)))
            self.send_header("Location", query["to"])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif url.path == "/flood":
            self.send_response(200)
            for number in range(1000):
                self.send_header(f"x-{number}", "y" * 1000)
            self.end_headers()
        elif url.path == "/drip":
            self.send_response(200)
            self.end_headers()
            for _ in range(600):
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.1)
        else:
            content = b"x" * int(query["bytes"]) if url.path == "/big" else json.dumps(seen).encode()
            self.send_response(int(query.get("status", 200)))
            self.send_header("Content-Type", "application/json")
            self.send_header("X-Twice", "a")
            self.send_header("X-Twice", "b")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = answer

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
os._exit(0)
