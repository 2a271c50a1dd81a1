package import Journal
package import Kernel

extension BudgetRecord {
    package var json: JSONValue {
        [
            "node": .string(node.description), "limit": .init(limit?.description),
            "limit_nanodollars": .init(limit?.value), "held_nanodollars": .integer(held.value),
            "spent": .string(spent.description), "spent_nanodollars": .integer(spent.value),
            "available_nanodollars": .init(available?.value),
            "thresholds_percent": .array(thresholds.map { .integer(Int64($0)) }),
            "periods": .array(periods.map(\.json)), "stop": stop?.json ?? .null,
        ]
    }
}

extension BudgetPeriodRecord {
    package var json: JSONValue {
        [
            "period": .string(limit.period.description), "limit": .string(limit.amount.description),
            "limit_nanodollars": .integer(limit.amount.value), "rollover": .string(limit.rollover.description),
            "thresholds_percent": .array(limit.thresholds.map { .integer(Int64($0)) }),
            "opens_at": .string(window.opens.timestamp), "closes_at": .string(window.closes.timestamp),
            "issued_nanodollars": .init(balance.issued?.value), "held_nanodollars": .integer(balance.held.value),
            "spent_nanodollars": .integer(balance.spent.value),
            "available_nanodollars": .init(balance.available?.value), "is_opened": .bool(isOpened),
        ]
    }
}

extension BudgetStop {
    package var json: JSONValue {
        [
            "stopped": .bool(isStopped), "at": .string(at.timestamp), "by": .string(by), "reason": .string(reason),
        ]
    }
}

extension BudgetAlert {
    package var json: JSONValue {
        [
            "node": .string(account.node.description), "period": .string(account.period.description),
            "opens_at": .string(account.opens.timestamp), "threshold_percent": .integer(Int64(threshold)),
            "forecast": .bool(threshold == Self.forecastThreshold), "at": .string(at.timestamp),
        ]
    }
}

extension BudgetForecastRecord {
    package var json: JSONValue {
        [
            "node": .string(node.description), "period": .string(period.limit.period.description),
            "closes_at": .string(period.window.closes.timestamp),
            "limit_nanodollars": .init(period.balance.issued?.value),
            "spent_nanodollars": .integer(forecast.spent.value),
            "expected_nanodollars": .integer(forecast.expected.value),
            "low_nanodollars": .integer(forecast.low.value), "high_nanodollars": .integer(forecast.high.value),
            "history_days": .integer(Int64(forecast.historyDays)),
        ]
    }
}

extension RunCaps {
    package var json: JSONValue {
        [
            "max_cost_nanodollars": .init(cost?.value), "max_tokens": .init(tokens),
            "max_steps": .init(steps.map(Int64.init)), "max_seconds": .init(seconds.map(Int64.init)),
        ]
    }
}

extension LedgerEntry {
    package var json: JSONValue {
        [
            "entry": .integer(number), "at": .string(at.timestamp), "attempt": .string(attempt),
            "run": .init(run?.description), "node": .string(node.description),
            "period": .string(account.period.description),
            "opens_at": account.period == .lifetime ? .null : .string(account.opens.timestamp),
            "kind": .string(String(describing: kind)), "debit": .string(kind.debit.rawValue),
            "credit": .string(kind.credit.rawValue), "amount_nanodollars": .integer(amount.value),
        ]
    }
}

extension LedgerAdjustment {
    package var json: JSONValue {
        [
            "adjustment": .integer(number), "at": .string(at.timestamp), "attempt": .string(attempt),
            "before_nanodollars": .integer(before.value), "after_nanodollars": .integer(after.value),
            "by": .string(by), "reason": .string(reason), "evidence": .string(evidence),
        ]
    }
}

extension LedgerReport {
    package var json: JSONValue {
        [
            "entries": .integer(entries), "accounts": .integer(Int64(accounts)),
            "open_holds": .integer(Int64(openHolds)), "sound": .bool(faults.isEmpty),
            "faults": .array(faults.map { ["row": .string($0.row), "text": .string($0.text)] }),
        ]
    }
}
