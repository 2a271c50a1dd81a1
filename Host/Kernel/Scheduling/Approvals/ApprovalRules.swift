/// Who may decide about something that waits for people, and how many it takes.
package struct ApprovalRules: Hashable, Sendable {
    /// People who are added when nobody has decided for so long.
    package struct Escalation: Hashable, Sendable {
        package var afterMilliseconds: Int64
        package var approvers: Set<String>

        package init(afterMilliseconds: Int64, approvers: Set<String>) {
            self.afterMilliseconds = afterMilliseconds
            self.approvers = approvers
        }
    }

    package static let maximumApprovers = 1_000
    /// A right that was handed on so often stays where it is.
    package static let maximumDelegations = 3

    package var approvers: Set<String>
    /// Nobody is named: everybody but ``excluded`` may vote, and there is nothing to hand on.
    package var isForAnybody: Bool
    /// Different people who must approve the same content.
    package var quorum: Int
    /// Different people whose rejection decides.
    package var rejections: Int
    /// Who made or asked for what is decided: they never decide about it, in nobody's name.
    package var excluded: Set<String>
    package var mayDelegate: Bool
    /// Whether who changes the content may approve the change.
    package var editorMayApprove: Bool
    /// In order of time.
    package var escalations: [Escalation]
    package var expiresAfterMilliseconds: Int64?

    package init(
        approvers: Set<String>, isForAnybody: Bool = false, quorum: Int = 1, rejections: Int = 1,
        excluded: Set<String> = [], mayDelegate: Bool = true, editorMayApprove: Bool = true,
        escalations: [Escalation] = [], expiresAfterMilliseconds: Int64? = nil
    ) {
        self.approvers = approvers
        self.isForAnybody = isForAnybody
        self.quorum = quorum
        self.rejections = rejections
        self.excluded = excluded
        self.mayDelegate = mayDelegate
        self.editorMayApprove = editorMayApprove
        self.escalations = escalations.sorted { $0.afterMilliseconds < $1.afterMilliseconds }
        self.expiresAfterMilliseconds = expiresAfterMilliseconds
    }

    /// Everything that would keep it from ever being decided.
    package var problems: [String] {
        let everyone = escalations.reduce(approvers) { $0.union($1.approvers) }
        let able = everyone.subtracting(excluded)
        var found: [String] = []
        if quorum < 1 { found.append("quorum must be at least 1, not \(quorum)") }
        if rejections < 1 { found.append("rejections must be at least 1, not \(rejections)") }
        if everyone.count > Self.maximumApprovers {
            found.append(
                "approvers must be at most \(Self.maximumApprovers), not \(everyone.count); name a group instead")
        }
        if !isForAnybody, able.count < quorum {
            found.append("quorum is \(quorum), but only \(able.count) of the approvers may decide; name more")
        }
        if let expiry = expiresAfterMilliseconds,
            let late = escalations.first(where: { $0.afterMilliseconds >= expiry })
        {
            found.append("the escalation after \(late.afterMilliseconds) ms comes after the expiry at \(expiry) ms")
        }
        if (escalations.map(\.afterMilliseconds) + [expiresAfterMilliseconds ?? 1]).contains(where: { $0 <= 0 }) {
            found.append("times must be positive")
        }
        return found
    }
}

/// What somebody does about an approval.
package enum ApprovalAct: Hashable, Sendable {
    /// - Parameter revision: of the content that was seen.
    case approve(by: String, revision: Int)
    case reject(by: String, reason: String)
    /// The content becomes another; approvals of what it was no longer count.
    case edit(by: String, revision: Int)
    case delegate(from: String, to: String)
    /// By the run itself or its owner.
    case withdraw
}

/// Why an act is refused. Nothing has changed then.
package enum ApprovalRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case decided(ApprovalOutcome)
    case excluded(String)
    case notApprover(String)
    case alreadyVoted(String)
    case handedOn(String, to: String)
    case revision(seen: Int, current: Int)
    case delegation(String)
    case ownEdit(String)
    case reasonMissing

    package var description: String {
        switch self {
        case .decided(let outcome): "it is \(outcome.rawValue) already, and that is final"
        case .excluded(let name): "\(name) made or asked for this and may not decide about it; another approver must"
        case .notApprover(let name): "\(name) is not among its approvers; ask one of them, or to be delegated to"
        case .alreadyVoted(let name): "\(name) has voted already, and a vote is final"
        case .handedOn(let name, let other): "\(name) has handed the vote to \(other), who must use it"
        case .revision(let seen, let current):
            "the content has changed from revision \(seen) to \(current); read it again and then decide"
        case .delegation(let why): why
        case .ownEdit(let name): "\(name) made the last change, and another approver must approve it"
        case .reasonMissing: "a rejection needs a reason"
        }
    }
}

package enum ApprovalOutcome: String, Hashable, Sendable {
    case granted, denied, expired, withdrawn
}
