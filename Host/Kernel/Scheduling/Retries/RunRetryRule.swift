/// A retry policy as authors and callers write it: what is tried again, how often and how fast.
///
/// `{"attempts": 5, "on": ["transient", "timeout"], "initial_seconds": 2, "maximum_seconds": 60,
/// "elapsed_seconds": 600}`; all members may be absent.
package struct RunRetryRule: Hashable, Sendable {
    package static let maximumAttempts = 100
    /// A person or a parent asked for an end; another attempt would disobey.
    static let never: Set<FailureClass> = [.cancelled, .permanent]

    /// In all, the first included.
    package var attempts: Int
    package var on: Set<FailureClass>
    package var initialSeconds: Int?
    package var maximumSeconds: Int?
    /// From the first attempt's begin to the last one's.
    package var elapsedSeconds: Int?

    package init(
        attempts: Int = 5, on: Set<FailureClass> = [.transient, .timeout, .rateLimited, .busy, .fault],
        initialSeconds: Int? = nil, maximumSeconds: Int? = nil, elapsedSeconds: Int? = nil
    ) {
        self.attempts = attempts
        self.on = on
        self.initialSeconds = initialSeconds
        self.maximumSeconds = maximumSeconds
        self.elapsedSeconds = elapsedSeconds
    }

    /// What holds for a run about which nobody said anything: only what says of itself that it will pass.
    package static let unasked = RunRetryRule(attempts: 20, on: [.busy, .rateLimited])

    package var policy: RetryPolicy {
        var classes: [FailureClass: Backoff] = [:]
        for failure in on.subtracting(Self.never) {
            var backoff = RetryPolicy.standardClasses[failure] ?? Backoff()
            backoff.maximumAttempts = attempts
            if let initialSeconds { backoff.initialMilliseconds = Int64(initialSeconds) * 1_000 }
            if let maximumSeconds { backoff.maximumMilliseconds = Int64(maximumSeconds) * 1_000 }
            backoff.maximumMilliseconds = max(backoff.maximumMilliseconds, backoff.initialMilliseconds)
            classes[failure] = backoff
        }
        return RetryPolicy(
            classes: classes, maximumAttempts: attempts,
            maximumElapsedMilliseconds: elapsedSeconds.map { Int64($0) * 1_000 })
    }
}

extension RunRetryRule {
    private static let members: Set<String> = [
        "attempts", "on", "initial_seconds", "maximum_seconds", "elapsed_seconds",
    ]
    private static let maximumSeconds: Int64 = 366 * 86_400

    /// - Throws: `.invalid`, naming the member.
    package init(json: JSONValue) throws(Failure) {
        guard let object = json.objectValue else { throw Failure(.invalid, "retry must be an object") }
        if let unknown = object.keys.sorted().first(where: { !Self.members.contains($0) }) {
            throw Failure(
                .invalid, "retry has no member \"\(unknown)\"; it has \(Self.members.sorted().joined(separator: ", "))")
        }
        self.init()
        if let attempts = try Self.number("attempts", object, Int64(Self.maximumAttempts)) { self.attempts = attempts }
        initialSeconds = try Self.number("initial_seconds", object, Self.maximumSeconds)
        maximumSeconds = try Self.number("maximum_seconds", object, Self.maximumSeconds)
        elapsedSeconds = try Self.number("elapsed_seconds", object, Self.maximumSeconds)
        guard let names = object["on"] else { return }
        guard let names = names.arrayValue else { throw Failure(.invalid, "retry.on must be an array of names") }
        on = []
        for name in names {
            guard let known = name.stringValue.flatMap(FailureClass.init(rawValue:)), !Self.never.contains(known) else {
                let possible = FailureClass.allCases.filter { !Self.never.contains($0) }.map(\.rawValue)
                throw Failure(.invalid, "retry.on knows \(possible.joined(separator: ", ")), not \(name.serialized())")
            }
            on.insert(known)
        }
    }

    private static func number(
        _ name: String, _ object: [String: JSONValue], _ maximum: Int64
    ) throws(Failure) -> Int? {
        guard let value = object[name] else { return nil }
        guard let number = value.integerValue, (1...maximum).contains(number) else {
            throw Failure(.invalid, "retry.\(name) must be a whole number from 1 to \(maximum)")
        }
        return Int(number)
    }

    package var json: JSONValue {
        var object: [String: JSONValue] = [
            "attempts": .integer(Int64(attempts)), "on": .array(on.map(\.rawValue).sorted().map { .string($0) }),
        ]
        object["initial_seconds"] = initialSeconds.map { .integer(Int64($0)) }
        object["maximum_seconds"] = maximumSeconds.map { .integer(Int64($0)) }
        object["elapsed_seconds"] = elapsedSeconds.map { .integer(Int64($0)) }
        return .object(object)
    }
}

extension RetryHistory {
    /// `{"failures": {"transient": 2}, "delay_ms": 1500}`: what is stored with a run that was tried again.
    package var json: JSONValue {
        var counts: [String: JSONValue] = [:]
        for (failure, count) in failures { counts[failure.rawValue] = .integer(Int64(count)) }
        var object: [String: JSONValue] = ["failures": .object(counts)]
        object["delay_ms"] = lastDelayMilliseconds.map { .integer($0) }
        return .object(object)
    }

    /// Nil for another form.
    package init?(json: JSONValue, firstStartedAt: Instant) {
        guard let counts = json["failures"]?.objectValue else { return nil }
        self.init(firstStartedAt: firstStartedAt, lastDelayMilliseconds: json["delay_ms"]?.integerValue)
        for (name, count) in counts {
            guard let failure = FailureClass(rawValue: name), let count = count.integerValue else { return nil }
            failures[failure] = Int(count)
        }
    }
}
