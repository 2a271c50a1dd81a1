"""Sends requests without a pause while the host is ended and started again, as a client does that tries again where it
may: when it could not connect, or when a connection ended before any byte of an answer. Prints, as JSON, what became
of them; `torn` are answers that began and did not end, which no client can repair.

    restart_client.py PORT SECONDS THREADS
"""
import http.client
import json
import sys
import threading
import time

PORT, SECONDS, THREADS = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
counts = {"answered": 0, "draining": 0, "again": 0, "torn": 0, "closed_by_answer": 0}
other, lock = [], threading.Lock()


def note(name):
    with lock:
        counts[name] += 1


def work():
    end, connection = time.monotonic() + SECONDS, None
    while time.monotonic() < end:
        connection = connection or http.client.HTTPConnection("127.0.0.1", PORT, timeout=30)
        try:
            connection.request("GET", "/departments")
            answer = connection.getresponse()
        except (ConnectionError, http.client.RemoteDisconnected, http.client.CannotSendRequest):
            connection.close()
            connection = None
            note("again")
            time.sleep(0.01)
            continue
        try:
            body = answer.read()
            json.loads(body)
        except (http.client.IncompleteRead, ConnectionError, ValueError):
            connection.close()
            connection = None
            note("torn")
            continue
        if answer.status == 200:
            note("answered")
        elif answer.status == 503:
            note("draining")
        else:
            with lock:
                other.append(answer.status)
        if answer.getheader("Connection", "").lower() == "close":
            note("closed_by_answer")
            connection.close()
            connection = None


threads = [threading.Thread(target=work) for _ in range(THREADS)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(json.dumps({**counts, "other": other[:5]}))
