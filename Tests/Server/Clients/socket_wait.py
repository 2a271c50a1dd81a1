"""Listens to events with the `websockets` package until the host ends the socket; prints the type of each message, and
at the end the close code, the last position and where to go on.

    socket_wait.py PORT TOKEN
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["websockets==15.0.1"]


def main(port, token):
    import websockets
    from websockets.sync.client import connect

    socket = connect(f"ws://127.0.0.1:{port}/ws", additional_headers={"Authorization": f"Bearer {token}"})
    welcome = json.loads(socket.recv())
    socket.send(json.dumps({"type": "subscribe", "channel": "events"}))
    json.loads(socket.recv())
    print(welcome["type"], flush=True)
    position, resume_after = 0, None
    try:
        while True:
            message = json.loads(socket.recv())
            print(message["type"], flush=True)
            position = message.get("position", position)
            resume_after = message.get("resume_after", resume_after)
    except websockets.ConnectionClosed as closed:
        code = closed.rcvd.code if closed.rcvd else None
        print(json.dumps({"code": code, "position": position, "resume_after": resume_after}))


if __name__ == "__main__":
    place = python_environment.folder("sockets", PACKAGES)
    if pathlib.Path(sys.prefix) != place:
        sys.exit(subprocess.run([place / "bin" / "python", *sys.argv]).returncode)
    main(int(sys.argv[1]), sys.argv[2])
