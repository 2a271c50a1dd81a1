import Engine
import Hummingbird
import Journal
import Kernel

/// Limits, the kill switch, caps of runs, and the ledger.
struct BudgetRoutes: Sendable {
    let runtime: HostRuntime

    private static let limit = Schema.input(
        ["limit": ["type": ["string", "null"], "maxLength": 40]],
        optional: [
            "per": ["type": "string", "maxLength": 20], "zone": ["type": "string", "maxLength": 64],
            "anchor": Schema.count(1, 31), "thresholds_percent": Schema.list(Schema.count(1, 1_000), nil, 8),
            "rollover": ["type": "string", "maxLength": 60],
        ])
    private static let stopping = Schema.input(
        ["node": Schema.text(330), "reason": Schema.text(500)], optional: ["by": Schema.by])
    private static let forms =
        "organisation, tenant:t, department:t/d, agent:t/d/a, user:t/u or run:id"

    func add(to api: APIRouter) {
        api.add(
            Operation(
                "budgets.list", .get, "/budgets", "Limits, windows, balances and alerts", tag: "Money",
                access: .needs(.budgets, .read),
                answers: [
                    .ok(
                        "All nodes with a limit or a charge",
                        Schema.answer([
                            "budgets": Schema.list(Schema.budget), "alerts": Schema.list(Schema.budgetAlert),
                        ]))
                ])
        ) { call in
            let (budgets, alerts) = try await call.read { journal throws(JournalError) in
                (try journal.budgets(), try journal.alerts(limit: 100))
            }
            return Response.json(["budgets": .array(budgets.map(\.json)), "alerts": .array(alerts.map(\.json))])
        }
        api.add(
            Operation(
                "budgets.forecast", .get, "/budgets/forecast/**", "What open windows will have cost", tag: "Money",
                access: .needs(.budgets, .read),
                answers: [.ok("One for each window", Schema.named("forecasts", Schema.forecast))]
            ).taking(rest: "node", "As \(Self.forms)", Schema.text(330))
        ) { try await forecast($0) }
        api.add(
            Operation(
                "budgets.show", .get, "/budgets/**", "One node", tag: "Money", access: .needs(.budgets, .read),
                answers: [.ok("Its limits, windows and balance", Schema.budget)]
            ).taking(rest: "node", "As \(Self.forms)", Schema.text(330))
        ) { try await one($0) }
        api.add(
            Operation(
                "budgets.set", .put, "/budgets/**", "Sets or takes away one limit", tag: "Money",
                access: .needs(.budgets, .write),
                body: .json(Self.limit, example: ["limit": "100.00", "per": "month"]),
                answers: [.ok("The node", Schema.optional(Schema.budget))]
            ).taking(rest: "node", "As \(Self.forms)", Schema.text(330))
        ) { try await set($0) }
        addSwitch(to: api)
        api.add(
            Operation(
                "ledger.list", .get, "/ledger", "Entries in order", tag: "Money", access: .needs(.budgets, .read),
                parameters: [
                    .query("run", "Of this run", Schema.text(64)), .query("node", "On this node", Schema.text(330)),
                    .query("attempt", "Of this attempt", Schema.text(200)), .after("entry"), .limit(1_000),
                ],
                answers: [
                    .ok(
                        "A page of them",
                        Schema.page("entries", Schema.ledgerEntry, next: "next_after", Schema.integer))
                ])
        ) { try await ledger($0) }
    }

    private func addSwitch(to api: APIRouter) {
        api.add(
            Operation(
                "budgets.stop", .post, "/budgets/stop", "The kill switch: nothing runs or costs below the node",
                tag: "Money", access: .needs(.budgets, .execute),
                body: .json(Self.stopping, example: ["node": "department:acme/research", "reason": "too dear"]),
                answers: [
                    .ok("Stopped", Schema.answer(["node": Schema.string, "cancelled_runs": Schema.integer]))
                ])
        ) { call in
            let node = try await changeable(call.body["node"]?.stringValue ?? "", call)
            let count = try await runtime.stopBudget(
                node, by: call.by, reason: call.body["reason"]?.stringValue ?? "")
            return Response.json(["node": .string(node.description), "cancelled_runs": .integer(Int64(count))])
        }
        api.add(
            Operation(
                "budgets.resume", .post, "/budgets/resume", "The end of the kill switch", tag: "Money",
                access: .needs(.budgets, .execute),
                body: .json(Self.stopping, example: ["node": "department:acme/research", "reason": "paid"]),
                answers: [.ok("It goes on", Schema.answer(["node": Schema.string, "stopped": Schema.boolean]))])
        ) { call in
            let node = try await changeable(call.body["node"]?.stringValue ?? "", call)
            try await runtime.resumeBudget(node, by: call.by, reason: call.body["reason"]?.stringValue ?? "")
            return Response.json(["node": .string(node.description), "stopped": false])
        }
    }

    private static func node(_ text: String) throws -> BudgetNode {
        guard let node = BudgetNode(text) else {
            throw Problem(.badRequest, "invalid", "\"\(text)\" is no budget node: write \(forms)")
        }
        return node
    }

    /// A node that is there for the caller.
    private func own(_ text: String, _ call: APICall) async throws -> BudgetNode {
        let node = try Self.node(text)
        try await call.read { journal throws(JournalError) in try journal.require(node) }
        return node
    }

    /// What limits a tenant as a whole is set by operators, and not by the tenant that it limits.
    private func changeable(_ text: String, _ call: APICall) async throws -> BudgetNode {
        let node = try await own(text, call)
        if case .tenant = node, call.caller.tenant != nil {
            throw Problem(.forbidden, "forbidden", "\(node): what limits a tenant as a whole is its operators'")
        }
        return node
    }

    // MARK: Questions

    private func one(_ call: APICall) async throws -> Response {
        let node = try await own(call.text("node"), call)
        let record = try await call.read { scoped throws(JournalError) in try scoped.journal.budget(node) }
        guard let record else { throw Problem(.notFound, "not_found", "nothing was set or spent at \(node)") }
        return Response.json(record.json)
    }

    private func forecast(_ call: APICall) async throws -> Response {
        let node = try await own(call.text("node"), call)
        let forecasts = try await call.read { scoped throws(JournalError) in
            try scoped.journal.budgetForecasts(node)
        }
        return Response.json(["forecasts": .array(forecasts.map(\.json))])
    }

    private func ledger(_ call: APICall) async throws -> Response {
        var filter = LedgerFilter()
        if let text = call.parameters["node"]?.stringValue { filter.node = try Self.node(text) }
        if let text = call.parameters["run"]?.stringValue {
            guard let run = RunID(text) else {
                throw Problem(.badRequest, "invalid", "\"\(text)\" is no run's id")
            }
            filter.run = run
        }
        filter.attempt = call.parameters["attempt"]?.stringValue
        let after = call.number("after") ?? 0, limit = call.limit(100)
        let entries = try await call.read { [filter] journal throws(JournalError) in
            try journal.ledger(filter, after: after, limit: limit)
        }
        return Response.json([
            "entries": .array(entries.map(\.json)),
            "next_after": .init(entries.count == limit ? entries.last?.number : nil),
        ])
    }

    // MARK: Changes

    private func set(_ call: APICall) async throws -> Response {
        let node = try await changeable(call.text("node"), call), body = call.body
        let period = try period(body)
        var wanted: BudgetLimit?
        if let text = body["limit"]?.stringValue { wanted = try limit(text, period, body) }
        let record = try await call.change(runtime) { [wanted] transaction, _ throws(JournalError) in
            if let wanted {
                try transaction.budgetSet(node, wanted)
            } else {
                try transaction.budgetRemoveLimit(node, period: period)
            }
            return try transaction.budget(node)
        }
        return Response.json(record?.json ?? .null)
    }

    private func period(_ body: JSONValue) throws -> BudgetPeriod {
        let word = body["per"]?.stringValue ?? "lifetime"
        let zone = body["zone"]?.stringValue ?? "UTC", anchor = Int(body["anchor"]?.integerValue ?? 1)
        guard let period = BudgetWords.period(word, zone: zone, anchor: anchor) else {
            throw Problem.unfit(
                "/per",
                "\"\(word)\" in \(zone) is no period: write lifetime, day, week, month, quarter, year or a length "
                    + "such as 36h")
        }
        return period
    }

    private func limit(_ text: String, _ period: BudgetPeriod, _ body: JSONValue) throws -> BudgetLimit {
        guard let amount = BudgetWords.amount(text) else {
            throw Problem.unfit("/limit", "\"\(text)\" is no amount in dollars, such as 12.50")
        }
        var limit = BudgetLimit(period: period, amount: amount)
        if let percents = body["thresholds_percent"]?.arrayValue {
            limit.thresholds = percents.compactMap { $0.integerValue.map(Int.init) }
        }
        if let text = body["rollover"]?.stringValue {
            guard let rollover = BudgetWords.rollover(text) else {
                throw Problem.unfit("/rollover", "\"\(text)\": write none, debt or unused:50usd")
            }
            limit.rollover = rollover
        }
        if let problem = limit.problem { throw Problem.unfit("", problem) }
        return limit
    }
}
