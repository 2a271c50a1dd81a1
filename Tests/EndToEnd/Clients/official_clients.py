"""Speaks to a served host with the official `openai` and `anthropic` packages, and prints what they saw as JSON.

    official_clients.py SCENARIO ADDRESS

The first use makes a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests); later uses are quick.
"""
import concurrent.futures
import fcntl
import json
import os
import pathlib
import subprocess
import sys
import venv

PACKAGES = ["openai==3.54.0", "anthropic==2.12.0"]
MESSAGES = [{"role": "user", "content": "one two three four"}]
TENANT = {"x-bureau-tenant": "acme", "x-bureau-department": "writing"}


def environment():
    default = pathlib.Path.home() / ".cache" / "bureau-tests"
    cache = pathlib.Path(os.environ.get("BUREAU_TEST_CACHE") or default)
    cache.mkdir(parents=True, exist_ok=True)
    folder = cache / f"model-clients-py{sys.version_info.major}{sys.version_info.minor}"
    python, ready = folder / "bin" / "python", folder / "ready"
    with open(cache / "model-clients.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.exists() or ready.read_text() != "\n".join(PACKAGES):
            venv.create(folder, with_pip=True, clear=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES],
                           check=True, stdout=sys.stderr)
            ready.write_text("\n".join(PACKAGES))
    return python


def cost(response):
    return int(response.headers["x-bureau-cost-nanodollars"])


def left(response):
    return int(response.headers["x-bureau-budget-left-nanodollars"])


def refusal(error):
    return {"type": type(error).__name__, "status": error.status_code,
            "retry": error.response.headers.get("x-should-retry"), "body": error.body}


class Clients:
    def __init__(self, address):
        import anthropic
        import openai

        self.openai_errors, self.anthropic_errors = openai.APIStatusError, anthropic.APIStatusError
        self.openai = openai.OpenAI(base_url=address + "/v1", api_key="sk-of-the-client", default_headers=TENANT)
        self.anthropic = anthropic.Anthropic(
            base_url=address, api_key="sk-of-the-client", default_headers=TENANT)

    def plain(self):
        raw = self.openai.chat.completions.with_raw_response.create(
            model="plain", messages=MESSAGES, max_tokens=5, temperature=0.2, seed=7, stop=["never"], user="someone")
        answer, message = raw.parse(), self.anthropic.messages.with_raw_response.create(
            model="plain", system="be brief", messages=MESSAGES, max_tokens=30, stop_sequences=["never"])
        parsed = message.parse()
        return {
            "openai": {"text": answer.choices[0].message.content, "finish": answer.choices[0].finish_reason,
                       "usage": answer.usage.to_dict(), "cost": cost(raw), "left": left(raw), "id": answer.id,
                       "call": raw.headers["x-bureau-call-id"], "request_id": answer._request_id},
            "anthropic": {"text": parsed.content[0].text, "stop": parsed.stop_reason,
                          "usage": parsed.usage.to_dict(), "cost": cost(message),
                          "call": message.headers["x-bureau-call-id"], "request_id": parsed._request_id},
        }

    def streamed(self):
        chunks = list(self.openai.chat.completions.create(
            model="slow", messages=MESSAGES, max_completion_tokens=4, stream=True,
            stream_options={"include_usage": True}))
        without = list(self.openai.chat.completions.create(
            model="plain", messages=MESSAGES, max_tokens=2, stream=True))
        with self.anthropic.messages.stream(model="slow", messages=MESSAGES, max_tokens=3) as stream:
            pieces = list(stream.text_stream)
            final = stream.get_final_message()
        choices = [chunk.choices[0] for chunk in chunks if chunk.choices]
        return {
            "openai": {"pieces": [choice.delta.content for choice in choices if choice.delta.content],
                       "finish": choices[-1].finish_reason,
                       "usage": chunks[-1].usage.to_dict(), "bureau": chunks[-1].model_extra["bureau"]},
            "without": {"usages": [c.usage is None for c in without], "chunks": len(without)},
            "anthropic": {"pieces": pieces, "text": final.content[0].text, "stop": final.stop_reason,
                          "usage": final.usage.to_dict()},
        }

    def aborted(self):
        """Leaves half-way in three ways; the server is told nothing but a closed connection."""
        stream = self.openai.chat.completions.create(model="slow", messages=MESSAGES, max_tokens=12, stream=True)
        call = stream.response.headers["x-bureau-call-id"]
        pieces = [next(iter(stream)).choices for _ in range(3)]
        stream.close()
        with self.anthropic.messages.stream(model="slow", messages=MESSAGES, max_tokens=10) as messages:
            next(iter(messages.text_stream))
        try:
            self.openai.with_options(timeout=0.2, max_retries=0).chat.completions.create(
                model="slow", messages=MESSAGES, max_tokens=20)
        except Exception as error:
            timeout = type(error).__name__
        return {"heard": len(pieces), "call": call, "timeout": timeout}

    def refused(self):
        said = {}

        def attempt(name, errors, call):
            try:
                call()
                said[name] = None
            except errors as error:
                said[name] = refusal(error)

        chat, messages = self.openai.chat.completions.create, self.anthropic.messages.create
        attempt("model", self.openai_errors, lambda: chat(model="server/missing", messages=MESSAGES))
        attempt("unpriced", self.openai_errors, lambda: chat(model="unheard-of", messages=MESSAGES))
        attempt("anthropic_unpriced", self.anthropic_errors,
                lambda: messages(model="unheard-of", messages=MESSAGES, max_tokens=3))
        attempt("unknown", self.openai_errors,
                lambda: chat(model="plain", messages=MESSAGES, extra_body={"tempreature": 1}))
        attempt("several", self.openai_errors, lambda: chat(model="plain", messages=MESSAGES, n=2))
        attempt("role", self.openai_errors,
                lambda: chat(model="plain", messages=[{"role": "user", "content": 5}]))
        attempt("top_k", self.anthropic_errors,
                lambda: messages(model="plain", messages=MESSAGES, max_tokens=3, extra_body={"top_k": 4}))
        attempt("tenant", self.openai_errors,
                lambda: chat(model="plain", messages=MESSAGES, extra_headers={"x-bureau-tenant": "No/Name"}))
        attempt("streamed", self.openai_errors, lambda: chat(model="unheard-of", messages=MESSAGES, stream=True))
        return said

    def exhausted(self):
        """Tenant `poor` has room for one call of 10 tokens and no more."""
        chat = self.openai.with_options(default_headers={"x-bureau-tenant": "poor"}).chat.completions
        messages = self.anthropic.with_options(default_headers={"x-bureau-tenant": "poor"}).messages
        said = {}
        try:
            chat.create(model="plain", messages=MESSAGES, max_tokens=20_000)
        except self.openai_errors as error:
            said["openai"] = refusal(error)
        try:
            messages.create(model="plain", messages=MESSAGES, max_tokens=20_000)
        except self.anthropic_errors as error:
            said["anthropic"] = refusal(error)
        raw = chat.with_raw_response.create(model="plain", messages=MESSAGES, max_tokens=2)
        return {**said, "fits": cost(raw), "left": left(raw)}

    def many(self):
        def one(index):
            if index % 2:
                return cost(self.anthropic.messages.with_raw_response.create(
                    model="plain", messages=MESSAGES, max_tokens=1 + index % 7))
            return cost(self.openai.chat.completions.with_raw_response.create(
                model="plain", messages=MESSAGES, max_tokens=1 + index % 7))

        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            return {"costs": list(pool.map(one, range(50)))}

    def models(self):
        return {"openai": [model.id for model in self.openai.models.list()],
                "anthropic": [model.id for model in self.anthropic.models.list()],
                "one": self.openai.models.retrieve("server/plain").owned_by}


def main():
    if "MODEL_CLIENTS" not in os.environ:
        python = environment()
        os.execve(python, [str(python), *sys.argv], {**os.environ, "MODEL_CLIENTS": "1"})
    scenario, address = sys.argv[1:]
    print(json.dumps(getattr(Clients(address), scenario)()))


main()
