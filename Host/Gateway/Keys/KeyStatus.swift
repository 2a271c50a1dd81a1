package import Kernel

/// What is known of one key, for people.
package struct KeyStatus: Hashable, Sendable {
    package enum State: String, Sendable {
        case inUse = "in_use"
        /// 401 or 403, or it cannot be read: somebody must mend it.
        case refused
        /// 429.
        case limited
    }

    package var provider: String
    /// As in `gateway.json`; no secret.
    package var id: String
    package var state: State
    /// Until it is tried again; 0: now.
    package var waitMilliseconds: Int64

    package init(provider: String, id: String, state: State, waitMilliseconds: Int64) {
        self.provider = provider
        self.id = id
        self.state = state
        self.waitMilliseconds = waitMilliseconds
    }

    package var json: JSONValue {
        [
            "provider": .string(provider), "key": .string(id), "state": .string(state.rawValue),
            "wait_milliseconds": .integer(waitMilliseconds),
        ]
    }
}
