package import Kernel

/// A request for a decision, as it stands: the fold of its acts.
package struct ApprovalRecord: Hashable, Sendable {
    package enum State: Int, Sendable { case open = 0, approved, rejected, expired, withdrawn }

    package var run: RunID
    package var sequence: Int
    package var request: ApprovalRequest
    package var state: State
    package var openedAt: Instant
    package var expiresAt: Instant?
    /// By people; nil while it is open, and when time or its owner ended it.
    package var decision: ApprovalDecision?
    /// As they held at the opening; nil for a request from before there were rules.
    package var rules: ApprovalRules?
    /// Of the content.
    package var revision: Int
    /// What somebody made of the content; nil while it is as it was asked.
    package var edited: [UInt8]?
    package var decidedAt: Instant?

    package init(
        run: RunID, sequence: Int, request: ApprovalRequest, state: State = .open, openedAt: Instant,
        expiresAt: Instant?, decision: ApprovalDecision? = nil, rules: ApprovalRules? = nil, revision: Int = 0,
        edited: [UInt8]? = nil, decidedAt: Instant? = nil
    ) {
        self.run = run
        self.sequence = sequence
        self.request = request
        self.state = state
        self.openedAt = openedAt
        self.expiresAt = expiresAt
        self.decision = decision
        self.rules = rules
        self.revision = revision
        self.edited = edited
        self.decidedAt = decidedAt
    }

    /// What would be released now.
    package var content: [UInt8] { edited ?? request.content }
}

package struct ApprovalDecision: Hashable, Sendable {
    package var approved: Bool
    /// Several, where it took several.
    package var by: String
    package var reason: String
    /// Nil: released as it was.
    package var content: [UInt8]?

    package init(approved: Bool, by: String, reason: String, content: [UInt8]? = nil) {
        self.approved = approved
        self.by = by
        self.reason = reason
        self.content = content
    }
}

/// One act about a request, by somebody or by time.
package struct ApprovalActRecord: Hashable, Sendable {
    package var run: RunID
    package var sequence: Int
    /// From 1 on.
    package var number: Int
    package var at: Instant
    /// Nil: time has passed.
    package var act: ApprovalAct?
    /// Who did it.
    package var actor: String?
    package var reason: String?
    /// Of an edit.
    package var content: [UInt8]?

    package init(
        run: RunID, sequence: Int, number: Int, at: Instant, act: ApprovalAct?, actor: String? = nil,
        reason: String? = nil, content: [UInt8]? = nil
    ) {
        self.run = run
        self.sequence = sequence
        self.number = number
        self.at = at
        self.act = act
        self.actor = actor
        self.reason = reason
        self.content = content
    }
}

/// What somebody wants to do. A revision that is not named is the current one.
package enum ApprovalWish: Hashable, Sendable {
    /// With other content: that is an edit, and the approval of it.
    case approve(revision: Int?, content: [UInt8]?)
    case reject
    case edit(revision: Int?, content: [UInt8])
    case delegate(to: String)
    case withdraw
}

/// The operator's rules for a department, or for one of its tasks.
package struct ApprovalRuleRecord: Hashable, Sendable {
    package var department: String
    /// Nil: all that have none of their own.
    package var task: String?
    package var policy: ApprovalPolicy
    package var createdAt: Instant

    package init(department: String, task: String?, policy: ApprovalPolicy, createdAt: Instant) {
        self.department = department
        self.task = task
        self.policy = policy
        self.createdAt = createdAt
    }
}
