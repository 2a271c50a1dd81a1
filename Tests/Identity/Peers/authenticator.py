"""Authenticators that others wrote, on a free loopback port: the key of `soft-webauthn` with `fido2`'s CBOR and
COSE, `pyotp` for codes by time, and `zxing-cpp`, which reads QR codes.

    authenticator.py

Prints its port when it is ready; ends with its standard input. POST /create {"options", "origin", "algorithm",
"format", ...} makes a key and answers as a browser does; /get {"options", "origin", ...} signs with the newest one.
Members of "change" alter one part of the answer. /totp {"uri", "at"} answers the code; /qr {"rows"} reads a code:
rows of 0 and 1.

The first use makes a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests); later uses are quick.
"""
import base64
import http.server
import json
import os
import pathlib
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["soft-webauthn==0.1.4", "fido2==1.2.0", "pyotp==2.12.0", "zxing-cpp==3.1.1", "pillow==13.0.0"]
DEVICES = {}


def text(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def data(value):
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def device_class():
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
    from fido2 import cbor
    from fido2.cose import ES256, RS256, EdDSA
    from fido2.utils import sha256
    from soft_webauthn import SoftWebauthnDevice

    class Device(SoftWebauthnDevice):
        """The key of soft-webauthn, with other algorithms, flags and attestations beside its own."""

        algorithm = -7

        def cred_init(self, rp_id, user_handle):
            super().cred_init(rp_id, user_handle)
            if self.algorithm == -8:
                self.private_key = ed25519.Ed25519PrivateKey.generate()
            elif self.algorithm == -257:
                self.private_key = rsa.generate_private_key(65537, 2048)

        def cose(self):
            kind = {-7: ES256, -8: EdDSA, -257: RS256}[self.algorithm]
            return dict(kind.from_cryptography_key(self.private_key.public_key()))

        def sign(self, message):
            if self.algorithm == -8:
                return self.private_key.sign(message)
            if self.algorithm == -257:
                return self.private_key.sign(message, padding.PKCS1v15(), hashes.SHA256())
            return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))

        def client_data(self, kind, challenge, origin, change):
            members = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
            members.update(change.get("client", {}))
            return json.dumps(members).encode()

        def head(self, rp_id, flags, change):
            flags = change.get("flags", flags)
            return sha256(change.get("rp_id", rp_id).encode()) + bytes([flags]) + struct.pack(">I", self.sign_count)

        def make(self, options, origin, form, change):
            self.cred_init(options["rp"]["id"], data(options["user"]["id"]))
            client = self.client_data("webauthn.create", options["challenge"], origin, change)
            attested = self.aaguid + struct.pack(">H", len(self.credential_id)) + self.credential_id
            auth = self.head(self.rp_id, 0x45, change) + attested + cbor.encode(self.cose())
            auth += bytes(change.get("trailing", []))
            statement = {}
            if form == "packed":
                signed = auth + sha256(client)
                statement = {"alg": self.algorithm, "sig": self.sign(signed)}
                if change.get("attestation_signature"):
                    statement["sig"] = self.sign(signed + b"x")
                if change.get("x5c"):
                    statement["x5c"] = [b"certificate"]
            document = {"fmt": form, "attStmt": statement, "authData": auth}
            return {"clientDataJSON": text(client), "attestationObject": text(cbor.encode(document))}

        def prove(self, options, origin, change):
            self.sign_count = change.get("counter", self.sign_count + 1)
            client = self.client_data("webauthn.get", options["challenge"], origin, change)
            auth = self.head(options["rpId"], 0x05, change)
            signature = self.sign(auth + sha256(client) + (b"x" if change.get("signature") else b""))
            answer = {
                "clientDataJSON": text(client), "authenticatorData": text(auth), "signature": text(signature),
                "userHandle": text(self.user_handle),
            }
            if "user_handle" in change:
                answer["userHandle"] = text(change["user_handle"].encode())
            return answer

    return Device


class Peer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        document = getattr(self, self.path[1:])(question)
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def credential(self, device, response):
        name = text(device.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def create(self, question):
        device = device_class()()
        device.algorithm = question.get("algorithm", -7)
        response = device.make(
            question["options"], question["origin"], question.get("format", "none"), question.get("change", {}))
        DEVICES[text(device.credential_id)] = device
        return self.credential(device, response)

    def get(self, question):
        name = question.get("credential") or question["options"]["allowCredentials"][-1]["id"]
        device = DEVICES[name]
        return self.credential(
            device, device.prove(question["options"], question["origin"], question.get("change", {})))

    def soft(self, question):
        """The unchanged device of soft-webauthn: no user verification, no crossOrigin."""
        from soft_webauthn import SoftWebauthnDevice

        options = {"publicKey": dict(question["options"])}
        options["publicKey"]["challenge"] = data(options["publicKey"]["challenge"])
        if "rp" in question["options"]:
            options["publicKey"]["user"] = {"id": data(question["options"]["user"]["id"])}
            device = SoftWebauthnDevice()
            made = device.create(options, question["origin"])
            DEVICES["soft"] = device
        else:
            made = DEVICES["soft"].get(options, question["origin"])
        response = {key: text(value) for key, value in made["response"].items()}
        name = text(made["rawId"])
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def totp(self, question):
        import pyotp

        return {"code": pyotp.parse_uri(question["uri"]).at(question["at"])}

    def qr(self, question):
        import zxingcpp
        from PIL import Image

        rows = question["rows"]
        size, scale = len(rows), 4
        image = Image.new("L", (scale * (size + 8), scale * (size + 8)), 255)
        for y, row in enumerate(rows):
            for x, module in enumerate(row):
                if module == "1":
                    image.paste(0, (scale * (x + 4), scale * (y + 4), scale * (x + 5), scale * (y + 5)))
        found = zxingcpp.read_barcodes(image)
        return {"texts": [code.text for code in found], "kinds": [str(code.format) for code in found]}


def main():
    python = python_environment.folder("authenticator", PACKAGES) / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), __file__])
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Peer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
