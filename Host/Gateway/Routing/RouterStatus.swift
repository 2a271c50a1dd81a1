package import Kernel

/// What the router knows now, for people.
package struct RouterStatus: Sendable {
    package struct Target: Hashable, Sendable {
        package var name: String
        /// `closed`, `open`, `half_open`.
        package var circuit: String
        /// Of the circuit's window.
        package var calls: Int
        package var failures: Int
        /// Until it is asked again: an open circuit, or a pause it asked for. 0: now.
        package var waitMilliseconds: Int64

        init(_ name: String, _ health: TargetHealth, at now: Tick) {
            self.name = name
            (calls, failures) = health.breaker.totals
            var until = health.heldUntil
            switch health.breaker.state {
            case .closed: circuit = "closed"
            case .open(let time):
                circuit = "open"
                until = max(time, until ?? time)
            case .halfOpen: circuit = "half_open"
            }
            waitMilliseconds = until?.milliseconds(since: now) ?? 0
        }
    }

    package struct Provider: Hashable, Sendable {
        package var name: String
        package var activeCalls: Int
        package var waitingCalls: Int
        /// That would pass at once. Nil: no limit.
        package var availableRequests: Int64?
        package var availableTokens: Int64?

        init(_ name: String, _ gate: ProviderGate, at now: Tick) {
            self.name = name
            activeCalls = gate.activeCalls
            waitingCalls = gate.waitingCalls
            (availableRequests, availableTokens) = gate.available(at: now)
        }
    }

    package var routes: [Route]
    package var targets: [Target]
    package var providers: [Provider]

    package var json: JSONValue {
        [
            "routes": .array(
                routes.map { route in
                    [
                        "name": .string(route.name),
                        "targets": .array(
                            route.targets.map { ["model": .string($0.model), "weight": .integer(Int64($0.weight))] }),
                        "canary": route.canary.map {
                            ["model": .string($0.model), "percent": .integer(Int64($0.percent))]
                        } ?? .null,
                        "fallbacks": .array(route.fallbacks.map(JSONValue.string)),
                    ]
                }),
            "targets": .array(
                targets.map { target in
                    [
                        "name": .string(target.name), "circuit": .string(target.circuit),
                        "calls": .integer(Int64(target.calls)), "failures": .integer(Int64(target.failures)),
                        "wait_milliseconds": .integer(target.waitMilliseconds),
                    ]
                }),
            "providers": .array(
                providers.map { provider in
                    [
                        "name": .string(provider.name), "active_calls": .integer(Int64(provider.activeCalls)),
                        "waiting_calls": .integer(Int64(provider.waitingCalls)),
                        "available_requests": provider.availableRequests.map(JSONValue.integer) ?? .null,
                        "available_tokens": provider.availableTokens.map(JSONValue.integer) ?? .null,
                    ]
                }),
        ]
    }
}

extension Gateway {
    /// Routes, circuits, pauses, limits, cache, keys, and who sends; what is not there is null.
    package var status: JSONValue {
        [
            "routing": router.status.json, "cache": cache?.status.json ?? .null,
            "keys": .array(keyStatus.map(\.json)), "egress": sendingPlace.map { .string($0.rawValue) } ?? .null,
        ]
    }
}
