"""Opens a WebSocket through a proxy, hears one event and a metric, and says so.

    proxied_socket.py URL CA_FILE
"""
import json
import pathlib
import ssl
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402


def main(url, ca):
    from websockets.sync.client import connect

    context = ssl.create_default_context(cafile=ca)
    context.check_hostname = False
    with connect(url + "/ws/system", ssl=context) as socket:
        socket.recv()
        socket.send(json.dumps({"type": "subscribe", "channel": "system.memory"}))
        socket.recv()
        metric = json.loads(socket.recv(timeout=60))
    with connect(url + "/ws", ssl=context, origin=url.replace("wss", "https")) as socket:
        socket.recv()
        socket.send(json.dumps({"type": "subscribe", "channel": "runs.*", "after": 0}))
        heard = []
        while not heard or heard[-1] != "caught_up":
            heard.append(json.loads(socket.recv(timeout=60))["type"])
    print(json.dumps({"metric": metric["channel"], "heard": heard}))


if __name__ == "__main__":
    place = python_environment.folder("sockets", ["websockets==15.0.1"])
    if pathlib.Path(sys.prefix) != place:
        sys.exit(subprocess.run([place / "bin" / "python", *sys.argv]).returncode)
    main(sys.argv[1], sys.argv[2])
