"""Serves the model of scripts/local-model on a free loopback port. For tests.

Prints the port when the model answers. Ends when its standard input closes or its parent ends.
"""
import os
import pathlib
import select
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
import local_model  # noqa: E402


def main():
    parent = os.getppid()
    port = local_model.free_port()
    server = subprocess.Popen(
        local_model.command(*local_model.environment(), port),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + local_model.START_SECONDS
        while not local_model.is_ready(port):
            if server.poll() is not None:
                sys.exit(f"the model server ended with status {server.returncode}")
            if time.monotonic() > deadline:
                sys.exit("the model server did not start in time")
            time.sleep(0.05)
        print(port, flush=True)
        # Another child of the parent may have inherited the other end: its closing alone is not enough.
        while os.getppid() == parent and not select.select([sys.stdin], [], [], 0.2)[0]:
            pass
    finally:
        # The server inherits the test runner's signal mask, in which SIGTERM may be blocked.
        server.kill()
        server.wait()


main()
