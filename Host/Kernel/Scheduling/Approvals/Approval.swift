/// One decision by people: open until it is granted, denied, expired or withdrawn, and then final.
///
/// A value: who stores it applies an act or a look at the clock and stores the result, in one transaction. Names are
/// those of authenticated people.
package struct Approval: Hashable, Sendable {
    package enum Vote: Hashable, Sendable {
        case approved
        case rejected(reason: String)
    }

    package let rules: ApprovalRules
    package let createdAt: Instant
    package private(set) var outcome: ApprovalOutcome?
    package private(set) var decidedAt: Instant?
    /// Of the content; grows by one with each change.
    package private(set) var revision = 0
    package private(set) var lastEditor: String?
    package private(set) var votes: [String: Vote] = [:]
    /// Who handed the vote on, and to whom.
    package private(set) var delegations: [String: String] = [:]
    /// Escalations that have taken place.
    package private(set) var escalated = 0

    /// - Precondition: the rules have no problems.
    package init(_ rules: ApprovalRules, createdAt: Instant) {
        precondition(rules.problems.isEmpty)
        self.rules = rules
        self.createdAt = createdAt
    }

    package var expiresAt: Instant? {
        rules.expiresAfterMilliseconds.map { createdAt.advanced(byMilliseconds: $0) }
    }

    /// Who may vote now.
    package var voters: Set<String> {
        let named = rules.escalations.prefix(escalated).reduce(rules.approvers) { $0.union($1.approvers) }
        return named.union(delegations.values).subtracting(delegations.keys).subtracting(rules.excluded)
    }

    package var approvals: Int { votes.values.count { $0 == .approved } }
    package var rejections: Int { votes.count - approvals }
}

/// What has come of an act or of time.
package enum ApprovalEvent: Hashable, Sendable {
    /// These may vote from now on, and should be told.
    case asked(Set<String>)
    case decided(ApprovalOutcome, reason: String)
}

extension Approval {
    /// Time has passed: escalates and expires.
    package mutating func advance(at now: Instant) -> [ApprovalEvent] {
        guard outcome == nil else { return [] }
        var events: [ApprovalEvent] = []
        while let next = nextEscalation, next <= now, next < expiresAt ?? Instant(unixMilliseconds: .max) {
            let before = voters
            escalated += 1
            events.append(.asked(voters.subtracting(before)))
        }
        if let expiresAt, expiresAt <= now {
            events.append(decide(.expired, "nobody decided in time", at: expiresAt))
        }
        return events
    }

    /// When ``advance(at:)`` has something to do; nil when only an act can change anything.
    package var nextLook: Instant? {
        outcome == nil ? [nextEscalation, expiresAt].compactMap { $0 }.min() : nil
    }

    /// An act takes place after what time has brought: nothing can be decided at or after the expiry.
    ///
    /// - Throws: nothing has changed then; what time brings is left to ``advance(at:)``.
    package mutating func apply(_ act: ApprovalAct, at now: Instant) throws(ApprovalRefusal) -> [ApprovalEvent] {
        var next = self
        let events = next.advance(at: now)
        if let outcome = next.outcome { throw .decided(outcome) }
        let more = try next.perform(act, at: now)
        self = next
        return events + more
    }

    private mutating func perform(_ act: ApprovalAct, at now: Instant) throws(ApprovalRefusal) -> [ApprovalEvent] {
        switch act {
        case .approve(let name, let seen):
            try checkMayVote(name)
            guard seen == revision else { throw .revision(seen: seen, current: revision) }
            guard rules.editorMayApprove || lastEditor != name else { throw .ownEdit(name) }
            votes[name] = .approved
        case .reject(let name, let reason):
            try checkMayVote(name)
            guard reason.contains(where: { !$0.isWhitespace }) else { throw .reasonMissing }
            votes[name] = .rejected(reason: reason)
        case .edit(let name, let seen):
            try checkMayVote(name)
            guard seen == revision else { throw .revision(seen: seen, current: revision) }
            revision += 1
            lastEditor = name
            votes = votes.filter { $0.value != .approved }
        case .delegate(let name, let other):
            try checkMayVote(name)
            try checkMayReceive(other, from: name)
            delegations[name] = other
            return [.asked([other])] + conclusion(at: now)
        case .withdraw: return [decide(.withdrawn, "it was withdrawn", at: now)]
        }
        return conclusion(at: now)
    }
}

// MARK: - Rules

extension Approval {
    private var nextEscalation: Instant? {
        rules.escalations.dropFirst(escalated).first.map { createdAt.advanced(byMilliseconds: $0.afterMilliseconds) }
    }

    private func checkMayVote(_ name: String) throws(ApprovalRefusal) {
        if rules.excluded.contains(name) { throw .excluded(name) }
        if let other = delegations[name] { throw .handedOn(name, to: other) }
        guard rules.isForAnybody || voters.contains(name) else { throw .notApprover(name) }
        if votes[name] != nil { throw .alreadyVoted(name) }
    }

    /// One person, one vote: who has one, or had one and gave it away, takes no other.
    private func checkMayReceive(_ other: String, from name: String) throws(ApprovalRefusal) {
        guard rules.mayDelegate else { throw .delegation("votes about this may not be handed on") }
        guard !rules.isForAnybody else { throw .delegation("everybody may decide about this; \(other) too") }
        if rules.excluded.contains(other) { throw .excluded(other) }
        if voters.contains(other) || rules.escalations.contains(where: { $0.approvers.contains(other) }) {
            throw .delegation("\(other) has a vote already, or will have one; hand yours to somebody else")
        }
        if delegations[other] != nil { throw .delegation("\(other) has handed a vote on; hand yours to somebody else") }
        var holder = name
        var length = 1
        while let earlier = delegations.first(where: { $0.value == holder })?.key {
            holder = earlier
            length += 1
        }
        guard length <= ApprovalRules.maximumDelegations else {
            throw .delegation("this vote was handed on \(ApprovalRules.maximumDelegations) times, which is the limit")
        }
    }

    private mutating func conclusion(at now: Instant) -> [ApprovalEvent] {
        if approvals >= rules.quorum { return [decide(.granted, "\(approvals) approved", at: now)] }
        if rejections >= rules.rejections { return [decide(.denied, "\(rejections) rejected", at: now)] }
        if rules.isForAnybody { return [] }
        let coming = rules.escalations.dropFirst(escalated).reduce(Set<String>()) { $0.union($1.approvers) }
        let left = voters.union(coming.subtracting(rules.excluded)).subtracting(votes.keys).subtracting(
            delegations.keys)
        guard approvals + left.count < rules.quorum else { return [] }
        return [decide(.denied, "too few are left for a quorum of \(rules.quorum)", at: now)]
    }

    private mutating func decide(_ outcome: ApprovalOutcome, _ reason: String, at instant: Instant) -> ApprovalEvent {
        precondition(self.outcome == nil)
        self.outcome = outcome
        decidedAt = instant
        return .decided(outcome, reason: reason)
    }
}
