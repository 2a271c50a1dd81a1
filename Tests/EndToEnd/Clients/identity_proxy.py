"""A host with users, for clients: logs in, renews and asks for tokens, and passes everything else on to a host.

identity_proxy.py HOST-URL: prints its own address. One user, ada@example.com with password "correct horse". An access
token holds for --seconds; a refresh token works once, and using it again ends the login (as the real host does).
"""
import http.server, json, secrets, sys, threading, time, urllib.error, urllib.parse, urllib.request

UPSTREAM, SECONDS = sys.argv[1], int(sys.argv[2])
LOCK = threading.Lock()
access, refresh, log = {}, set(), []


def grant():
    token, again = secrets.token_hex(16), secrets.token_hex(16)
    access[token] = time.time() + SECONDS
    refresh.add(again)
    return {"access_token": token, "token_type": "bearer", "expires_in": SECONDS, "refresh_token": again}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def refuse(self, detail):
        self.answer(401, {"title": "unauthorized", "detail": detail}, "application/problem+json")

    def form(self, body):
        return {k: v[0] for k, v in urllib.parse.parse_qs(body.decode()).items()}

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with LOCK:
            if self.path == "/log":
                return self.answer(200, log)
            log.append(f"{self.command} {self.path.split('?')[0]}")
            if self.path == "/auth/login":
                form = self.form(body)
                if (form.get("email"), form.get("password")) != ("ada@example.com", "correct horse & co"):
                    return self.refuse("wrong e-mail address or password")
                return self.answer(200, grant())
            if self.path == "/auth/refresh":
                token = self.form(body).get("refresh_token")
                if token not in refresh:
                    access.clear(), refresh.clear()
                    return self.refuse("the login has ended")
                refresh.discard(token)
                return self.answer(200, grant())
            bearer = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            key = self.headers.get("X-API-Key")
            if key != "key-1" and access.get(bearer, 0) < time.time():
                return self.refuse("say who you are")
            if self.path == "/auth/me":
                return self.answer(200, {"email": "ada@example.com", "tenant": "default", "roles": ["admin"]})
            if self.path == "/auth/logout":
                access.pop(bearer, None)
                return self.answer(204, b"")
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection", "authorization")}
        request = urllib.request.Request(
            UPSTREAM + self.path, data=body or None, method=self.command, headers=headers)
        try:
            with urllib.request.urlopen(request) as response:
                self.answer(response.status, response.read(), response.headers.get("Content-Type", ""))
        except urllib.error.HTTPError as error:
            self.answer(error.code, error.read(), error.headers.get("Content-Type", ""))

    do_GET = do_POST = do_PUT = do_DELETE = handle_any


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(json.dumps({"address": f"http://127.0.0.1:{server.server_port}"}), flush=True)
server.serve_forever()
