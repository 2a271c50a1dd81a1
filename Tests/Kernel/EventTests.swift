import Kernel
import TestSupport
import Testing

@Suite("Events: filters, triggers and webhooks")
struct EventTests {
    private static func filter(_ text: String) throws -> EventFilter {
        try EventFilter(json: try JSONParser.parse(text))
    }

    @Test(
        "conditions on the body",
        arguments: [
            (#"{"is":"deadline"}"#, true), (#"{"is":"io"}"#, false), (#"{"is_not":"io"}"#, true),
            (#"{"one_of":["io","deadline"]}"#, true), (#"{"starts_with":"dead"}"#, true),
            (#"{"starts_with":"line"}"#, false), (#"{"exists":true}"#, true), (#"{"exists":false}"#, false),
            (#"{"at_least":1}"#, false),
        ])
    func conditions(test: String, fits: Bool) throws {
        let filter = try Self.filter(#"{"where":[{"pointer":"/status",\#(test.dropFirst())]}"#)
        #expect(filter.matches(topic: "t", tenant: nil, department: nil, body: ["status": "deadline"]) == fits)
        #expect(try EventFilter(json: filter.json) == filter)
        // What is not there fits only the question whether it is.
        let absent = test == #"{"exists":false}"#
        #expect(filter.matches(topic: "t", tenant: nil, department: nil, body: ["other": 1]) == absent)
    }

    @Test("numbers are compared as integers, at both ends")
    func numbers() throws {
        let filter = try Self.filter(#"{"where":[{"pointer":"/n","at_least":-2},{"pointer":"/n","at_most":7}]}"#)
        for (number, fits) in [(-3, false), (-2, true), (7, true), (8, false)] as [(Int64, Bool)] {
            #expect(filter.matches(topic: "t", tenant: nil, department: nil, body: ["n": .integer(number)]) == fits)
        }
    }

    @Test(
        "what is no filter is refused with its place",
        arguments: [
            ("[]", "the filter must be an object"), (#"{"topic":["a"]}"#, "/topic"), (#"{"topics":"a"}"#, "/topics"),
            (#"{"topics":["a*b"]}"#, "/topics"), (#"{"where":[{"is":1}]}"#, "/where/0"),
            (#"{"where":[{"pointer":"a","is":1}]}"#, "/where/0"),
            (#"{"where":[{"pointer":"/a","like":1}]}"#, "/where/0/like"),
        ])
    func refused(text: String, place: String) throws {
        #expect {
            try Self.filter(text)
        } throws: { error in
            (error as? Failure)?.message.contains(place) == true
        }
    }

    @Test("a trigger's input takes parts of the event, at any depth; what is not there fails with its place")
    func triggerInput() throws {
        let rule = try TriggerRule(
            json: try JSONParser.parse(
                #"{"task":"a/b","input":{"run":{"$event":"/subject"},"all":[{"x":{"$event":"/data"}},7]}}"#))
        #expect(try TriggerRule(json: rule.json) == rule)
        let input = try rule.input(for: ["subject": "r", "data": ["n": 1]])
        #expect(input == ["run": "r", "all": [["x": ["n": 1]], 7]])
        #expect {
            try rule.input(for: ["data": 1])
        } throws: { error in
            (error as? Failure)?.message.contains("/subject") == true
        }
        for bad in [
            #"{"task":"a/b","input":{"x":{"$event":"data"}}}"#, #"{"task":"a/b","input":[{"$event":"/a","b":1}]}"#,
            #"{"task":"a"}"#, #"{"task":"a/b","priority":5}"#, #"{"task":"a/b","agent":"A B"}"#,
            #"{"task":"a/b","if":1}"#,
        ] {
            #expect(throws: Failure.self, "\(bad)") { try TriggerRule(json: try JSONParser.parse(bad)) }
        }
    }

    /// Computed by the reference library for Python, standardwebhooks 1.0.0.
    @Test("the signature is that of the reference library, and a rotation carries both")
    func signature() throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        let message = WebhookMessage(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: Instant(unixMilliseconds: 1_614_265_330_000),
            body: Array(#"{"test": 2432232314}"#.utf8))
        let signed = try message.headers(secrets: [secret]).first { $0.name == "webhook-signature" }?.value
        #expect(signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
        let fresh = WebhookMessage.secret(from: Array(repeating: 7, count: WebhookMessage.secretBytes))
        let both = try message.headers(secrets: [fresh, secret]).first { $0.name == "webhook-signature" }?.value
        #expect(both?.hasSuffix(" v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=") == true)
        #expect(throws: Failure.self) { try message.headers(secrets: ["whsec_c2hvcnQ="]) }
        #expect(throws: Failure.self) { try message.headers(secrets: [String(secret.dropFirst(6))]) }
    }

    @Test("ten attempts over about three days; success, 410 and a receiver's own wait count")
    func schedule() {
        #expect(WebhookSchedule.maximumAttempts == 10)
        var total: Int64 = 0
        for attempt in 1...9 {
            guard case .again(let least) = WebhookSchedule.verdict(status: 500, attempt: attempt, random: 0) else {
                Issue.record("attempt \(attempt) is the last")
                return
            }
            total += least
            let most = WebhookSchedule.verdict(status: nil, attempt: attempt, random: UInt64(least / 5))
            #expect(most == .again(afterMilliseconds: least + least / 5))
        }
        #expect(total == 272_105_000, "75 hours, 35 minutes and 5 seconds")
        #expect(WebhookSchedule.verdict(status: 503, attempt: 10, random: 1) == .givenUp)
        #expect(WebhookSchedule.verdict(status: 299, attempt: 10, random: 1) == .delivered)
        #expect(WebhookSchedule.verdict(status: 302, attempt: 10, random: 1) == .givenUp)
        #expect(WebhookSchedule.verdict(status: 410, attempt: 1, random: 1) == .disable)
        let asked = WebhookSchedule.verdict(status: 429, attempt: 1, retryAfterMilliseconds: 90_000, random: 0)
        #expect(asked == .again(afterMilliseconds: 90_000))
    }

    @Test("an instant as RFC 3339", arguments: [(0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z")])
    func timestamp(milliseconds: Int64, text: String) {
        #expect(Instant(unixMilliseconds: milliseconds).timestamp == text)
    }
}
