"""Speaks to a served host with the official `openai` and `anthropic` packages, and prints what they saw as JSON.

    official_clients.py SCENARIO ADDRESS

The first use makes a virtual environment (BUREAU_TEST_CACHE, otherwise ~/.cache/bureau-tests); later uses are quick.
"""
import concurrent.futures
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["openai==3.54.0", "anthropic==2.12.0"]
MESSAGES = [{"role": "user", "content": "one two three four"}]
TENANT = {"x-bureau-tenant": "acme", "x-bureau-department": "writing"}


def cost(response):
    return int(response.headers["x-bureau-cost-nanodollars"])


def left(response):
    return int(response.headers["x-bureau-budget-left-nanodollars"])


def refusal(error):
    return {"type": type(error).__name__, "status": error.status_code,
            "retry": error.response.headers.get("x-should-retry"), "body": error.body}


def attempt(call):
    """What the client raised; None when it raised nothing."""
    try:
        call()
    except Exception as error:
        return refusal(error)


WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
           "additionalProperties": False}
OPENAI_TOOLS = [{"type": "function", "function": {
    "name": "weather", "description": "The weather of a city.", "parameters": WEATHER, "strict": True}}]
ANTHROPIC_TOOLS = [{"name": "weather", "description": "The weather of a city.", "input_schema": WEATHER}]
NUMBER = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"],
          "additionalProperties": False}
# One transparent pixel.
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="


def weather(city):
    return {"Oslo": "3 C", "Bergen": "7 C"}[city]


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

    def openai_loop(self, streamed, **more):
        """Tools until the model needs none: how many calls each turn asked for, and the last text."""
        messages, turns = [{"role": "user", "content": "How is the weather?"}], []
        while True:
            asked = {"model": "agent", "messages": messages, "tools": OPENAI_TOOLS, **more}
            if streamed:
                with self.openai.chat.completions.stream(**asked) as stream:
                    completion = stream.get_final_completion()
            else:
                completion = self.openai.chat.completions.create(**asked)
            choice = completion.choices[0]
            turns.append({"finish": choice.finish_reason, "text": choice.message.content,
                          "calls": [call.function.name for call in choice.message.tool_calls or []]})
            if not choice.message.tool_calls:
                return turns
            messages.append(choice.message)
            for call in choice.message.tool_calls:
                messages.append({"role": "tool", "tool_call_id": call.id,
                                 "content": weather(**json.loads(call.function.arguments))})

    def anthropic_loop(self, streamed, **more):
        messages, turns = [{"role": "user", "content": "How is the weather?"}], []
        while True:
            asked = {"model": "agent", "messages": messages, "tools": ANTHROPIC_TOOLS, "max_tokens": 50, **more}
            if streamed:
                with self.anthropic.messages.stream(**asked) as stream:
                    answer = stream.get_final_message()
            else:
                answer = self.anthropic.messages.create(**asked)
            calls = [block for block in answer.content if block.type == "tool_use"]
            text = "".join(block.text for block in answer.content if block.type == "text")
            turns.append({"finish": answer.stop_reason, "text": text or None, "calls": [call.name for call in calls]})
            if not calls:
                return turns
            messages.append({"role": "assistant", "content": answer.content})
            messages.append({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": call.id, "content": weather(**call.input)} for call in calls]})

    def tools(self):
        one = {"type": "auto", "disable_parallel_tool_use": True}
        return {
            "openai": [self.openai_loop(False), self.openai_loop(True)],
            "anthropic": [self.anthropic_loop(False), self.anthropic_loop(True)],
            "openai_single": self.openai_loop(False, parallel_tool_calls=False),
            "anthropic_single": self.anthropic_loop(True, tool_choice=one),
            "failed": self.anthropic.messages.create(model="echo", max_tokens=50, messages=[
                {"role": "user", "content": "go"},
                {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "weather", "input": {}}]},
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "is_error": True,
                                              "content": [{"type": "text", "text": "no sun"}]}]},
            ]).content[0].text,
            "unknown_tool": attempt(lambda: self.openai.chat.completions.create(
                model="agent", messages=MESSAGES, tools=OPENAI_TOOLS,
                tool_choice={"type": "function", "function": {"name": "moon"}})),
            "server_tool": attempt(lambda: self.anthropic.messages.create(
                model="agent", messages=MESSAGES, max_tokens=9,
                tools=[{"type": "web_search_20250305", "name": "web_search"}])),
        }

    def images(self):
        def chat(url, **more):
            return self.openai.chat.completions.create(model="echo", messages=[{"role": "user", "content": [
                {"type": "text", "text": "what is it"}, {"type": "image_url", "image_url": {"url": url, **more}}]}])

        def message(source):
            return self.anthropic.messages.create(model="echo", max_tokens=50, messages=[{"role": "user", "content": [
                {"type": "image", "source": source}, {"type": "text", "text": "what is it"}]}])

        return {
            "openai": chat("data:image/png;base64," + PIXEL).choices[0].message.content,
            "anthropic": message({"type": "base64", "media_type": "image/png", "data": PIXEL}).content[0].text,
            "openai_url": attempt(lambda: chat("https://example.org/a.png")),
            "anthropic_url": attempt(lambda: message({"type": "url", "url": "https://example.org/a.png"})),
            "detail": attempt(lambda: chat("data:image/png;base64," + PIXEL, detail="low")),
            "type": attempt(lambda: chat("data:image/tiff;base64," + PIXEL)),
            "bytes": attempt(lambda: chat("data:image/png;base64,not base64")),
        }

    def structured(self):
        asked = {"model": "json", "messages": MESSAGES, "response_format": {
            "type": "json_schema", "json_schema": {"name": "number", "strict": True, "schema": NUMBER}}}
        raw = self.openai.chat.completions.with_raw_response.create(**asked)
        chunks = list(self.openai.chat.completions.create(stream=True, **asked))
        message = self.anthropic.messages.create(
            model="json", messages=MESSAGES, max_tokens=50,
            output_config={"format": {"type": "json_schema", "schema": NUMBER}})
        return {
            "openai": raw.parse().choices[0].message.content, "cost": cost(raw),
            "pieces": [c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content],
            "anthropic": message.content[0].text,
            "object": self.openai.chat.completions.create(
                model="json", messages=MESSAGES, response_format={"type": "json_object"}).choices[0].message.content,
            "hopeless": attempt(lambda: self.openai.chat.completions.create(
                model="plain", messages=MESSAGES, max_tokens=50, response_format={"type": "json_object"})),
        }

    def routed(self):
        """With routes and a cache in the host's gateway file."""
        def chat(tenant="acme", **more):
            return self.openai.chat.completions.with_raw_response.create(
                messages=MESSAGES, max_tokens=3, extra_headers={"x-bureau-tenant": tenant}, **more)

        fallen = chat(model="careful")
        first, second = (chat(model="fast", temperature=0, seed=1) for _ in range(2))
        other = chat("other", model="fast", temperature=0, seed=1)
        stream = self.openai.chat.completions.with_raw_response.create(
            model="fast", messages=MESSAGES, max_tokens=3, temperature=0, seed=1, stream=True)
        cached = self.anthropic.messages.with_raw_response.create(
            model="fast", messages=MESSAGES, max_tokens=3, extra_body={"temperature": 0})
        user = self.openai.with_options(default_headers={"x-bureau-user": "ada"}).chat.completions
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            twins = list(pool.map(lambda _: chat(model="calm", temperature=0, seed=2), range(8)))
        return {
            "fallen": {"model": fallen.parse().model, "cost": cost(fallen)},
            "cache": [answer.headers["x-bureau-cache"] for answer in (first, second, other, stream, cached)],
            "costs": [cost(answer) for answer in (first, second, other)],
            "same": first.parse().choices[0].message.content == second.parse().choices[0].message.content,
            "streamed": "".join(c.choices[0].delta.content or "" for c in stream.parse() if c.choices),
            "twins": sorted(twin.headers["x-bureau-cache"] for twin in twins),
            "user": cost(user.with_raw_response.create(model="plain", messages=MESSAGES, max_tokens=4)),
            "badly_named": attempt(lambda: user.create(
                model="plain", messages=MESSAGES, extra_headers={"x-bureau-user": "No/Name"})),
            "models": {model.id: model.model_extra["bureau"]["kind"] for model in self.openai.models.list()},
            "route": self.openai.models.retrieve("careful").owned_by,
        }

    def guarded(self):
        """With a policy that masks, forbids and judges answers."""
        def chat(text, model="echo", **more):
            return self.openai.chat.completions.create(
                model=model, messages=[{"role": "user", "content": text}], **more)

        chunks = list(chat("one two", model="slow", max_tokens=5, stream=True))
        return {
            "masked": chat("Write to ada@example.org now").choices[0].message.content,
            "masked_stream": "".join(
                c.choices[0].delta.content or "" for c in chat("Write to ada@example.org now", stream=True)),
            "secret": attempt(lambda: chat("AKIAIOSFODNN7EXAMPLE")),
            "pieces": [c.choices[0].delta.content for c in chunks if c.choices[0].delta.content],
            "answer": attempt(lambda: chat("one two", model="plain", max_tokens=12)),
            "streamed_answer": attempt(lambda: chat("one two", model="plain", max_tokens=12, stream=True)),
            "anthropic": attempt(lambda: self.anthropic.messages.create(
                model="plain", max_tokens=12, messages=[{"role": "user", "content": "one two"}])),
        }

    def models(self):
        return {"openai": [model.id for model in self.openai.models.list()],
                "anthropic": [model.id for model in self.anthropic.models.list()],
                "one": self.openai.models.retrieve("server/plain").owned_by}


def main():
    if "MODEL_CLIENTS" not in os.environ:
        python = python_environment.folder("model-clients", PACKAGES) / "bin" / "python"
        os.execve(python, [str(python), *sys.argv], {**os.environ, "MODEL_CLIENTS": "1"})
    scenario, address = sys.argv[1:]
    print(json.dumps(getattr(Clients(address), scenario)()))


main()
