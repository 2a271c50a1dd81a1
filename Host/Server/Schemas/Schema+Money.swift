import Kernel

extension Schema {
    static let budget = answer(
        "Budget",
        [
            "node": string, "limit": optional(string), "limit_nanodollars": optional(integer),
            "held_nanodollars": integer, "spent": string, "spent_nanodollars": integer,
            "available_nanodollars": optional(integer), "thresholds_percent": list(integer),
            "periods": list(budgetPeriod),
            "stop": optional(answer(["stopped": boolean, "at": time, "by": string, "reason": string])),
        ])

    private static let budgetPeriod = answer(
        "BudgetPeriod",
        [
            "period": string, "limit": string, "limit_nanodollars": integer, "rollover": string,
            "thresholds_percent": list(integer), "opens_at": time, "closes_at": time,
            "issued_nanodollars": optional(integer), "held_nanodollars": integer, "spent_nanodollars": integer,
            "available_nanodollars": optional(integer), "is_opened": boolean,
        ])

    static let budgetAlert = answer(
        "BudgetAlert",
        [
            "node": string, "period": string, "opens_at": time, "threshold_percent": integer, "forecast": boolean,
            "at": time,
        ])

    static let forecast = answer(
        "BudgetForecast",
        [
            "node": string, "period": string, "closes_at": time, "limit_nanodollars": optional(integer),
            "spent_nanodollars": integer, "expected_nanodollars": integer, "low_nanodollars": integer,
            "high_nanodollars": integer, "history_days": integer,
        ])

    static let ledgerEntry = answer(
        "LedgerEntry",
        [
            "entry": integer, "at": time, "attempt": string, "run": optional(runID), "node": string, "period": string,
            "opens_at": optional(time), "kind": string, "debit": string, "credit": string,
            "amount_nanodollars": integer,
        ])

    private static let costSums: [String: JSONValue] = [
        "calls": integer, "input_tokens": integer, "cached_read_tokens": integer, "cache_write_tokens": integer,
        "output_tokens": integer, "reasoning_tokens": integer, "fees_nanodollars": integer, "cost": string,
        "cost_nanodollars": integer, "assumed_nanodollars": integer, "ambiguous_nanodollars": integer,
    ]

    static let costReport = answer(
        "CostReport",
        [
            "by": list(string), "from": optional(string), "to": optional(string), "zone": string,
            "rows": list(
                answer(
                    "CostRow", costSums,
                    sometimes: Dictionary(
                        uniqueKeysWithValues: CostDimension.allCases.map { ($0.rawValue, optional(string)) }))),
            "total": answer("CostSums", costSums),
        ])

    static let claimLimit = answer(
        "Limit", ["scope": string],
        sometimes: ["concurrency": integer, "starts_per_minute": integer, "burst": integer])
    static let claimWeight = answer(
        "Weight", ["tenant": string, "department": optional(string), "weight": integer])
    static let maintenance = answer(
        "Maintenance",
        [
            "name": string, "scope": string, "window": anyObject, "open": boolean, "next_change": optional(time),
            "created_at": time,
        ])
}
