"""A model provider of four kinds that behaves as the requested model's name says. For tests.

Speaks chat completions (OpenAI's and Azure's addresses), the responses API, Anthropic's messages and Bedrock's
ConverseStream. Every behaviour is written once, in terms of what happens; a wire class says it in one protocol's words.

Binds a free loopback port and prints it. Ends when its standard input closes or its parent ends. A POST to `/last`
answers the last request's path, headers and body.
"""
import json
import os
import re
import struct
import sys
import threading
import time
import urllib.parse
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

last = {}
UNCACHED, CACHED, OUTPUT = 100, 20, 9


class ChatWire:
    stream_type = "text/event-stream; charset=utf-8"
    usage = {"prompt_tokens": UNCACHED + CACHED, "completion_tokens": OUTPUT,
             "total_tokens": UNCACHED + CACHED + OUTPUT, "prompt_tokens_details": {"cached_tokens": CACHED}}
    reasons = {"stop": "stop", "tools": "tool_calls", "length": "length"}

    def chunk(self, delta, finish=None, **extra):
        return {"id": "ref-1", "object": "chat.completion.chunk", "model": "scripted-1",
                "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **extra}

    def event(self, value):
        return b"data: " + json.dumps(value).encode() + b"\n\n"

    def start(self):
        return self.event(self.chunk({"role": "assistant"}))

    def text(self, piece):
        return self.event(self.chunk({"content": piece}))

    def tool(self, index, name, pieces):
        head = {"index": index, "id": f"call-{index}", "type": "function",
                "function": {"name": name, "arguments": ""}}
        out = self.event(self.chunk({"tool_calls": [head]}))
        for piece in pieces:
            out += self.event(self.chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]}))
        return out

    def finish(self, reason):
        return self.event(self.chunk({}, self.reasons[reason]))

    def bill(self):
        return self.event({**self.chunk({}), "choices": [], "usage": self.usage})

    def end(self):
        return b"data: [DONE]\n\n"

    def failure(self):
        return self.event({"error": {"message": "broke in the middle"}})

    def unknown(self):
        return b": a comment\n\n" + self.event({**self.chunk({"reasoning_content": "hm"}), "novel": {"deep": [1]}})

    def nulls(self):
        null = {"role": None, "content": None, "tool_calls": None, "refusal": None}
        return self.event({**self.chunk(null), "usage": None, "error": None, "service_tier": None,
                           "system_fingerprint": None})

    def document(self):
        return {"id": "ref-1", "model": "scripted-1", "usage": self.usage, "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "all at once"}, "finish_reason": "stop"}]}

    def refusal(self, message, code):
        return {"error": {"message": message, "type": code, "code": code}}


class ResponsesWire(ChatWire):
    usage = {"input_tokens": UNCACHED + CACHED, "output_tokens": OUTPUT, "total_tokens": UNCACHED + CACHED + OUTPUT,
             "input_tokens_details": {"cached_tokens": CACHED}, "output_tokens_details": {"reasoning_tokens": 0}}

    def __init__(self):
        self.reason, self.output = "stop", []

    def named(self, kind, **members):
        body = json.dumps({"type": kind, **members}).encode()
        return b"event: " + kind.encode() + b"\ndata: " + body + b"\n\n"

    def response(self, status, **members):
        return {"id": "ref-1", "object": "response", "model": "scripted-1", "status": status, "error": None,
                "incomplete_details": None, "output": self.output, "usage": None, **members}

    def start(self):
        return self.named("response.created", response=self.response("in_progress"))

    def text(self, piece):
        return self.named("response.output_text.delta", output_index=0, content_index=0, delta=piece)

    def tool(self, index, name, pieces):
        item = {"type": "function_call", "id": f"fc-{index}", "call_id": f"call-{index}", "name": name}
        out = self.named("response.output_item.added", output_index=index, item={**item, "arguments": ""})
        for piece in pieces:
            out += self.named("response.function_call_arguments.delta", output_index=index, delta=piece)
        whole = {**item, "arguments": "".join(pieces)}
        self.output.append(whole)
        return out + self.named("response.output_item.done", output_index=index, item=whole)

    def finish(self, reason):
        self.reason = reason
        return b""

    def bill(self):
        if self.reason == "length":
            return self.named("response.incomplete", response=self.response(
                "incomplete", usage=self.usage, incomplete_details={"reason": "max_output_tokens"}))
        return self.named("response.completed", response=self.response("completed", usage=self.usage))

    def end(self):
        return b""

    def failure(self):
        return self.named("response.failed", response=self.response(
            "failed", error={"code": "server_error", "message": "broke in the middle"}))

    def unknown(self):
        return (self.named("response.novelty", novel={"deep": [1]})
                + self.named("response.content_part.added", part=None))

    def nulls(self):
        return self.named("response.in_progress", response={"id": None, "model": None, "usage": None, "output": None})

    def document(self):
        message = {"type": "message", "content": [{"type": "output_text", "text": "all at once"}]}
        return self.response("completed", usage=self.usage, output=[message])


class AnthropicWire(ChatWire):
    reasons = {"stop": "end_turn", "tools": "tool_use", "length": "max_tokens"}
    begun = {"input_tokens": UNCACHED, "cache_read_input_tokens": CACHED, "cache_creation_input_tokens": 0,
             "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}, "output_tokens": 1,
             "service_tier": "standard"}

    def named(self, kind, **members):
        body = json.dumps({"type": kind, **members}).encode()
        return b"event: " + kind.encode() + b"\ndata: " + body + b"\n\n"

    def start(self):
        message = {"id": "ref-1", "type": "message", "role": "assistant", "model": "scripted-1", "content": [],
                   "stop_reason": None, "usage": self.begun}
        return (self.named("message_start", message=message) + self.named("ping")
                + self.named("content_block_start", index=0, content_block={"type": "text", "text": ""}))

    def text(self, piece):
        return self.named("content_block_delta", index=0, delta={"type": "text_delta", "text": piece})

    def tool(self, index, name, pieces):
        block = {"type": "tool_use", "id": f"call-{index}", "name": name, "input": {}}
        out = self.named("content_block_start", index=index + 1, content_block=block)
        for piece in pieces:
            delta = {"type": "input_json_delta", "partial_json": piece}
            out += self.named("content_block_delta", index=index + 1, delta=delta)
        return out + self.named("content_block_stop", index=index + 1)

    def finish(self, reason):
        self.reason = self.reasons[reason]
        return b""

    def bill(self):
        return self.named("message_delta", delta={"stop_reason": self.reason, "stop_sequence": None},
                          usage={"output_tokens": OUTPUT, "cache_read_input_tokens": None})

    def end(self):
        return self.named("message_stop")

    def failure(self):
        return self.named("error", error={"type": "api_error", "message": "broke in the middle"})

    def unknown(self):
        return self.named("novelty", novel={"deep": [1]})

    def nulls(self):
        return self.named("content_block_delta", index=None, delta={"type": None, "text": None})

    def document(self):
        return {"id": "ref-1", "type": "message", "model": "scripted-1", "stop_reason": "end_turn",
                "content": [{"type": "text", "text": "all at once"}], "usage": {**self.begun, "output_tokens": OUTPUT}}

    def refusal(self, message, code):
        return {"type": "error", "error": {"type": code, "message": message}}


class BedrockWire(ChatWire):
    stream_type = "application/vnd.amazon.eventstream"
    reasons = {"stop": "end_turn", "tools": "tool_use", "length": "max_tokens"}
    usage = {"inputTokens": UNCACHED, "cacheReadInputTokens": CACHED, "cacheWriteInputTokens": 0,
             "outputTokens": OUTPUT, "totalTokens": UNCACHED + CACHED + OUTPUT}

    def frame(self, kind, body, message_type="event"):
        kinds = {":message-type": message_type, ":content-type": "application/json",
                 ":exception-type" if message_type == "exception" else ":event-type": kind}
        headers = b"".join(
            struct.pack(">B", len(name)) + name.encode() + b"\x07" + struct.pack(">H", len(value)) + value.encode()
            for name, value in kinds.items())
        payload = json.dumps(body).encode()
        prelude = struct.pack(">II", len(headers) + len(payload) + 16, len(headers))
        message = prelude + struct.pack(">I", zlib.crc32(prelude)) + headers + payload
        return message + struct.pack(">I", zlib.crc32(message))

    def start(self):
        return self.frame("messageStart", {"role": "assistant", "p": "abcd"})

    def text(self, piece):
        return self.frame("contentBlockDelta", {"delta": {"text": piece}, "contentBlockIndex": 0, "p": "ab"})

    def tool(self, index, name, pieces):
        start = {"start": {"toolUse": {"toolUseId": f"call-{index}", "name": name}}, "contentBlockIndex": index + 1}
        out = self.frame("contentBlockStart", start)
        for piece in pieces:
            delta = {"delta": {"toolUse": {"input": piece}}, "contentBlockIndex": index + 1}
            out += self.frame("contentBlockDelta", delta)
        return out + self.frame("contentBlockStop", {"contentBlockIndex": index + 1})

    def finish(self, reason):
        return self.frame("messageStop", {"stopReason": self.reasons[reason]})

    def bill(self):
        return self.frame("metadata", {"usage": self.usage, "metrics": {"latencyMs": 1}})

    def end(self):
        return b""

    def failure(self):
        return self.frame("internalServerException", {"message": "broke in the middle"}, "exception")

    def unknown(self):
        return self.frame("novelty", {"novel": {"deep": [1]}})

    def nulls(self):
        return self.frame("contentBlockDelta", {"delta": {"text": None, "toolUse": None}, "contentBlockIndex": None})

    def event(self, value):
        return self.frame("contentBlockDelta", value)

    def document(self):
        content = [{"text": "all at once"}]
        return {"output": {"message": {"role": "assistant", "content": content}}, "stopReason": "end_turn",
                "usage": self.usage}

    def refusal(self, message, code):
        return {"message": message}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def reply(self, status, value, kind="application/json", **headers):
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, content in headers.items():
            self.send_header(name.replace("_", "-"), content)
        self.end_headers()
        self.wfile.write(body)

    def write(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def stream(self, *parts, cut=False, kind=None):
        self.send_response(200)
        self.send_header("Content-Type", kind or self.wire.stream_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in parts:
            self.write(part)
        if cut:
            self.close_connection = True
        else:
            self.wfile.write(b"0\r\n\r\n")

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/last":
            return self.reply(200, last)
        path = urllib.parse.unquote(self.path)
        azure = re.match(r"/openai/deployments/([^/]+)/chat/completions\?api-version=", path)
        bedrock = re.match(r"/model/([^/]+)/converse-stream$", path)
        if bedrock:
            self.wire, model = BedrockWire(), bedrock[1]
        elif azure:
            self.wire, model = ChatWire(), azure[1]
        else:
            wires = {"/v1/chat/completions": ChatWire, "/v1/responses": ResponsesWire, "/v1/messages": AnthropicWire}
            self.wire, model = wires[path](), body["model"]
        self.body = body
        last.clear()
        last.update(path=self.path, headers={k.lower(): v for k, v in self.headers.items()}, body=body)
        getattr(self, "do_" + model.partition(":")[0].replace("-", "_"))()

    def do_stream(self):
        wire = self.wire
        self.stream(wire.start(), *map(wire.text, ["Grüße", " aus", " dem Test"]), wire.finish("stop"), wire.bill(),
                    wire.end())

    def do_plain(self):
        self.reply(200, self.wire.document())

    def do_tools(self):
        wire = self.wire
        self.stream(wire.start(), wire.tool(0, "weather", ['{"city"', ': "Zü', 'rich"}']),
                    wire.tool(1, "time", []), wire.finish("tools"), wire.bill(), wire.end())

    def do_length(self):
        wire = self.wire
        self.stream(wire.start(), wire.text("cut sh"), wire.finish("length"), wire.bill(), wire.end())

    def do_unknown(self):
        wire = self.wire
        self.stream(wire.start(), wire.unknown(), wire.nulls(), wire.text("kept"), wire.finish("stop"), wire.nulls(),
                    wire.bill(), wire.end())

    def do_cut_before_usage(self):
        self.stream(self.wire.start(), self.wire.text("half an ans"), cut=True)

    def do_cut_after_usage(self):
        wire = self.wire
        self.stream(wire.start(), wire.text("whole"), wire.finish("stop"), wire.bill(), cut=True)

    def do_failing(self):
        self.stream(self.wire.start(), self.wire.text("so f"), self.wire.failure())

    def do_garbage(self):
        self.stream(b"data: {nonsense\n\n\x00\x00\x00\x10\x00\x00\x00\x00 not a checksum, and more after it")

    def do_garbage_document(self):
        self.reply(200, b"{not json")

    def do_wrong_type(self):
        self.stream(b"<html>Welcome to the captive portal</html>", kind="text/html")

    def do_huge(self):
        self.send_response(200)
        self.send_header("Content-Type", self.wire.stream_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            self.write(self.wire.start())
            while True:
                self.write(self.wire.text("x" * 65536))
        except OSError:
            self.close_connection = True

    def do_slow(self):
        self.send_response(200)
        self.send_header("Content-Type", self.wire.stream_type)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.write(self.wire.start())
        self.connection.settimeout(120)
        try:
            self.rfile.read(1)
        except OSError:
            pass
        self.close_connection = True

    def refuse(self, status, code, message="refused", **headers):
        self.reply(status, self.wire.refusal(message, code), **headers)

    def do_bad_request(self):
        self.refuse(400, "invalid_request_error", "messages: too odd")

    def do_wrong_key(self):
        sent = [self.headers.get(name, "") for name in ("Authorization", "x-api-key", "api-key")]
        self.refuse(401, "authentication_error", "wrong key: " + " ".join(sent))

    def do_limited(self):
        self.refuse(429, "rate_limit_error", Retry_After="7")

    def do_broken(self):
        self.refuse(500, "api_error", "our fault")


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
