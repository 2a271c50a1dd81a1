/// What a caller asks about a run's place in the order and in time, beside its priority.
package struct RunScheduling: Hashable, Sendable {
    package static let defaultQueue = "default"
    package static let maximumKeyBytes = 200

    /// What limits by queue count.
    package var queue: String
    /// Of the tenant's own choice: a customer, a conversation, a document. What limits by key count, and what
    /// ``whenActive`` looks at.
    package var key: String?
    /// What happens while another run of the same key is open.
    package var whenActive: ActiveRunStrategy
    /// It is of no use if it has not begun by then.
    package var startBy: Instant?
    /// It is of no use later, with all attempts and waits.
    package var deadline: Instant?
    /// Nil: as its task says, or else ``RunRetryRule/unasked``.
    package var retry: RunRetryRule?

    package init(
        queue: String = defaultQueue, key: String? = nil, whenActive: ActiveRunStrategy = .allow,
        startBy: Instant? = nil, deadline: Instant? = nil, retry: RunRetryRule? = nil
    ) {
        self.queue = queue
        self.key = key
        self.whenActive = whenActive
        self.startBy = startBy
        self.deadline = deadline
        self.retry = retry
    }

    /// What would make it pointless or ambiguous; nil when it is sound.
    ///
    /// - Parameter startAt: when it may begin at the earliest.
    package func problem(startAt: Instant) -> String? {
        guard Name.isValid(queue) else {
            return "queue \"\(queue)\": use lower-case letters, digits, '.', '_' and '-'"
        }
        if let key, key.isEmpty || key.utf8.count > Self.maximumKeyBytes {
            return "key: use 1 to \(Self.maximumKeyBytes) bytes"
        }
        if key == nil, whenActive != .allow { return "when-active needs a key: it is about other runs of the same key" }
        if let startBy, startBy <= startAt { return "start-by: it has passed before the run may begin" }
        if let deadline, deadline <= startAt { return "deadline: it has passed before the run may begin" }
        return nil
    }
}

extension ActiveRunStrategy {
    /// How many may wait for one key, unless somebody says it.
    static let usualQueue = 1_000
    static let maximumQueue: Int64 = 100_000
    static let maximumQuietSeconds: Int64 = 86_400

    /// `allow`, `reject`, `enqueue`, `enqueue:20`, `interrupt`, `replace`, `debounce:5s`, `debounce:5s/1m` (quiet
    /// time, then the longest wait; ten times the quiet time when it is not named).
    package init?(text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count == 2 ? parts[1] : nil) {
        case ("allow", nil): self = .allow
        case ("reject", nil): self = .reject
        case ("enqueue", nil): self = .enqueue(atMost: Self.usualQueue)
        case ("enqueue", let count?):
            guard let count = Int64(count), (1...Self.maximumQueue).contains(count) else { return nil }
            self = .enqueue(atMost: Int(count))
        case ("interrupt", nil): self = .interrupt
        case ("replace", nil): self = .replace
        case ("debounce", let times?):
            let times = times.split(separator: "/", omittingEmptySubsequences: false).map { Self.length(String($0)) }
            guard let quiet = times[0], times.count <= 2 else { return nil }
            guard times.count == 1 || times[1] != nil else { return nil }
            let longest = times.count == 2 ? times[1] ?? quiet : quiet * 10
            self = .debounce(quietMilliseconds: quiet, longestWaitMilliseconds: longest)
        default: return nil
        }
    }

    private static func length(_ text: String) -> Int64? {
        guard let length = DurationText.milliseconds(text), (1...maximumQuietSeconds * 1_000).contains(length) else {
            return nil
        }
        return length
    }

    package static let forms = "allow, reject, enqueue[:N], interrupt, replace or debounce:5s[/1m]"
}
