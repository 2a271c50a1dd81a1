import Engine
import Hummingbird
import Journal
import Kernel

/// Limits, the kill switch, caps of runs, and the ledger.
struct BudgetRoutes: Sendable {
    let runtime: HostRuntime

    private static let limitSchema: JSONValue = [
        "type": "object",
        "required": ["limit"],
        "additionalProperties": false,
        "properties": [
            "limit": ["type": ["string", "null"], "maxLength": 40],
            "per": ["type": "string", "maxLength": 20],
            "zone": ["type": "string", "maxLength": 64],
            "anchor": ["type": "integer", "minimum": 1, "maximum": 31],
            "thresholds_percent": [
                "type": "array", "maxItems": 8, "items": ["type": "integer", "minimum": 1, "maximum": 1000],
            ],
            "rollover": ["type": "string", "maxLength": 60],
        ],
    ]

    private static let switchSchema: JSONValue = [
        "type": "object",
        "required": ["node", "by", "reason"],
        "additionalProperties": false,
        "properties": [
            "node": ["type": "string", "minLength": 1, "maxLength": 210],
            "by": ["type": "string", "minLength": 1, "maxLength": 200],
            "reason": ["type": "string", "minLength": 1, "maxLength": 500],
        ],
    ]

    private static let pageSize = 1_000

    func add(to router: Router<APIContext>) {
        router.get("budgets") { _, _ in try await all() }
        router.get("budgets/forecast/**") { _, context in try await forecast(try Self.node(context)) }
        router.get("budgets/**") { _, context in try await one(try Self.node(context)) }
        router.put("budgets/**") { request, context in try await set(try Self.node(context), request) }
        router.post("budgets/stop") { request, _ in try await stop(try await body(request, Self.switchSchema)) }
        router.post("budgets/resume") { request, _ in try await resume(try await body(request, Self.switchSchema)) }
        router.get("ledger") { request, _ in try await ledger(request) }
    }

    private static func node(_ context: APIContext) throws -> BudgetNode {
        try node(context.parameters.getCatchAll().joined(separator: "/"))
    }

    private static func node(_ text: String) throws -> BudgetNode {
        guard let node = BudgetNode(text) else {
            throw Problem(
                .badRequest, "invalid",
                "\"\(text)\" is no budget node: write organisation, tenant:t, department:t/d, agent:t/d/a, user:t/u or "
                    + "run:id")
        }
        return node
    }

    private func body(_ request: Request, _ schema: JSONValue) async throws -> JSONValue {
        try await BodyReader(own: schema).read(request)
    }

    // MARK: Questions

    private func all() async throws -> Response {
        let (budgets, alerts) = try await runtime.journal.read { journal throws(JournalError) in
            (try journal.budgets(), try journal.budgetAlerts(limit: 100))
        }
        return Response.json(["budgets": .array(budgets.map(\.json)), "alerts": .array(alerts.map(\.json))])
    }

    private func one(_ node: BudgetNode) async throws -> Response {
        let record = try await runtime.journal.read { journal throws(JournalError) in try journal.budget(node) }
        guard let record else { throw Problem(.notFound, "not_found", "nothing was set or spent at \(node)") }
        return Response.json(record.json)
    }

    private func forecast(_ node: BudgetNode) async throws -> Response {
        let forecasts = try await runtime.journal.read { journal throws(JournalError) in
            try journal.budgetForecasts(node)
        }
        return Response.json(["forecasts": .array(forecasts.map(\.json))])
    }

    private func ledger(_ request: Request) async throws -> Response {
        let query = request.uri.queryParameters
        var filter = LedgerFilter()
        if let text = query["node"] { filter.node = try Self.node(String(text)) }
        if let text = query["run"] {
            guard let run = RunID(String(text)) else {
                throw Problem(.badRequest, "invalid", "\"\(text)\" is no run's id")
            }
            filter.run = run
        }
        filter.attempt = query["attempt"].map(String.init)
        let after = query["after"].flatMap { Int64(String($0)) } ?? 0
        let limit = min(Self.pageSize, query["limit"].flatMap { Int(String($0)) } ?? 100)
        let entries = try await runtime.journal.read { [filter] journal throws(JournalError) in
            try journal.ledger(filter, after: after, limit: max(1, limit))
        }
        return Response.json([
            "entries": .array(entries.map(\.json)),
            "next_after": .init(entries.count == limit ? entries.last?.number : nil),
        ])
    }

    // MARK: Changes

    private func set(_ node: BudgetNode, _ request: Request) async throws -> Response {
        let body = try await body(request, Self.limitSchema)
        let period = try period(body)
        var wanted: BudgetLimit?
        if let text = body["limit"]?.stringValue { wanted = try limit(text, period, body) }
        let record = try await runtime.change { [wanted] transaction throws(JournalError) in
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
            throw Self.unfit(
                "/per",
                "\"\(word)\" in \(zone) is no period: write lifetime, day, week, month, quarter, year or a length "
                    + "such as 36h")
        }
        return period
    }

    private func limit(_ text: String, _ period: BudgetPeriod, _ body: JSONValue) throws -> BudgetLimit {
        guard let amount = BudgetWords.amount(text) else {
            throw Self.unfit("/limit", "\"\(text)\" is no amount in dollars, such as 12.50")
        }
        var limit = BudgetLimit(period: period, amount: amount)
        if let percents = body["thresholds_percent"]?.arrayValue {
            limit.thresholds = percents.compactMap { $0.integerValue.map(Int.init) }
        }
        if let text = body["rollover"]?.stringValue {
            guard let rollover = BudgetWords.rollover(text) else {
                throw Self.unfit("/rollover", "\"\(text)\": write none, debt or unused:50usd")
            }
            limit.rollover = rollover
        }
        if let problem = limit.problem { throw Self.unfit("", problem) }
        return limit
    }

    private static func unfit(_ pointer: String, _ text: String) -> Problem {
        Problem(
            .unprocessableContent, "invalid_body", text,
            errors: [["pointer": .string(pointer), "message": .string(text)]])
    }

    private func stop(_ body: JSONValue) async throws -> Response {
        let node = try Self.node(body["node"]?.stringValue ?? "")
        let count = try await runtime.stopBudget(
            node, by: body["by"]?.stringValue ?? "", reason: body["reason"]?.stringValue ?? "")
        return Response.json(["node": .string(node.description), "cancelled_runs": .integer(Int64(count))])
    }

    private func resume(_ body: JSONValue) async throws -> Response {
        let node = try Self.node(body["node"]?.stringValue ?? "")
        try await runtime.resumeBudget(
            node, by: body["by"]?.stringValue ?? "", reason: body["reason"]?.stringValue ?? "")
        return Response.json(["node": .string(node.description), "stopped": false])
    }
}
