// A client for Bureau's WebSockets: comes back by itself, and goes on where it was.
//
//   import { BureauSocket } from "/static/bureau-socket.js";
//   const socket = new BureauSocket("/ws", { token: () => sessionToken });
//   const stop = socket.subscribe("runs.*", ({ position, event }) => …);
//   socket.on("state", ({ state }) => …);   // connecting, open, waiting, closed
//
// An event may come twice after a reconnect, and never out of order within a subscription: `position` tells.

const firstDelay = 500;
const longestDelay = 30_000;
// Codes after which coming back would meet the same answer.
const finalCodes = new Set([1002, 1003, 1007, 1008, 1009]);

export class BureauSocket {
  #url;
  #token;
  #Socket;
  #socket = null;
  #handlers = new Map(); // channel → Set of functions
  #listeners = new Map(); // type → Set of functions
  #position = null; // the last event that was handed over
  #missing = null; // after this one some were left out, until they came
  #isCatchingUp = false;
  #delay = firstDelay;
  #timer = null;
  #isWelcome = false;
  #isClosed = false;

  /**
   * @param {string} path where the socket is, such as "/ws"
   * @param {{token?: () => (string|Promise<string>), after?: number, WebSocket?: typeof WebSocket}} options
   *   `token` is asked at every connection; `after` is the position to go on after.
   */
  constructor(path, { token = null, after = null, WebSocket: Socket = globalThis.WebSocket } = {}) {
    const base = globalThis.location?.href ?? "http://localhost/";
    this.#url = new URL(path, base);
    this.#url.protocol = this.#url.protocol.replace("http", "ws");
    this.#token = token;
    this.#position = after;
    this.#Socket = Socket;
    this.#connect();
  }

  /** The position to go on after, in this or a later client. */
  get position() { return this.#missing ?? this.#position; }

  /** Calls `handler` for what comes on the channel; the function that is returned ends it. */
  subscribe(channel, handler) {
    const handlers = this.#handlers.get(channel) ?? new Set();
    const isNew = handlers.size === 0;
    handlers.add(handler);
    this.#handlers.set(channel, handlers);
    if (isNew && this.#isWelcome) this.#send({ type: "subscribe", channel });
    return () => {
      handlers.delete(handler);
      if (handlers.size > 0 || this.#handlers.get(channel) !== handlers) return;
      this.#handlers.delete(channel);
      if (this.#isWelcome) this.#send({ type: "unsubscribe", channel });
    };
  }

  /** `state`, `dropped`, `error`, `caught_up`, `welcome`: as the host says them. */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    listeners.add(listener);
    this.#listeners.set(type, listeners);
    return () => listeners.delete(listener);
  }

  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#tell("state", { state: "closed" });
  }

  async #connect() {
    this.#tell("state", { state: "connecting" });
    let token = null;
    try {
      token = this.#token ? await this.#token() : null;
    } catch {
      return this.#later();
    }
    if (this.#isClosed) return;
    const socket = token ? new this.#Socket(this.#url, ["bearer", token]) : new this.#Socket(this.#url);
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code, reason }) => {
      if (this.#socket !== socket) return;
      this.#isWelcome = false;
      if (this.#isClosed) return;
      if (finalCodes.has(code)) {
        this.#isClosed = true;
        this.#tell("state", { state: "closed", code, reason });
      } else {
        this.#later(code);
      }
    };
  }

  #later(code) {
    // Of many clients that lost one host, each waits its own time.
    const wait = this.#delay * (0.5 + Math.random() / 2);
    this.#delay = Math.min(this.#delay * 2, longestDelay);
    this.#tell("state", { state: "waiting", milliseconds: wait, code });
    this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #take(message) {
    switch (message.type) {
      case "welcome": {
        this.#isWelcome = true;
        this.#delay = firstDelay;
        this.#position ??= message.position;
        this.#isCatchingUp = false;
        this.#catchUp();
        this.#tell("state", { state: "open" });
        break;
      }
      case "event":
        this.#position = Math.max(this.#position ?? 0, message.position);
        this.#hand(message, message.channels);
        break;
      case "metric":
        this.#hand(message, [message.channel]);
        break;
      case "dropped":
        // What was left out is asked for again; what comes twice has the same position.
        this.#missing = Math.min(this.#missing ?? Infinity, message.resume_after);
        if (!this.#isCatchingUp) this.#catchUp();
        break;
      case "caught_up":
        this.#isCatchingUp = false;
        if (this.#missing !== null && message.position < this.#position) this.#catchUp();
        else this.#missing = null;
        break;
      case "closing":
        this.#missing = message.resume_after;
        break;
    }
    this.#tell(message.type, message);
  }

  #catchUp() {
    const channels = [...this.#handlers.keys()];
    if (channels.length === 0) return;
    this.#isCatchingUp = true;
    this.#send({ type: "subscribe", channels, after: this.position });
  }

  #hand(message, names) {
    for (const [channel, handlers] of this.#handlers) {
      if (!names.some((name) => covers(channel, name))) continue;
      for (const handler of handlers) handler(message);
    }
  }

  #send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #tell(type, value) {
    for (const listener of this.#listeners.get(type) ?? []) listener(value);
  }
}

/** Whether a channel, with `.*` at its end or not, covers the name of one. */
export function covers(channel, name) {
  if (channel.endsWith(".*")) return name.startsWith(channel.slice(0, -1));
  return channel === name || (["events", "runs", "system"].includes(channel) && name.startsWith(`${channel}.`));
}
