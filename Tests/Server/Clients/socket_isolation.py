"""Listens with many sockets of several tenants and checks that each hears exactly what it may.

    socket_isolation.py PORT SEED

Prints `ready` when all listen; a line on standard input says that everything was committed. The last line is a report.
What a socket should hear is computed from what an operator's socket heard, which hears all.
"""
import asyncio
import json
import pathlib
import random
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Support"))
sys.dont_write_bytecode = True
import python_environment  # noqa: E402

PACKAGES = ["websockets==15.0.1"]
TENANTS = ["acme", "globex", "initech"]
USERS = ["ana", "bob", "cem"]
CHANNELS = ["events", "events.automation.*", "events.automation.run.requested", "runs", "runs.*", "approvals"]


def in_environment():
    place = python_environment.folder("sockets", PACKAGES)
    python = place / "bin" / "python"
    if pathlib.Path(sys.prefix) != place:
        sys.exit(subprocess.run([python, *sys.argv]).returncode)


def covers(channel, names):
    if channel in ("events", "runs"):
        channel += ".*"
    if channel.endswith(".*"):
        return any(name.startswith(channel[:-1]) for name in names)
    return channel in names


class Listener:
    def __init__(self, port, tenant, user, scopes, channels):
        self.port, self.tenant, self.user, self.scopes, self.channels = port, tenant, user, scopes, channels
        self.heard, self.again, self.other = {}, {}, []
        self.granted = []

    @property
    def token(self):
        return ".".join([self.tenant, self.user, "+".join(self.scopes)])

    async def connect(self):
        from websockets.asyncio.client import connect

        return await connect(f"ws://127.0.0.1:{self.port}/ws", max_queue=None, max_size=1 << 20,
                             subprotocols=["bearer", self.token])

    async def listen(self):
        self.socket = await self.connect()
        assert json.loads(await self.socket.recv())["type"] == "welcome"
        for channel in self.channels:
            await self.socket.send(json.dumps({"type": "subscribe", "channel": channel}))
            answer = json.loads(await self.socket.recv())
            if answer["type"] == "subscribed":
                self.granted.append(channel)
            else:
                assert answer["code"] == "forbidden", answer
        self.task = asyncio.create_task(self.read(self.socket, self.heard))

    async def read(self, socket, into, until=None):
        import websockets

        try:
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "event":
                    assert message["position"] not in into, "told twice"
                    into[message["position"]] = message
                elif message["type"] == until:
                    return
                elif message["type"] == "subscribed" and until:
                    continue
                else:
                    self.other.append(message)
        except websockets.ConnectionClosed:
            pass

    async def resume(self):
        socket = await self.connect()
        await socket.recv()
        if self.granted:
            await socket.send(json.dumps({"type": "subscribe", "channels": self.granted, "after": 0}))
            await asyncio.wait_for(self.read(socket, self.again, until="caught_up"), 60)
        await socket.close()

    def may(self, message):
        event = message["event"]
        if self.tenant != "operator" and event.get("tenant") != self.tenant:
            return False
        for channel in self.granted:
            family = channel.split(".")[0]
            if not covers(channel, message["channels"]):
                continue
            if f"{family}.read" in self.scopes:
                return True
            if f"{family}.read_own" in self.scopes and event["correlationid"].endswith("by-" + self.user):
                return True
        return False


async def main(port, seed):
    chance = random.Random(seed)
    listeners = [Listener(port, "operator", "root", ["events.read"], ["events"])]
    choices = [["events.read"], ["runs.read"], ["runs.read_own"], ["events.read_own"], ["events.read", "runs.read_own"],
               ["approvals.read"]]
    for _ in range(200):
        tenant = chance.choice(TENANTS + ["operator"])
        listeners.append(Listener(port, tenant, chance.choice(USERS), chance.choice(choices),
                                  chance.sample(CHANNELS, chance.randint(1, 4))))
    for listener in listeners:
        await listener.listen()
    print("ready", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    everything = listeners[0].heard
    for _ in range(600):
        if any(message["event"]["correlationid"].startswith("last") for message in everything.values()):
            break
        await asyncio.sleep(0.1)
    # Both event loops were given the same batches; what is under way to a socket arrives meanwhile.
    wanted = {listener: {p for p, m in everything.items() if listener.may(m)} for listener in listeners}
    for _ in range(300):
        if all(wanted[listener] <= listener.heard.keys() for listener in listeners):
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(1)
    wrong = [listener for listener in listeners if wanted[listener] != listener.heard.keys()]
    sample = chance.sample(listeners[1:], 40)
    await asyncio.gather(*[listener.resume() for listener in sample])
    missed = [listener for listener in sample if wanted[listener] != listener.again.keys()]
    print(json.dumps({
        "events": len(everything), "delivered": sum(len(listener.heard) for listener in listeners),
        "wrong": [f"{w.token} {w.granted}: {len(w.heard)} of {len(wanted[w])}" for w in wrong][:5],
        "missed_on_resume": [f"{w.token} {w.granted}: {len(w.again)} of {len(wanted[w])}" for w in missed][:5],
        "other": [m for listener in listeners for m in listener.other][:3],
    }))


if __name__ == "__main__":
    in_environment()
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
