"""A witness of others (aics-witness, C2SP tlog-witness) on a free loopback port. For tests.

    witness.py FOLDER LOG-VKEY

Prints its port as JSON when it is ready; its public key is then in FOLDER/vkey. Ends at SIGTERM, or when its parent
ends. Needs Python 3.12 or newer.
"""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402
from check_log_packages import PACKAGES  # noqa: E402

parent = os.getppid()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
folder, vkey = pathlib.Path(sys.argv[1]), sys.argv[2]
witness = python_environment.folder("audit", PACKAGES) / "bin" / "aics-witness"
folder.mkdir(parents=True, exist_ok=True)
config = str(folder / "witness.json")
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
listen = f"127.0.0.1:{port}"
made = subprocess.run(
    [witness, "init", "--config", config, "--name", "witness.example/w1", "--listen", listen], text=True,
    capture_output=True, check=True)
key = next(word for word in made.stdout.split() if word.startswith("witness.example/w1+"))
(folder / "vkey").write_text(key)
subprocess.run(
    [witness, "add-log", "--config", config, "--origin", vkey.split("+")[0], "--vkey", vkey], check=True,
    capture_output=True)
served = subprocess.Popen([witness, "serve", "--config", config], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    print(f'{{"port":{port}}}', flush=True)
    while os.getppid() == parent and served.poll() is None:
        time.sleep(0.5)
finally:
    served.kill()
    served.wait()
