import Kernel
import Testing

@Suite("What callers say about order and time")
struct RunSchedulingTests {
    @Test(
        "lengths of time",
        arguments: [
            ("90s", 90_000), ("2h30m", 9_000_000), ("1d12h", 129_600_000), ("", nil), ("5", nil), ("m", nil),
            ("1m1h", nil), ("1s1s", nil), ("-1s", nil), ("1 h", nil),
        ] as [(String, Int64?)])
    func lengths(text: String, milliseconds: Int64?) { #expect(DurationText.milliseconds(text) == milliseconds) }

    @Test(
        "times as RFC 3339 has them (its own examples of section 5.8 among them)",
        arguments: [
            ("1985-04-12T23:20:50.52Z", 482_196_050_520), ("1996-12-19T16:39:57-08:00", 851_042_397_000),
            ("1990-12-31T23:59:60Z", 662_688_000_000), ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130),
            ("2026-11-21T08:13:18.250Z", 1_795_248_798_250), ("2026-02-29T00:00:00Z", nil),
            ("2026-11-21T24:00:00Z", nil), ("2026-11-21 08:13:18Z", nil), ("2026-11-21T08:13:18", nil),
            ("2026-11-21T08:13:18+1:00", nil), ("2026-11-21T08:13:18.Z", nil),
        ] as [(String, Int64?)])
    func times(text: String, milliseconds: Int64?) {
        let time = Instant(timestamp: text)
        #expect(time?.unixMilliseconds == milliseconds)
        if let time { #expect(Instant(timestamp: time.timestamp) == time) }
    }

    @Test(
        "strategies in words",
        arguments: [
            ("allow", .allow), ("reject", .reject), ("enqueue", .enqueue(atMost: 1_000)),
            ("enqueue:2", .enqueue(atMost: 2)), ("interrupt", .interrupt), ("replace", .replace),
            ("debounce:5s", .debounce(quietMilliseconds: 5_000, longestWaitMilliseconds: 50_000)),
            ("debounce:5s/1m", .debounce(quietMilliseconds: 5_000, longestWaitMilliseconds: 60_000)),
            ("", nil), ("enqueue:0", nil), ("debounce", nil), ("debounce:5s/", nil), ("debounce:1s/2s/3s", nil),
            ("reject:1", nil),
        ] as [(String, ActiveRunStrategy?)])
    func strategies(text: String, strategy: ActiveRunStrategy?) { #expect(ActiveRunStrategy(text: text) == strategy) }

    @Test("scopes read back as they are written, and nothing else is one")
    func scopes() {
        for scope: ClaimScope in [
            .tenant("acme"), .queue("a.b"), .department("x"), .agent(department: "x", "y"),
            .key(tenant: "acme", "any/thing: at all"),
        ] { #expect(ClaimScope(scope.description) == scope) }
        for text in ["", "queue:", "queue:A", "agent:x", "key:acme/", "key:acme", "Queue:a", "department:a/b"] {
            #expect(ClaimScope(text) == nil, "\(text)")
        }
    }

    @Test("a rule reads back, sets the attempts of each class it names, and refuses what it cannot mean")
    func rules() throws {
        let rule = try RunRetryRule(
            json: ["attempts": 4, "on": ["transient", "fault"], "initial_seconds": 2, "elapsed_seconds": 60])
        #expect(try RunRetryRule(json: rule.json) == rule)
        let policy = rule.policy
        #expect(Set(policy.classes.keys) == [.transient, .fault])
        #expect(policy.classes[.fault]?.initialMilliseconds == 2_000 && policy.classes[.fault]?.maximumAttempts == 4)
        #expect(policy.maximumElapsedMilliseconds == 60_000)
        let wrong: [JSONValue] = [
            3, ["attempts": 0], ["attempts": 101], ["on": "transient"], ["on": ["permanent"]], ["on": ["cancelled"]],
            ["tries": 3], ["initial_seconds": .double(1.5)],
        ]
        for rule in wrong { #expect(throws: Failure.self) { try RunRetryRule(json: rule) } }
        var history = RetryHistory(firstStartedAt: Instant(unixMilliseconds: 5), failures: [.crash: 2, .busy: 1])
        history.lastDelayMilliseconds = 7
        #expect(RetryHistory(json: history.json, firstStartedAt: history.firstStartedAt) == history)
    }

    @Test("what cannot be meant is told before anything is admitted")
    func problems() {
        let now = Instant(unixMilliseconds: 1_000)
        let sound = RunScheduling(key: "k", whenActive: .reject, startBy: Instant(unixMilliseconds: 1_001))
        #expect(sound.problem(startAt: now) == nil)
        for wrong in [
            RunScheduling(queue: "A"), RunScheduling(key: ""), RunScheduling(whenActive: .replace),
            RunScheduling(startBy: now), RunScheduling(deadline: now),
            RunScheduling(key: String(repeating: "x", count: 201)),
        ] { #expect(wrong.problem(startAt: now) != nil) }
    }
}

@Suite("Maintenance windows")
struct MaintenanceWindowTests {
    private func time(_ text: String) throws -> Instant { try #require(Instant(timestamp: text)) }

    @Test("a single window is open from its begin to before its end")
    func once() throws {
        let (from, to) = (try time("2026-11-21T02:00:00Z"), try time("2026-11-21T04:00:00Z"))
        let window = MaintenanceWindow.once(from: from, to: to)
        #expect(!window.isOpen(at: from.advanced(byMilliseconds: -1)) && window.isOpen(at: from))
        #expect(window.isOpen(at: to.advanced(byMilliseconds: -1)) && !window.isOpen(at: to))
        #expect(window.nextChange(after: from.advanced(byMilliseconds: -1)) == from)
        #expect(window.nextChange(after: from) == to && window.nextChange(after: to) == nil)
    }

    @Test("a nightly one goes by the time that passes, and overlapping ones are one")
    func recurring() throws {
        let nightly = try MaintenanceWindow("0 22 * * *", zone: "UTC", milliseconds: 4 * 3_600_000, rules: .utc)
        #expect(nightly.isOpen(at: try time("2026-11-21T01:59:59Z")))
        #expect(!nightly.isOpen(at: try time("2026-11-21T02:00:00Z")))
        #expect(nightly.nextChange(after: try time("2026-11-21T23:00:00Z")) == (try time("2026-11-22T02:00:00Z")))
        #expect(nightly.nextChange(after: try time("2026-11-21T12:00:00Z")) == (try time("2026-11-21T22:00:00Z")))
        let hourly = try MaintenanceWindow("0 * * * *", zone: "UTC", milliseconds: 2 * 3_600_000, rules: .utc)
        for minute in 0..<180 {
            let at = try time("2026-11-21T00:00:00Z").advanced(byMilliseconds: Int64(minute) * 60_000)
            #expect(hourly.isOpen(at: at))
        }
        #expect(throws: Failure.self) {
            try MaintenanceWindow("0 0 * *", zone: "UTC", milliseconds: 1_000, rules: .utc)
        }
        #expect(throws: Failure.self) { try MaintenanceWindow("@daily", zone: "UTC", milliseconds: 0, rules: .utc) }
        let read = try MaintenanceWindow(json: nightly.json) { _ throws(TimeZoneError) in .utc }
        #expect(read == nightly)
    }
}
