"""LiteLLM's proxy on a free loopback port, before the scripted provider beside this file. For tests.

What stands before the first slash of a model says how the proxy asks the provider: `chat/stream` by chat completions,
`messages/stream` by Anthropic's messages; the rest is the provider's behaviour. The proxy itself answers `long` as a
request that is too long for its model, and `few` at most once a minute.

The first use installs it into a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests). Prints the
port when it is ready. Ends when its standard input closes or its parent ends.
"""
import json
import os
import pathlib
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

# As in scripts/bench: pip takes the newest that an index can install.
PACKAGES = ["litellm[proxy]>=1.100"]
KEY = "sk-of-the-proxy-0123456789abcdef"
START_SECONDS = 300


def configuration(upstream):
    def model(name, target, **members):
        return {"model_name": name, "litellm_params": {"model": target, "api_key": "none", **members}}

    return {
        "model_list": [
            model("long", "openai/mock", mock_response="litellm.ContextWindowExceededError"),
            model("few", "openai/mock", mock_response="Once.", rpm=1),
            model("chat/*", "openai/*", api_base=f"{upstream}/v1"),
            model("messages/*", "anthropic/*", api_base=upstream),
        ],
        "router_settings": {"num_retries": 0, "optional_pre_call_checks": ["enforce_model_rate_limits"]},
        # Else it asks OpenAI-compatible servers by the responses protocol.
        "litellm_settings": {"num_retries": 0, "use_chat_completions_url_for_anthropic_messages": True},
        "general_settings": {"master_key": KEY},
    }


def is_ready(port):
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/health/liveliness", timeout=2).status == 200
    except OSError:
        return False


def main():
    # A test runner may have signals blocked, which children inherit.
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    parent = os.getppid()
    litellm = python_environment.folder("litellm", PACKAGES) / "bin" / "litellm"
    provider = subprocess.Popen(
        [sys.executable, pathlib.Path(__file__).with_name("provider_server.py")], stdin=subprocess.PIPE,
        stdout=subprocess.PIPE)
    upstream = f"http://127.0.0.1:{int(provider.stdout.readline())}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        path, log = pathlib.Path(folder, "config.yaml"), pathlib.Path(folder, "log")
        path.write_text(json.dumps(configuration(upstream)))
        with open(log, "wb") as out:
            server = subprocess.Popen(
                [litellm, "--config", path, "--host", "127.0.0.1", "--port", str(port)], stdin=subprocess.DEVNULL,
                stdout=out, stderr=out, cwd=folder,
                # Its list of prices would be fetched from elsewhere.
                env={**os.environ, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "NO_COLOR": "1"})
        try:
            deadline = time.monotonic() + START_SECONDS
            while not is_ready(port):
                if server.poll() is not None or time.monotonic() > deadline:
                    sys.exit("LiteLLM did not start:\n" + log.read_text(errors="replace")[-4000:])
                time.sleep(0.1)
            print(port, flush=True)
            while os.getppid() == parent and not select.select([sys.stdin], [], [], 0.2)[0]:
                pass
        finally:
            for process in (server, provider):
                process.kill()
                process.wait()


main()
