"""Receives webhooks on a free loopback port and judges them with the official `standardwebhooks` package.

    webhook_receiver.py

Prints its port when it is ready; ends with its standard input. POST /secrets tells it which secrets to verify with, as
a JSON array. POST /ok answers 204; /flaky answers 500 to the first try of each message; /gone answers 410; /moved
redirects to /ok. GET /seen shows what came, as JSON: path, id, type, the run, and which secrets verified it.

The first use makes a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests); later uses are quick.
"""
import http.server
import json
import os
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["standardwebhooks==1.0.0"]
SECRETS, SEEN, LOCK = [], [], threading.Lock()


def verified(secret, body, headers):
    from standardwebhooks.webhooks import Webhook, WebhookVerificationError

    try:
        Webhook(secret).verify(body, {name.lower(): value for name, value in headers.items()})
        return True
    except WebhookVerificationError:
        return False


class Receiver(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, document=None, **headers):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with LOCK:
            self.answer(200, SEEN)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/secrets":
            SECRETS[:] = json.loads(body)
            return self.answer(204)
        event = json.loads(body)
        message = {
            "path": self.path, "id": self.headers["webhook-id"], "type": event["type"], "subject": event.get("subject"),
            "state": event["data"].get("state"), "verified": [verified(s, body, self.headers) for s in SECRETS],
        }
        with LOCK:
            tries = sum(m["id"] == message["id"] and m["path"] == self.path for m in SEEN)
            SEEN.append(message)
        if self.path == "/gone":
            return self.answer(410)
        if self.path == "/moved":
            return self.answer(302, Location="/ok")
        self.answer(500 if self.path == "/flaky" and tries == 0 else 204)


def main():
    python = python_environment.folder("webhooks", PACKAGES) / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), __file__])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
