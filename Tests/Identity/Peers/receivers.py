"""Receivers of notifications on free loopback ports: a mail server (`aiosmtpd`), one that speaks as Slack's webhooks
do, and signed webhooks and a gateway for text messages, verified by `standardwebhooks`.

    receivers.py FOLDER

Prints the port of HTTP when it is ready; ends with its standard input. Writes a self-signed certificate for 127.0.0.1
to FOLDER/server.pem. GET /ports: of plain SMTP and of SMTP with STARTTLS and authentication. GET /seen: what came.
POST /mode {"mail": "refuse" | "later", "http": status, "times": n}: the next n fail so. POST /secret: what verifies.

The first use makes a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests); later uses are quick.
"""
import datetime
import email
import email.policy
import http.server
import ipaddress
import json
import os
import pathlib
import ssl
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["aiosmtpd==1.4.6", "cryptography==44.0.3", "standardwebhooks==1.0.0"]
LOCK = threading.Lock()
STATE = {"seen": [], "mode": {}, "secret": None, "ports": {}}


def failing(kind):
    mode = STATE["mode"]
    if kind not in mode or mode.get("times", 0) <= 0:
        return None
    mode["times"] -= 1
    return mode[kind]


class Mailbox:
    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with LOCK:
            failure = failing("mail")
            STATE["seen"].append({
                "way": "mail", "from": envelope.mail_from, "to": envelope.rcpt_tos, "failed": failure,
                "headers": [[name, str(value)] for name, value in message.items()], "subject": message["Subject"],
                "id": message["Message-ID"], "text": message.get_content(), "tls": session.ssl is not None,
                "user": getattr(session.auth_data, "login", b"").decode() if session.auth_data else None,
                "defects": [str(defect) for defect in message.defects],
            })
        return {"refuse": "554 never", "later": "451 later"}.get(failure, "250 taken")


class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, document=None):
        body = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with LOCK:
            self.answer(200, STATE["ports"] if self.path == "/ports" else STATE["seen"])

    def do_POST(self):
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError

        body = self.rfile.read(int(self.headers["Content-Length"]))
        with LOCK:
            if self.path in ("/mode", "/secret"):
                STATE[self.path[1:]] = json.loads(body)
                return self.answer(204)
            verified = None
            if STATE["secret"] and "webhook-id" in self.headers:
                try:
                    Webhook(STATE["secret"]).verify(body, {k.lower(): v for k, v in self.headers.items()})
                    verified = True
                except WebhookVerificationError:
                    verified = False
            failure = failing("http")
            STATE["seen"].append({
                "way": self.path, "body": json.loads(body), "id": self.headers.get("webhook-id"),
                "verified": verified, "failed": failure})
            self.answer(failure or 200)


def certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    (folder / "server.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "server.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return context


def mail_servers(folder):
    from aiosmtpd.controller import Controller
    from aiosmtpd.smtp import AuthResult

    def authenticate(server, session, envelope, mechanism, data):
        good = (data.login, data.password) == (b"bureau", b"pa ss")
        return AuthResult(success=good, handled=False, auth_data=data)

    class Free(Controller):
        def _trigger_server(self):
            # The port is known only once the socket listens.
            self.port = self.server.sockets[0].getsockname()[1]
            super()._trigger_server()

    plain = Free(Mailbox(), hostname="127.0.0.1", port=0)
    secure = Free(
        Mailbox(), hostname="127.0.0.1", port=0, tls_context=certificate(folder), require_starttls=True,
        authenticator=authenticate, auth_required=True)
    for name, controller in (("plain", plain), ("starttls", secure)):
        controller.start()
        STATE["ports"][name] = controller.port
    return plain, secure


def main():
    python = python_environment.folder("receivers", PACKAGES) / "bin" / "python"
    if pathlib.Path(sys.prefix) != python.parent.parent:
        os.execv(python, [str(python), __file__, *sys.argv[1:]])
    controllers = mail_servers(pathlib.Path(sys.argv[1]))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()
    for controller in controllers:
        controller.stop()


main()
