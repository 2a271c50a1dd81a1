import Kernel

extension AuditLeaves {
    /// `soft` nil: as limits were written before they had thresholds of their own.
    static func budgetSet(_ node: BudgetNode, limit: Nanodollars?, soft: String?) -> LeafContent {
        LeafContent(
            "budget.set",
            ["node": text(node.description), "limit": limit.map(money), "thresholds": soft.map(text)])
    }

    /// `amount` nil: taken away.
    static func limitSet(
        _ node: BudgetNode, _ limit: BudgetLimit, amount: Nanodollars?, soft: String
    ) -> LeafContent {
        limitSet(
            node: node.description, period: limit.period.description, amount: amount, soft: soft,
            rollover: limit.rollover.description)
    }

    static func limitSet(
        node: String, period: String, amount: Nanodollars?, soft: String, rollover: String
    ) -> LeafContent {
        LeafContent(
            "limit.set",
            [
                "node": text(node), "period": text(period), "limit": amount.map(money), "thresholds": text(soft),
                "rollover": text(rollover),
            ])
    }

    static func windowOpened(_ account: BudgetAccount, closes: Instant) -> LeafContent {
        windowOpened(
            node: account.node.description, period: account.period.description,
            BudgetWindow(opens: account.opens, closes: closes))
    }

    static func windowOpened(node: String, period: String, _ window: BudgetWindow) -> LeafContent {
        LeafContent(
            "window.opened",
            [
                "node": text(node), "period": text(period), "opens_ms": time(window.opens),
                "closes_ms": time(window.closes),
            ])
    }

    static func alert(_ alert: BudgetAlert) -> LeafContent {
        self.alert(
            node: alert.account.node.description, period: alert.account.period.description,
            opens: alert.account.opens, threshold: alert.threshold, at: alert.at)
    }

    static func alert(node: String, period: String, opens: Instant, threshold: Int, at: Instant) -> LeafContent {
        LeafContent(
            "alert.raised",
            [
                "node": text(node), "period": text(period), "opens_ms": time(opens),
                "threshold": number(Int64(threshold)), "at_ms": time(at),
            ])
    }

    static func stop(_ node: BudgetNode, _ stop: BudgetStop) -> LeafContent {
        LeafContent(
            stop.isStopped ? "budget.stopped" : "budget.resumed",
            [
                "node": text(node.description), "stopped": .bool(stop.isStopped), "at_ms": time(stop.at),
                "by": text(stop.by), "explanation": text(stop.reason),
            ])
    }

    static func runCaps(_ node: BudgetNode, _ caps: RunCaps) -> LeafContent {
        runCaps(node: node.description, caps)
    }

    static func runCaps(node: String, _ caps: RunCaps) -> LeafContent {
        LeafContent(
            "caps.set",
            [
                "node": text(node), "cost": caps.cost.map(money), "tokens": caps.tokens.map(number),
                "steps": caps.steps.map { number(Int64($0)) }, "seconds": caps.seconds.map { number(Int64($0)) },
            ])
    }

    static func adjustment(_ adjustment: LedgerAdjustment) -> LeafContent {
        LeafContent(
            "adjustment.made",
            [
                "adjustment": number(adjustment.number), "attempt": text(adjustment.attempt),
                "before": money(adjustment.before), "after": money(adjustment.after), "by": text(adjustment.by),
                "explanation": text(adjustment.reason), "evidence": text(adjustment.evidence),
                "at_ms": time(adjustment.at),
            ])
    }

    /// One leaf for a hold on all its accounts; the rows follow from it, from entry `first` on.
    static func held(
        _ hold: ReservationRow, for charge: ChargeDetail?, _ movement: LedgerMovement, first: Int64, at: Instant
    ) -> LeafContent {
        LeafContent(
            "ledger.reserve",
            [
                "attempt": text(hold.attempt), "run": id(hold.run), "nodes": names(movement),
                "amount": money(hold.amount), "tokens": hold.tokens.map(number), "first": number(first),
                "at_ms": time(at), "source": charge.map { .string($0.source.name) },
                "provider": charge.map { text($0.provider) }, "model": charge.map { text($0.model) },
                "prices": charge.map { .string($0.prices.description) },
            ])
    }

    /// One leaf for a hold's end on all its accounts.
    static func ended(
        _ hold: ReservationRow, _ end: HoldEnd, _ usage: ChargeUsage?, usedTokens: Int64?,
        _ movement: LedgerMovement, first: Int64, at: Instant
    ) -> LeafContent {
        let tokens = usage?.tokens
        return LeafContent(
            "ledger.\(end.name)",
            [
                "attempt": text(hold.attempt), "run": id(hold.run), "nodes": names(movement),
                "amount": money(hold.amount), "actual": end.actual.map(money), "tokens": hold.tokens.map(number),
                "used_tokens": usedTokens.map(number), "first": number(first), "at_ms": time(at),
                "service": usage.map { .string($0.service.rawValue) }, "input": tokens?.input.map(number),
                "cached_read": tokens?.cachedRead.map(number), "cache_write": tokens?.cacheWrite.map(number),
                "cache_write_1h": tokens?.cacheWriteOneHour.map(number), "output": tokens?.output.map(number),
                "reasoning": tokens?.reasoning.map(number), "web_searches": usage.map { number($0.webSearches) },
                "fees": usage.map { money($0.fees) },
            ])
    }

    /// Entries of no hold: a limit that begins or changes, and a correction.
    static func ledger(_ movement: LedgerMovement, first: Int64, at: Instant) -> LeafContent {
        LeafContent(
            movement.run == nil ? "ledger.issue" : "ledger.adjust",
            [
                "attempt": text(movement.attempt), "run": movement.run.map(id), "nodes": names(movement),
                "kind": movement.parts.first.map { number(Int64($0.kind.rawValue)) },
                "amount": movement.parts.first.map { money($0.amount) }, "first": number(first), "at_ms": time(at),
            ])
    }

    private static func names(_ movement: LedgerMovement) -> JSONValue {
        .array(movement.accounts.map { text($0.description) })
    }
}
