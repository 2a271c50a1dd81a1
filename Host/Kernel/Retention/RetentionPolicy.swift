/// What a store keeps for a limited time.
package enum DataClass: String, CaseIterable, Hashable, Sendable {
    /// Runs that ended, with their steps, approvals and artifacts: they move to the archive.
    case runs
    /// The archive's files: they are removed.
    case archives
    /// Tries to tell a webhook.
    case webhookAttempts = "webhook_attempts"
    /// Reports of plugin crashes.
    case crashes
    /// Runs of class restricted: they go with all their content, so many days after they began.
    case restrictedRuns = "restricted_runs"

    /// What happens at the end of the time, in words.
    package var end: String {
        switch self {
        case .runs: "moved to the archive"
        case .archives, .webhookAttempts, .crashes, .restrictedRuns: "removed"
        }
    }
}

/// How long each class of data is kept. What is not named is kept for ever.
///
/// Money, events and the audit log have no class: balances are the sum of the ledger's entries, events the sum of what
/// consumers may still ask for, and a leaf that is gone could prove nothing. ``auditFloorDays`` is what any later way
/// to shorten the log must keep.
package struct RetentionPolicy: Hashable, Sendable {
    /// Six months, which the AI Act asks of a deployer's logs (Article 26), rounded up.
    package static let auditFloorDays = 183
    /// Of restricted runs, where nothing else is said.
    package static let restrictedDays = 30
    package static let maximumDays = 36_500
    private static let dayMilliseconds: Int64 = 86_400_000

    private var days: [DataClass: Int]

    package static let keepAll = RetentionPolicy()

    private init() { days = [:] }

    /// From `{"runs": 90, …}`.
    ///
    /// - Throws: `.invalid` for a class that is not known, or a number of days that is not one.
    package init(json: JSONValue) throws(Failure) {
        guard let members = json.objectValue else { throw Failure(.invalid, "a retention policy is an object") }
        self.init()
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            guard let days = value.integerValue.flatMap({ Int(exactly: $0) }) else {
                throw Failure(.invalid, "retention of \(name): write a whole number of days")
            }
            try set(try Self.dataClass(name), days: days)
        }
    }

    package var json: JSONValue {
        .object(Dictionary(days.map { ($0.key.rawValue, .integer(Int64($0.value))) }, uniquingKeysWith: { $1 }))
    }

    package var isEmpty: Bool { days.isEmpty }

    /// Nil: for ever, which no restricted run is kept.
    package func days(of dataClass: DataClass) -> Int? {
        days[dataClass] ?? (dataClass == .restrictedRuns ? Self.restrictedDays : nil)
    }

    /// What of it a high-risk system of the AI Act may not do: records of runs are the logs of Article 12, which are
    /// kept for six months at least. Restricted content may go earlier: what the log says of it stays.
    package var highRiskProblem: String? {
        guard let archives = days[.archives] else { return nil }
        let kept = archives + (days[.runs] ?? 0)
        guard kept < Self.auditFloorDays else { return nil }
        return
            "records of runs would go after \(kept) days: where ai_act.high_risk is on, \(Self.auditFloorDays) is the "
            + "least (AI Act, Articles 19 and 26)"
    }

    /// - Parameter days: nil keeps the class for ever.
    package mutating func set(_ dataClass: DataClass, days: Int?) throws(Failure) {
        if let days, !(1...Self.maximumDays).contains(days) {
            throw Failure(
                .invalid, "retention of \(dataClass.rawValue): \(days) is not from 1 to \(Self.maximumDays) days")
        }
        self.days[dataClass] = days
    }

    /// What ended before this moment has been kept long enough; nil when the class is kept for ever.
    package func horizon(of dataClass: DataClass, now: Instant) -> Instant? {
        days(of: dataClass).map { now.advanced(byMilliseconds: -Int64($0) * Self.dayMilliseconds) }
    }

    /// - Throws: `.invalid` with what to do, for classes that nothing removes too.
    package static func dataClass(_ name: String) throws(Failure) -> DataClass {
        if let known = DataClass(rawValue: name) { return known }
        switch name {
        case "audit_leaves", "audit":
            throw Failure(
                .invalid,
                "audit leaves are kept for ever (the law's floor is \(auditFloorDays) days): they prove the rest")
        case "ledger", "money", "events":
            throw Failure(.invalid, "\(name) are kept for ever: balances and consumers rest on them")
        default:
            let known = DataClass.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.invalid, "there is no data class \"\(name)\"; there are: \(known)")
        }
    }
}
