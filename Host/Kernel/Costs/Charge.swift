/// What one attempt has cost, for reports: of a hold that has ended.
package struct Charge: Hashable, Sendable {
    package enum End: String, Sendable {
        case settled
        case released
        /// Nobody knows what was billed: the whole hold counts.
        case ambiguous
    }

    package var attempt: String
    package var run: RunID
    /// `department/task`; nil for what belongs to no run.
    package var task: String?
    package var tenant: String?
    package var department: String?
    package var agent: String?
    package var user: String?
    package var heldAt: Instant
    package var endedAt: Instant
    package var end: End
    /// Nil for money that a plugin set aside, and for charges of before it was recorded.
    package var detail: ChargeDetail?
    package var usage: ChargeUsage?
    /// At its end.
    package var posted: Nanodollars
    /// What people have changed since, by ``LedgerAdjustment``.
    package var correction: Nanodollars

    /// - Parameter path: whose money it is.
    package init(
        attempt: String, run: RunID, task: String?, path: [BudgetNode], heldAt: Instant, endedAt: Instant, end: End,
        detail: ChargeDetail?, usage: ChargeUsage?, posted: Nanodollars, correction: Nanodollars
    ) {
        self.attempt = attempt
        self.run = run
        self.task = task
        self.heldAt = heldAt
        self.endedAt = endedAt
        self.end = end
        self.detail = detail
        self.usage = usage
        self.posted = posted
        self.correction = correction
        for node in path {
            switch node {
            case .organisation, .run: break
            case .tenant(let name): tenant = name
            case .department(_, let name): department = name
            case .agent(_, _, let name): agent = name
            case .user(_, let name): user = name
            }
        }
    }

    package var cost: Nanodollars { posted + correction }

    /// Money that was set aside and given back is no call.
    package var isCall: Bool { detail != nil || cost != .zero || end == .ambiguous }
}
