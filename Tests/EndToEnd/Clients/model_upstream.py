"""A chat completions server whose text and usage follow from the request, as slow as it is told to be. For tests.

Binds a free loopback port and prints it; ends with its standard input or its parent. Words of the last message are
counted as tokens; the answer is as many words as `max_tokens`, at most 20. Models: `plain` answers at once, `slow`
sends a word every 50 ms, `missing` is none, `broken` answers 503, `echo` says the last message again, `json` keeps to
no schema before it is told, `agent` asks for the weather of two cities, at once if it may, and then tells it. A POST
to `/seen` tells how many calls came, the headers of the last, and the bodies of all.
"""
import json
import os
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

seen = {"calls": 0, "finished": 0, "headers": {}, "bodies": []}
lock = threading.Lock()


CITIES = ["Oslo", "Bergen"]


def texts(message):
    """All text of a message; images have none."""
    content = message.get("content") or ""
    return content if isinstance(content, str) else " ".join(part["text"] for part in content if "text" in part)


def answer(body):
    """Pieces of text, and the cities whose weather is asked for."""
    messages, last = body["messages"], texts(body["messages"][-1])
    if body["model"] == "echo":
        return [last], []
    if body["model"] == "json":
        return (['{"n":', " 3}"] if "cannot be used" in last else ['{"n":', ' "three"}']), []
    if body["model"] == "agent" and body.get("tools"):
        told = {message["tool_call_id"]: texts(message) for message in messages if message["role"] == "tool"}
        asked = [city for city in CITIES if "call_" + city not in told]
        if asked:
            one = body.get("parallel_tool_calls") is False
            return [] if told else ["Let me ", "see."], asked[:1] if one else asked
        return [f"{city}: {told['call_' + city]}. " for city in CITIES], []
    return [f"word{index} " for index in range(min(20, body["max_tokens"]))], []


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
            seen["bodies"].append(body)
            seen["headers"] = {name.lower(): value for name, value in self.headers.items()}
        self.model = body["model"]
        if self.model == "broken":
            return self.reply(503, {"error": {"message": "out of order"}})
        if self.model == "missing" or self.model == "unheard-of":
            return self.reply(404, {"error": {"message": "no such model", "code": "model_not_found"}})
        words, cities = answer(body)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for word in words:
            if self.model == "slow":
                time.sleep(0.05)
            self.event(choices=[{"index": 0, "delta": {"content": word}, "finish_reason": None}])
        for index, city in enumerate(cities):
            call = {"index": index, "id": "call_" + city, "type": "function"}
            pieces = ["", '{"city":"', city + '"}']
            for number, piece in enumerate(pieces):
                function = {"name": "weather", "arguments": piece} if number == 0 else {"arguments": piece}
                delta = {**call, "function": function} if number == 0 else {"index": index, "function": function}
                self.event(choices=[{"index": 0, "delta": {"tool_calls": [delta]}, "finish_reason": None}])
        finish = "length" if len(words) == body["max_tokens"] else "tool_calls" if cities else "stop"
        self.event(choices=[{"index": 0, "delta": {}, "finish_reason": finish}])
        prompt = sum(len(texts(message).split()) for message in body["messages"])
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
