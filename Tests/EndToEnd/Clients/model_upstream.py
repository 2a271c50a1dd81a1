"""A chat completions server whose text and usage follow from the request, with events as slow as it is told. For tests.

Binds a free loopback port and prints it; ends with its standard input or its parent. Words of the last message are
counted as tokens; the answer is as many words as `max_tokens`, at most 20. Models: `plain` answers at once, `slow`
sends a word every 50 ms, `missing` is none. A POST to `/seen` tells how many calls came, and the headers of the last.
"""
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = {"calls": 0, "finished": 0, "headers": {}}
lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def event(self, **members):
        data = b"data: " + json.dumps({"id": "up-1", "model": self.model, **members}).encode() + b"\n\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        if self.path == "/seen":
            return self.reply(200, seen)
        with lock:
            seen["calls"] += 1
            seen["headers"] = {name.lower(): value for name, value in self.headers.items()}
        self.model = body["model"]
        if self.model not in ("plain", "slow"):
            return self.reply(404, {"error": {"message": "no such model", "code": "model_not_found"}})
        words = [f"word{index} " for index in range(min(20, body["max_tokens"]))]
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for word in words:
            if self.model == "slow":
                time.sleep(0.05)
            self.event(choices=[{"index": 0, "delta": {"content": word}, "finish_reason": None}])
        finish = "length" if len(words) == body["max_tokens"] else "stop"
        self.event(choices=[{"index": 0, "delta": {}, "finish_reason": finish}])
        prompt = sum(len(message["content"].split()) for message in body["messages"])
        self.event(choices=[], usage={
            "prompt_tokens": prompt, "completion_tokens": len(words), "total_tokens": prompt + len(words)})
        self.wfile.write(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n")
        with lock:
            seen["finished"] += 1


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # All clients at once: a refused connection would be an attempt of its own.
    request_queue_size = 128


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_port, flush=True)
parent = os.getppid()
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while os.getppid() == parent:
    time.sleep(0.2)
