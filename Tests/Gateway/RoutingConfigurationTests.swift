import Gateway
import Kernel
import Testing

@Suite("Routes, limits and cache in the operator's file")
struct RoutingConfigurationTests {
    private func routes(_ text: String) throws -> [String: Route] {
        try RouteEntry.all(try JSONParser.parse(text), at: JSONPointer(tokens: ["routes"]))
    }

    @Test("a whole route is read")
    func route() throws {
        let route = try #require(
            try routes(
                """
                {"careful": {"targets": [{"model": "a/x", "weight": 3}, "b/y"],
                  "canary": {"model": "c/z", "percent": 10, "by": "call"}, "fallbacks": ["d/"],
                  "fall_over_on": ["timeout"], "attempts": 5, "attempt_seconds": 60}}
                """)["careful"])
        #expect(route.targets == [.init(model: "a/x", weight: 3), .init(model: "b/y")])
        #expect(route.canary == .init(model: "c/z", percent: 10, unit: .call))
        #expect(route.fallbacks == ["d/"])
        #expect(route.fallsOverOn == [.timeout])
        #expect(route.retry.backoff.maximumAttempts == 5)
        #expect(route.attemptTimeoutMilliseconds == 60_000)
    }

    @Test(
        "what is wrong is named with its place",
        arguments: [
            (#"{"r": {}}"#, "/routes/r/targets"),
            (#"{"r": {"targets": []}}"#, "/routes/r/targets"),
            (#"{"r": {"targets": ["model"]}}"#, "/routes/r/targets/0"),
            (#"{"r": {"targets": [{"model": "a/b", "wieght": 1}]}}"#, "/routes/r/targets/0/wieght"),
            (#"{"r": {"targets": ["a/b"], "canary": {"model": "a/c"}}}"#, "/routes/r/canary/percent"),
            (#"{"r": {"targets": ["a/b"], "canary": {"model": "a/c", "percent": 101}}}"#, "/routes/r/canary/percent"),
            (#"{"r": {"targets": ["a/b"], "fall_over_on": ["refused"]}}"#, "/routes/r/fall_over_on/0"),
            (#"{"r": {"targets": ["a/b"], "hedge": {}}}"#, "/routes/r/hedge"),
        ])
    func wrong(text: String, place: String) {
        let failure = #expect(throws: Failure.self) { try routes(text) }
        #expect(failure?.message.hasPrefix(place + " ") == true, "\(failure?.message ?? "")")
    }

    private func limits(_ text: String) throws -> TrafficLimits? {
        try TrafficEntry.limits(try JSONParser.parse(text), at: JSONPointer(tokens: ["limits"]))
    }

    @Test("limits have bursts and a queue, and what could not work is refused")
    func traffic() throws {
        let read = try #require(try limits(#"{"requests_per_minute": 60, "tokens_per_minute": 9000}"#))
        #expect(read.requests == .init(limit: 60, burst: 10))
        #expect(read.tokens == .init(limit: 9000, burst: 4500))
        #expect(read.queueLength == 1000 && read.queueMilliseconds == 30_000)
        #expect(try limits("{}") == nil)
        #expect(try limits(#"{"concurrent_calls": 4, "queue_seconds": 5}"#)?.queueMilliseconds == 5000)
        for (text, place) in [
            (#"{"queue_length": 5}"#, "/limits "), (#"{"request_burst": 5}"#, "/limits/request_burst "),
            (#"{"requests_per_minute": 10, "request_burst": 6}"#, "/limits/request_burst "),
            (#"{"requests_per_minute": 0}"#, "/limits/requests_per_minute "), (#"{"rpm": 5}"#, "/limits/rpm "),
        ] {
            let failure = #expect(throws: Failure.self) { try limits(text) }
            #expect(failure?.message.hasPrefix(place) == true, "\(failure?.message ?? "")")
        }
    }

    @Test("calls are sent from one of two places; another is refused with its place in the file")
    func egress() throws {
        let environment = ConfigurationEnvironment(folder: "/tmp", vault: KeyVault(path: "/none", keyPath: "/none"))
        func place(_ text: String) throws -> EgressPlace? {
            try GatewayFile(Array(text.utf8), environment: environment).egress
        }
        #expect(try place("{}") == nil)
        #expect(try place(#"{"egress": "process"}"#) == .process)
        #expect(try place(#"{"egress": "in-process"}"#) == .inProcess)
        for text in [#"{"egress": "out"}"#, #"{"egress": true}"#] {
            let failure = #expect(throws: Failure.self) { try place(text) }
            #expect(failure?.message.hasPrefix("/egress ") == true, "\(failure as Any)")
        }
    }

    @Test("the cache has its defaults, and is off unless it is named")
    func cache() throws {
        let place = JSONPointer(tokens: ["cache"])
        #expect(try CacheEntry(nil, at: place) == nil)
        let plain = try #require(try CacheEntry([:], at: place))
        #expect(plain.rule == CacheRule(mode: .deterministic, secondsToLive: 86_400, maximumBytes: 1 << 30))
        #expect(plain.folder == nil)
        let other = try #require(try CacheEntry(["mode": "always", "seconds": 60, "folder": "c"], at: place))
        #expect(other.rule.mode == .always && other.rule.secondsToLive == 60 && other.folder == "c")
        let failure = #expect(throws: Failure.self) { try CacheEntry(["mode": "sometimes"], at: place) }
        #expect(failure?.message.hasPrefix("/cache/mode ") == true)
    }
}
