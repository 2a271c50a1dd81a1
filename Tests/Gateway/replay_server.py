"""Answers each request with the recorded bytes of the file that its model names, and closes. For tests.

    replay_server.py FOLDER

A recording is an HTTP response whose body ends with its connection, as `Recorded/README.md` says. Binds a free loopback
port and prints it. Ends when its standard input closes or its parent ends.
"""
import json
import os
import pathlib
import socketserver
import sys
import threading
import time


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        self.rfile.readline()
        length = 0
        while (line := self.rfile.readline().strip()):
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        model = json.loads(self.rfile.read(length))["model"]
        recording = pathlib.Path(sys.argv[1], model + ".http").read_bytes()
        head, _, body = recording.partition(b"\n\n")
        self.wfile.write(head.replace(b"\n", b"\r\n") + b"\r\nConnection: close\r\n\r\n" + body)


class Server(socketserver.ThreadingTCPServer):
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
