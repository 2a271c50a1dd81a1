import Kernel

/// A request with all that was done about it: the fold of its acts, which is what the stored row must say.
struct ApprovalState {
    private var approval: Approval
    private let opened: ApprovalRecord
    private var acts: [ApprovalActRecord] = []
    private let known: Int

    /// - Throws: when an act that is stored is refused: the rows do not go together.
    init(_ record: ApprovalRecord, acts: [ApprovalActRecord]) throws(ApprovalRefusal) {
        opened = record.asked
        known = acts.count
        approval = Approval(record.rules ?? Self.oldRules(record), createdAt: record.openedAt)
        for act in acts {
            if let done = act.act {
                _ = try approval.apply(done, at: act.at)
            } else {
                _ = approval.advance(at: act.at)
            }
            self.acts.append(act)
        }
    }

    /// Before there were rules everybody could decide, until the request expired.
    private static func oldRules(_ record: ApprovalRecord) -> ApprovalRules {
        ApprovalRules(
            approvers: [], isForAnybody: true,
            expiresAfterMilliseconds: record.expiresAt.map {
                max(1, $0.unixMilliseconds - record.openedAt.unixMilliseconds)
            })
    }

    var nextLook: Instant? { approval.nextLook }
    var newActs: ArraySlice<ApprovalActRecord> { acts.dropFirst(known) }
    /// Who may vote now.
    var voters: Set<String> { approval.voters }
    var approvals: Int { approval.approvals }

    func acts(for wish: ApprovalWish, by name: String, reason: String) -> [(ApprovalAct, content: [UInt8]?)] {
        let current = approval.revision
        return switch wish {
        case .approve(let revision, let content?):
            [
                (.edit(by: name, revision: revision ?? current), content),
                (.approve(by: name, revision: current + 1), nil),
            ]
        case .approve(let revision, nil): [(.approve(by: name, revision: revision ?? current), nil)]
        case .reject: [(.reject(by: name, reason: reason), nil)]
        case .edit(let revision, let content): [(.edit(by: name, revision: revision ?? current), content)]
        case .delegate(let other): [(.delegate(from: name, to: other), nil)]
        case .withdraw: [(.withdraw, nil)]
        }
    }

    mutating func apply(
        _ act: ApprovalAct, by name: String, reason: String, content: [UInt8]?, at now: Instant
    ) throws(ApprovalRefusal) -> [ApprovalEvent] {
        let events = try approval.apply(act, at: now)
        add(act, by: name, reason: reason, content: content, at: now)
        return events
    }

    mutating func advance(at now: Instant) -> [ApprovalEvent] {
        let events = approval.advance(at: now)
        add(nil, by: nil, reason: nil, content: nil, at: now)
        return events
    }

    private mutating func add(_ act: ApprovalAct?, by name: String?, reason: String?, content: [UInt8]?, at: Instant) {
        acts.append(
            ApprovalActRecord(
                run: opened.run, sequence: opened.sequence, number: acts.count + 1, at: at, act: act, actor: name,
                reason: reason.flatMap { $0.isEmpty ? nil : $0 }, content: content))
    }

    /// As it stands after all acts.
    var record: ApprovalRecord {
        var record = opened
        record.revision = approval.revision
        record.edited = acts.last { $0.content != nil }?.content
        record.state = approval.outcome.map(ApprovalRecord.State.init) ?? .open
        record.decidedAt = approval.decidedAt
        let isApproved = record.state == .approved
        guard isApproved || record.state == .rejected else { return record }
        // Those whose votes made it, in order.
        let deciders = acts.filter { act in
            guard let name = act.actor, let vote = approval.votes[name] else { return false }
            return switch act.act {
            case .approve: vote == .approved && isApproved
            case .reject: vote != .approved && !isApproved
            default: false
            }
        }
        var names: [String] = []
        for name in deciders.compactMap(\.actor) where !names.contains(name) { names.append(name) }
        record.decision = ApprovalDecision(
            approved: isApproved, by: names.joined(separator: ", "),
            reason: deciders.compactMap(\.reason).joined(separator: "; "), content: record.edited)
        return record
    }
}

extension ApprovalRecord.State {
    init(_ outcome: ApprovalOutcome) {
        self =
            switch outcome {
            case .granted: .approved
            case .denied: .rejected
            case .expired: .expired
            case .withdrawn: .withdrawn
            }
    }
}

extension ApprovalActRecord {
    /// The stored word and what goes with it.
    package var fields: (kind: String, revision: Int?, target: String?) {
        switch act {
        case .approve(_, let revision)?: ("approve", revision, nil)
        case .reject?: ("reject", nil, nil)
        case .edit(_, let revision)?: ("edit", revision, nil)
        case .delegate(_, let other)?: ("delegate", nil, other)
        case .withdraw?: ("withdraw", nil, nil)
        case nil: ("time", nil, nil)
        }
    }

    /// From ``ApprovalSQL/actColumns``.
    init(_ row: inout SQLRow) {
        let run = row.runID(), sequence = row.int(), number = row.int(), at = row.instant(), kind = row.text()
        let actor = row.optionalText(), revision = row.optionalInteger().map { Int($0) }, target = row.optionalText()
        let reason = row.optionalText(), content = row.optionalBlob()
        let act: ApprovalAct?
        switch (kind, actor, revision, target) {
        case ("approve", let name?, let revision?, nil): act = .approve(by: name, revision: revision)
        case ("reject", let name?, nil, nil): act = .reject(by: name, reason: reason ?? "")
        case ("edit", let name?, let revision?, nil): act = .edit(by: name, revision: revision)
        case ("delegate", let name?, nil, let other?): act = .delegate(from: name, to: other)
        case ("withdraw", .some, nil, nil): act = .withdraw
        case ("time", nil, nil, nil): act = nil
        default:
            row.refuse()
            act = nil
        }
        self.init(
            run: run, sequence: sequence, number: number, at: at, act: act, actor: actor, reason: reason,
            content: content)
    }
}

extension ApprovalRuleRecord {
    /// From ``ApprovalSQL/ruleColumns``.
    init(_ row: inout SQLRow) {
        let department = row.text(), task = row.text(), text = row.text()
        let policy = (try? JSONParser.parse(text)).flatMap { try? ApprovalPolicy(json: $0) }
        if policy == nil { row.refuse() }
        self.init(
            department: department, task: task.isEmpty ? nil : task, policy: policy ?? .anybody,
            createdAt: row.instant())
    }
}

struct ApprovalRow {
    let record: ApprovalRecord

    /// From ``ApprovalSQL/columns``.
    init(_ row: inout SQLRow) {
        let run = row.runID(), sequence = row.int()
        let request = ApprovalRequest(
            title: row.text(), body: row.text(), content: row.blob(),
            expiresMilliseconds: row.optionalInteger().map { UInt64(bitPattern: $0) })
        let state = row.raw(ApprovalRecord.State.open), openedAt = row.instant(), expiresAt = row.optionalInstant()
        let by = row.optionalText(), reason = row.optionalText(), edited = row.optionalBlob()
        let text = row.optionalText()
        let rules = text.flatMap { try? JSONParser.parse($0) }.flatMap { try? ApprovalRules(json: $0) }
        // Stored as it was written, byte for byte.
        if rules?.json.serialized() != text { row.refuse() }
        record = ApprovalRecord(
            run: run, sequence: sequence, request: request, state: state, openedAt: openedAt, expiresAt: expiresAt,
            decision: by.map {
                ApprovalDecision(approved: state == .approved, by: $0, reason: reason ?? "", content: edited)
            }, rules: rules, revision: row.int(), edited: edited, decidedAt: row.optionalInstant())
    }
}

extension ApprovalRecord {
    /// Before any act.
    var asked: ApprovalRecord {
        ApprovalRecord(
            run: run, sequence: sequence, request: request, openedAt: openedAt, expiresAt: expiresAt, rules: rules)
    }
}
