"""Keeps one TLS connection open while the host's certificate changes, and tells what new connections are shown.

    tls_client.py HOST_PORT CA_FILE...

Commands on standard input, one a line: `show` prints the serial number that a new connection sees; `ask` sends a
request on the first connection and prints the status.
"""
import http.client
import ssl
import sys

host, port = sys.argv[1].split(":")
context = ssl.create_default_context()
context.check_hostname = False
context.load_verify_locations(cafile=sys.argv[2])
context.load_verify_locations(cafile=sys.argv[3])
first = http.client.HTTPSConnection(host, int(port), context=context, timeout=60)
first.connect()
for line in sys.stdin:
    if line.strip() == "show":
        other = http.client.HTTPSConnection(host, int(port), context=context, timeout=60)
        other.connect()
        print(other.sock.getpeercert()["serialNumber"], other.sock.version(), flush=True)
        other.close()
    elif line.strip() == "ask":
        first.request("GET", "/health")
        answer = first.getresponse()
        answer.read()
        print(answer.status, flush=True)
