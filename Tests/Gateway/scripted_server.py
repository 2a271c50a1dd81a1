"""A chat completions server that behaves as the requested model's name says. For tests.

Binds a free loopback port and prints it. Ends when its standard input closes or its parent ends. A POST to `/seen`
answers how many requests of each model were received whole; to `/last`, the last one's headers and body.
"""
import collections
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = collections.Counter()
last = {}


def chunk(delta, finish=None, **extra):
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "scripted-1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **extra}


USAGE = {"prompt_tokens": 120, "completion_tokens": 9, "total_tokens": 129,
         "prompt_tokens_details": {"cached_tokens": 20}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value, **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, content in headers.items():
            self.send_header(name.replace("_", "-"), content)
        self.end_headers()
        self.wfile.write(body)

    def start_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def write(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def event(self, value):
        self.write(b"data: " + json.dumps(value).encode() + b"\n\n")

    def finish_stream(self):
        self.write(b"data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def cut(self):
        self.close_connection = True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/seen":
            return self.reply(200, dict(seen))
        if self.path == "/last":
            return self.reply(200, last)
        model = body["model"]
        seen[model] += 1
        last.clear()
        last.update(path=self.path, headers={k.lower(): v for k, v in self.headers.items()}, body=body)
        getattr(self, "do_" + model.replace("-", "_"), self.do_unknown)()

    def do_unknown(self):
        self.reply(404, {"error": {"message": "no such model"}})

    def do_streamed(self):
        self.start_stream()
        self.event(chunk({"role": "assistant"}))
        for piece in ["Grüße", " aus", " dem", " Test"]:
            self.event(chunk({"content": piece}))
        self.event(chunk({}, "stop"))
        self.event({**chunk({}), "choices": [], "usage": USAGE, "service_tier": "default"})
        self.finish_stream()

    def do_priority(self):
        self.start_stream()
        self.event(chunk({"content": "fast"}, "stop", usage=USAGE, service_tier="priority"))
        self.finish_stream()

    def do_whole(self):
        self.reply(200, {"id": "chatcmpl-2", "model": "scripted-1", "usage": USAGE, "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "all at once"}, "finish_reason": "stop"}]})

    def do_cut(self):
        self.start_stream()
        self.event(chunk({"content": "half an ans"}))
        self.cut()

    def do_cut_cleanly(self):
        self.start_stream()
        self.event(chunk({"content": "half an ans"}))
        self.wfile.write(b"0\r\n\r\n")

    def do_no_usage(self):
        self.start_stream()
        self.event(chunk({"content": "free?"}, "stop"))
        self.finish_stream()

    def do_limited(self):
        self.reply(429, {"error": {"message": "slow down", "code": "rate_limit_exceeded"}}, Retry_After="7")

    def do_limited_once(self):
        if seen["limited-once"] == 1:
            return self.reply(429, {"error": {"message": "slow down"}}, Retry_After="1")
        self.do_streamed()

    def do_quota(self):
        self.reply(429, {"error": {"message": "pay first", "code": "insufficient_quota"}})

    def do_keyed(self):
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        seen["keyed by " + key] += 1
        if key == "sk-bad":
            return self.reply(401, {"error": {"message": "no such key"}})
        if key == "sk-tired":
            return self.reply(429, {"error": {"message": "slow down"}}, Retry_After="7")
        self.do_streamed()

    def do_broken(self):
        self.reply(500, {"error": {"message": "our fault"}})

    def do_wrong_key(self):
        self.reply(401, {"error": {"message": "Incorrect API key: " + self.headers.get("Authorization", "")}})

    def do_bad_request(self):
        self.reply(400, {"error": {"message": "messages: too odd"}})

    def do_redirect(self):
        self.reply(307, {}, Location="/v1/chat/completions")

    def do_garbage(self):
        self.start_stream()
        self.write(b"data: {\"choices\": [nonsense\n\n")
        self.finish_stream()

    def do_garbage_document(self):
        self.reply(200, b"{not json")

    def do_failing_stream(self):
        self.start_stream()
        self.event(chunk({"content": "so f"}))
        self.event({"error": {"message": "overloaded in the middle"}})
        self.wfile.write(b"0\r\n\r\n")

    def do_endless(self):
        self.start_stream()
        try:
            while True:
                self.event(chunk({"content": "x" * 65536}))
        except OSError:
            seen["endless-ended"] += 1
            self.cut()

    def do_silent(self):
        """Sends one piece and then nothing until the client goes away."""
        self.start_stream()
        self.event(chunk({"content": "first"}))
        self.connection.settimeout(120)
        try:
            self.rfile.read(1)
        except OSError:
            pass
        self.cut()

    def do_mute(self):
        """Takes the request and never answers."""
        self.connection.settimeout(120)
        try:
            self.rfile.read(1)
        except OSError:
            pass
        self.cut()

    def do_hang_up(self):
        """Answers nothing and closes: a kept connection that breaks after the request was read."""
        self.cut()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def watch(parent):
    while os.getppid() == parent:
        time.sleep(0.2)
    os._exit(0)


server = Server(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
threading.Thread(target=watch, args=(os.getppid(),), daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
