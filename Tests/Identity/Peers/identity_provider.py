"""An OpenID Connect provider on a free loopback port, with tokens by `joserfc`. It can be told to misbehave.

    identity_provider.py

Prints its port when it is ready; ends with its standard input. /authorize answers at once with the redirect back, as
somebody who is signed in already sees it. Codes are good once, for the same redirect and client, and with the verifier
of their challenge. POST /mode {"claims": {…}, "remove": […], "attack": "unsigned" | "other_key" | "hs256" | "rotated" |
"unknown_kid" | "crit", "answer_issuer": …} changes what the next tokens say. GET /seen tells what came to /token.

The first use makes a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests); later uses are quick.
"""
import base64
import hashlib
import http.server
import json
import os
import pathlib
import secrets
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["joserfc==1.5.0"]
CLIENT, SECRET = "bureau client", "s3cret:/ with +"
LOCK = threading.Lock()
STATE = {"mode": {}, "codes": {}, "seen": [], "jwks": 0}


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def keys():
    from joserfc.jwk import ECKey, OKPKey, RSAKey

    return {
        "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig", "alg": "RS256"}),
        "ES256": ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"}),
        "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed", "use": "sig"}),
    }


def token(issuer, nonce):
    from joserfc import jwt
    from joserfc.jwk import OctKey, RSAKey

    mode, now = STATE["mode"], int(time.time())
    claims = {
        "iss": issuer, "sub": "subject-1", "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": nonce,
        "email": "Ada@example.org", "email_verified": True, "groups": ["engineers", "unknown"],
    }
    claims.update(mode.get("claims", {}))
    for name in mode.get("remove", []):
        claims.pop(name, None)
    algorithm, attack = mode.get("algorithm", "RS256"), mode.get("attack")
    key = STATE["keys"][algorithm]
    header = {"alg": algorithm, "kid": key.kid}
    if attack == "unsigned":
        parts = [{"alg": "none"}, claims]
        return ".".join(text(json.dumps(part).encode()) for part in parts) + "."
    if attack == "other_key":
        key = RSAKey.generate_key(2048, {"kid": "rsa"})
    if attack == "unknown_kid":
        header["kid"] = "none-of-them"
    if attack == "hs256":
        header = {"alg": "HS256", "kid": key.kid}
        return jwt.encode(header, claims, OctKey.import_key(key.as_pem(private=False)), algorithms=["HS256"])
    if attack == "crit":
        # joserfc does not write what it would not read.
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        signed = ".".join(text(json.dumps(part).encode()) for part in ({**header, "crit": ["exp"], "exp": now}, claims))
        return signed + "." + text(key.private_key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))
    return jwt.encode(header, claims, key, algorithms=[algorithm, "EdDSA"])


class Provider(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, status, document=None, **headers):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlparse(self.path)
        query = {name: values[0] for name, values in urllib.parse.parse_qs(url.query).items()}
        with LOCK:
            if url.path == "/.well-known/openid-configuration":
                return self.answer(200, {
                    "issuer": STATE["mode"].get("issuer", self.issuer),
                    "authorization_endpoint": self.issuer + "/authorize", "token_endpoint": self.issuer + "/token",
                    "jwks_uri": self.issuer + "/jwks", "authorization_response_iss_parameter_supported": True,
                })
            if url.path == "/jwks":
                STATE["jwks"] += 1
                return self.answer(200, {"keys": [key.as_dict(private=False) for key in STATE["keys"].values()]})
            if url.path == "/seen":
                return self.answer(200, {"token": STATE["seen"], "jwks": STATE["jwks"]})
            if url.path == "/authorize":
                code = secrets.token_urlsafe(16)
                STATE["codes"][code] = query
                back = {"code": code, "state": query["state"], "iss": STATE["mode"].get("answer_issuer", self.issuer)}
                if back["iss"] is None:
                    del back["iss"]
                back["session_state"] = "x"
                return self.answer(302, Location=query["redirect_uri"] + "?" + urllib.parse.urlencode(back))
        self.answer(404)

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with LOCK:
            if self.path == "/mode":
                STATE["mode"] = json.loads(body)
                if STATE["mode"].get("attack") == "rotated":
                    STATE["keys"] = keys()
                    for key in STATE["keys"].values():
                        key.dict_value["kid"] = key.kid + "-2"
                return self.answer(204)
            fields = {name: values[0] for name, values in urllib.parse.parse_qs(body).items()}
            started = STATE["codes"].pop(fields.get("code"), None)
            verdict = self.refusal(fields, started)
            STATE["seen"].append(verdict or "given")
            if verdict:
                return self.answer(400, {"error": verdict})
            self.answer(200, {
                "access_token": "x", "token_type": "Bearer", "id_token": token(self.issuer, started["nonce"])})

    def refusal(self, fields, started):
        given = base64.b64decode(self.headers.get("Authorization", "Basic ").split()[-1] or b"").decode()
        name, _, secret = given.partition(":")
        if (urllib.parse.unquote_plus(name), urllib.parse.unquote_plus(secret)) != (CLIENT, SECRET):
            return "invalid_client"
        if started is None:
            return "unknown_code"
        if fields.get("redirect_uri") != started["redirect_uri"] or started["client_id"] != CLIENT:
            return "other_redirect"
        challenge = text(hashlib.sha256(fields.get("code_verifier", "").encode()).digest())
        if started.get("code_challenge_method") != "S256" or challenge != started["code_challenge"]:
            return "wrong_verifier"
        return None


def main():
    python = python_environment.folder("identity-provider", PACKAGES) / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), __file__])
    STATE["keys"] = keys()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
