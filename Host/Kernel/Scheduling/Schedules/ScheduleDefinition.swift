/// What a schedule starts, and when: all of it that a person writes.
///
///     {"task": "finance/close", "when": "0 9 * * MON-FRI", "zone": "Europe/Berlin", "gap": "end", "fold": "first",
///      "input": {"day": {"$fire": "date"}}, "misfire": "latest", "overlap": "skip"}
///
/// In the input, `{"$fire": name}` stands for something about the fire: `schedule`, `nominal` (RFC 3339 in UTC),
/// `local` (the same on the zone's clock), `date` (of that clock), `cause`.
package struct ScheduleDefinition: Hashable, Sendable {
    package var tenant: String
    package var task: TaskReference
    package var agent: String
    package var priority: Int
    package var user: String?
    /// With its references.
    package var input: JSONValue
    /// As ``Recurrence`` reads it.
    package var expression: String
    package var zone: String
    package var gap: GapPolicy
    package var fold: FoldPolicy
    package var policy: SchedulePolicy

    package init(
        tenant: String = "default", task: TaskReference, agent: String = "default", priority: Int = 2,
        user: String? = nil, input: JSONValue = [:], expression: String, zone: String = "UTC", gap: GapPolicy = .end,
        fold: FoldPolicy = .first, policy: SchedulePolicy = SchedulePolicy()
    ) {
        self.tenant = tenant
        self.task = task
        self.agent = agent
        self.priority = priority
        self.user = user
        self.input = input
        self.expression = Self.spelled(expression)
        self.zone = zone
        self.gap = gap
        self.fold = fold
        self.policy = policy
    }

    /// `every 15m` is `@every 15m`.
    package static func spelled(_ expression: String) -> String {
        expression.lowercased().hasPrefix("every ") ? "@\(expression)" : expression
    }

    /// - Parameter rules: of ``zone``.
    package func recurrence(_ rules: TimeZoneRules, anchor: Instant) throws(CronError) -> Recurrence {
        try Recurrence(expression, clock: WallClock(zone: rules, gap: gap, fold: fold), anchor: anchor)
    }

    /// Whether the nominal times are the same as those of `other`.
    package func hasTimes(of other: ScheduleDefinition) -> Bool {
        (expression, zone, gap, fold) == (other.expression, other.zone, other.gap, other.fold)
    }

    /// The input of the run that a fire starts.
    ///
    /// - Parameter rules: of ``zone``.
    package func input(of fire: ScheduleFire, schedule: String, _ rules: TimeZoneRules) -> JSONValue {
        input.replacing { value -> JSONValue? in
            guard let fact = value.objectValue.flatMap(FireFact.init(reference:)) else { return nil }
            switch fact {
            case .schedule: return .string(schedule)
            case .nominal: return .string(fire.nominal.timestamp)
            case .local: return .string(rules.localTimestamp(of: fire.nominal))
            case .date: return .string(rules.date(at: fire.nominal).description)
            case .cause: return .string(fire.cause.rawValue)
            }
        }
    }
}

private enum FireFact: String, CaseIterable {
    case schedule, nominal, local, date, cause

    static let marker = "$fire"

    init?(reference: [String: JSONValue]) {
        guard reference.count == 1, let name = reference[Self.marker]?.stringValue else { return nil }
        self.init(rawValue: name)
    }
}

// MARK: - Words

extension MisfirePolicy: LosslessStringConvertible {
    /// `skip`, `latest` or `catch_up:5`.
    package init?(_ text: String) {
        switch text {
        case "skip": self = .skip
        case "latest": self = .latest
        default:
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, parts[0] == "catch_up", let count = Int(parts[1]), String(count) == parts[1],
                (1...SchedulePolicy.maximumCatchUp).contains(count)
            else { return nil }
            self = .catchUp(atMost: count)
        }
    }

    package var description: String {
        switch self {
        case .skip: "skip"
        case .latest: "latest"
        case .catchUp(let count): "catch_up:\(count)"
        }
    }
}

extension ScheduleDefinition {
    private static let members: Set = [
        "tenant", "task", "agent", "priority", "user", "input", "when", "zone", "gap", "fold", "misfire", "overlap",
        "tolerance_seconds", "start_deadline_seconds",
    ]
    private static let maximumSeconds: Int64 = 366 * 86_400

    /// - Throws: `.invalid` with the place and what fits there. Zone and expression are checked where zones are known.
    package init(json: JSONValue) throws(Failure) {
        guard let members = json.objectValue else { throw Failure(.invalid, "a schedule must be an object") }
        if let other = members.keys.sorted().first(where: { !Self.members.contains($0) }) {
            let known = Self.members.sorted().joined(separator: ", ")
            throw Failure(.invalid, "the schedule has an unknown member \(other): there are \(known)")
        }
        guard let task = members["task"]?.stringValue.flatMap({ TaskReference($0) }) else {
            throw Self.wrong("task", "a department and a task, such as finance/budget")
        }
        guard let expression = members["when"]?.stringValue else {
            throw Self.wrong("when", "a cron expression such as \"0 9 * * MON-FRI\", @daily, or \"every 15m\"")
        }
        let priority = members["priority"] ?? 2
        guard let number = priority.integerValue, (0...4).contains(number) else {
            throw Self.wrong("priority", "0 (last) to 4 (first)")
        }
        var policy = SchedulePolicy()
        policy.misfire = try Self.word(
            members, "misfire", policy.misfire, "skip, latest, or catch_up:N", { MisfirePolicy($0) })
        policy.overlap = try Self.word(members, "overlap", policy.overlap)
        policy.toleranceMilliseconds =
            try Self.seconds(members, "tolerance_seconds") ?? policy.toleranceMilliseconds
        policy.startDeadlineMilliseconds = try Self.seconds(members, "start_deadline_seconds")
        let input = members["input"] ?? [:]
        try Self.check(input, "/input")
        self.init(
            tenant: try Self.name(members, "tenant") ?? "default", task: task,
            agent: try Self.name(members, "agent") ?? "default", priority: Int(number),
            user: try Self.user(members), input: input, expression: expression,
            zone: try Self.word(members, "zone", "UTC", "a time zone such as Europe/Berlin") {
                ZoneName.isValid($0) ? $0 : nil
            },
            gap: try Self.word(members, "gap", .end), fold: try Self.word(members, "fold", .first), policy: policy)
    }

    package var json: JSONValue {
        var members: [String: JSONValue] = [
            "tenant": .string(tenant), "task": .string(task.description), "agent": .string(agent),
            "priority": .integer(Int64(priority)), "input": input, "when": .string(expression), "zone": .string(zone),
            "gap": .string(gap.rawValue), "fold": .string(fold.rawValue),
            "misfire": .string(policy.misfire.description), "overlap": .string(policy.overlap.rawValue),
            "tolerance_seconds": .integer(policy.toleranceMilliseconds / 1_000),
        ]
        members["user"] = user.map { .string($0) }
        members["start_deadline_seconds"] = policy.startDeadlineMilliseconds.map { .integer($0 / 1_000) }
        return .object(members)
    }

    private static func wrong(_ member: String, _ wanted: String) -> Failure {
        Failure(.invalid, "the schedule's /\(member) must be \(wanted)")
    }

    private static func name(_ members: [String: JSONValue], _ member: String) throws(Failure) -> String? {
        guard let value = members[member], value != .null else { return nil }
        guard let name = value.stringValue, Name.isValid(name) else {
            throw wrong(member, "a name of lower-case letters, digits, '.', '_' and '-'")
        }
        return name
    }

    private static func user(_ members: [String: JSONValue]) throws(Failure) -> String? {
        guard let value = members["user"], value != .null else { return nil }
        guard let user = value.stringValue, Name.isUser(user) else { throw wrong("user", Name.userForm) }
        return user
    }

    private static func seconds(_ members: [String: JSONValue], _ member: String) throws(Failure) -> Int64? {
        guard let value = members[member], value != .null else { return nil }
        guard let seconds = value.integerValue, (0...maximumSeconds).contains(seconds) else {
            throw wrong(member, "a number of seconds from 0 to \(maximumSeconds)")
        }
        return seconds * 1_000
    }

    private static func word<Word>(
        _ members: [String: JSONValue], _ member: String, _ usual: Word, _ wanted: String, _ read: (String) -> Word?
    ) throws(Failure) -> Word {
        guard let value = members[member] else { return usual }
        guard let word = value.stringValue.flatMap(read) else { throw wrong(member, wanted) }
        return word
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ members: [String: JSONValue], _ member: String, _ usual: Word
    ) throws(Failure) -> Word where Word.RawValue == String {
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        return try word(members, member, usual, "one of \(words)") { Word(rawValue: $0) }
    }

    private static func check(_ value: JSONValue, _ pointer: String) throws(Failure) {
        switch value {
        case .array(let elements):
            for (index, element) in elements.enumerated() { try check(element, "\(pointer)/\(index)") }
        case .object(let members):
            if members[FireFact.marker] != nil {
                guard FireFact(reference: members) != nil else {
                    let facts = FireFact.allCases.map(\.rawValue).joined(separator: ", ")
                    throw wrong(
                        String(pointer.dropFirst()) + "/\(FireFact.marker)", "alone in its object, and one of \(facts)")
                }
                return
            }
            for (name, member) in members { try check(member, "\(pointer)/\(JSONPointer.escaped(name))") }
        case .null, .bool, .integer, .double, .string: return
        }
    }
}
