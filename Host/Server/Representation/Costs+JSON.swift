package import Kernel

extension CostReport {
    /// One object for each row, and the total.
    package func json(of query: CostQuery) -> JSONValue {
        [
            "by": .array(by.map { .string($0.rawValue) }), "from": .init(query.from?.description),
            "to": .init(query.to?.description), "zone": .string(query.zone),
            "rows": .array(
                rows.map { row in
                    let key = zip(by, row.key).map { ($0.rawValue, JSONValue($1)) }
                    return .object(row.sums.members.merging(key, uniquingKeysWith: { $1 }))
                }), "total": .object(total.members),
        ]
    }

    /// A head, one line for each row, exact amounts in dollars. No total: it would be added to the rest.
    package var csv: String {
        let head =
            by.map(\.rawValue) + [
                "calls", "input_tokens", "cached_read_tokens", "cache_write_tokens", "output_tokens",
                "reasoning_tokens", "fees_usd", "cost_usd", "assumed_usd", "ambiguous_usd",
            ]
        return rows.reduce(CSVLine.text(head)) { text, row in
            let sums = row.sums
            let counts = [
                sums.calls, sums.input, sums.cachedRead, sums.cacheWrite, sums.output, sums.reasoning,
            ].map(String.init)
            let amounts = [sums.fees, sums.cost, sums.assumed, sums.ambiguous].map(\.decimal)
            return text + CSVLine.text(row.key.map { CSVLine.name($0 ?? "") } + counts + amounts)
        }
    }
}

extension CostReport.Sums {
    package var members: [String: JSONValue] {
        [
            "calls": .integer(calls), "input_tokens": .integer(input), "cached_read_tokens": .integer(cachedRead),
            "cache_write_tokens": .integer(cacheWrite), "output_tokens": .integer(output),
            "reasoning_tokens": .integer(reasoning), "fees_nanodollars": .integer(fees.value),
            "cost": .string(cost.description), "cost_nanodollars": .integer(cost.value),
            "assumed_nanodollars": .integer(assumed.value), "ambiguous_nanodollars": .integer(ambiguous.value),
        ]
    }
}

extension Showback {
    package var json: JSONValue {
        [
            "month": .string(String(month.description.prefix(7))), "zone": .string(zone),
            "statements": .array(statements.map(\.json)), "total": .object(total.members),
            "cost_before_nanodollars": .integer(totalBefore.value),
        ]
    }
}

extension Showback.Statement {
    fileprivate var json: JSONValue {
        let own: [String: JSONValue] = [
            "tenant": .init(tenant), "department": .init(department),
            "cost_before_nanodollars": .integer(costBefore.value), "change_nanodollars": .integer(change.value),
            "change_of_thousand": .init(changeOfThousand.map(Int64.init)),
            "share_of_thousand": .init(shareOfThousand.map(Int64.init)),
            "models": .array(models.map(\.json)), "agents": .array(agents.map(\.json)),
        ]
        return .object(sums.members.merging(own, uniquingKeysWith: { $1 }))
    }
}

extension Showback.Top {
    fileprivate var json: JSONValue {
        .object(sums.members.merging(["name": .string(name)], uniquingKeysWith: { $1 }))
    }
}
