import Kernel

extension SQLTransaction {
    /// Once for each node, window and threshold: a restart or a balance that goes up and down does not repeat it.
    func raise(
        _ threshold: Int, _ state: AccountState, _ balance: BudgetBalance, run: RunID?,
        _ more: [String: JSONValue] = [:]
    ) throws(JournalError) {
        let alert = BudgetAlert(account: state.account, threshold: threshold, at: now)
        guard
            try session.execute(BudgetAlertSQL.raise, state.account.key + [.int(threshold), .instant(now)]) == 1
        else { return }
        try appendLeaf(AuditLeaves.alert(alert))
        var body = Self.body(state, balance).merging(more, uniquingKeysWith: { $1 })
        if threshold != BudgetAlert.forecastThreshold { body["threshold_percent"] = .integer(Int64(threshold)) }
        let topic =
            switch threshold {
            case BudgetAlert.forecastThreshold: "budget.forecast"
            case 100...: "budget.exhausted"
            default: "budget.threshold"
            }
        try announce(topic, run, body)
    }

    /// An attempt cost more than was held for it: its bound was wrong.
    func announceViolation(_ row: ReservationRow, actual: Nanodollars) throws(JournalError) {
        try announce(
            "budget.bound_violated", row.run,
            [
                "attempt": .string(row.attempt), "held_nanodollars": .integer(row.amount.value),
                "actual_nanodollars": .integer(actual.value),
            ])
    }

    /// An event of the run's tree; of none when no run is the cause.
    func announce(_ topic: String, _ run: RunID?, _ body: [String: JSONValue]) throws(JournalError) {
        let root = try run.flatMap { id throws(JournalError) in try self.run(id)?.root } ?? run ?? .nobody
        _ = try eventAppend(NewEvent(topic: topic, run: run ?? .nobody, root: root, body: .object(body)))
    }

    private static func body(_ state: AccountState, _ balance: BudgetBalance) -> [String: JSONValue] {
        var body: [String: JSONValue] = [
            "node": .string(state.account.node.description), "period": .string(state.account.period.description),
            "limit_nanodollars": .integer(balance.issued?.value ?? 0),
            "held_nanodollars": .integer(balance.held.value), "spent_nanodollars": .integer(balance.spent.value),
        ]
        if state.account.period != .lifetime {
            body["opens_ms"] = .integer(state.window.opens.unixMilliseconds)
            body["closes_ms"] = .integer(state.window.closes.unixMilliseconds)
        }
        return body
    }

    func budgetForecastAlert(
        _ node: BudgetNode, _ period: BudgetPeriod, _ forecast: BudgetForecast
    ) throws(JournalError) {
        guard let row = try newestWindow(of: node, period), now < row.window.closes else { return }
        let state = AccountState(
            account: BudgetAccount(node: node, period: period, opens: row.window.opens), window: row.window,
            balance: row.balance)
        try raise(
            BudgetAlert.forecastThreshold, state, row.balance, run: nil,
            [
                "expected_nanodollars": .integer(forecast.expected.value),
                "low_nanodollars": .integer(forecast.low.value), "high_nanodollars": .integer(forecast.high.value),
            ])
    }
}

extension SQLReading {
    /// Newest first.
    func budgetAlerts(limit: Int) throws(JournalError) -> [BudgetAlert] {
        try session.rows(BudgetAlertSQL.newest, [.int(max(0, limit))]) { BudgetAlertRow(&$0) }
            .map { row throws(JournalError) in try row.alert() }
    }

    /// What the windows that hold now will have cost when they close.
    func budgetForecasts(_ node: BudgetNode) throws(JournalError) -> [BudgetForecastRecord] {
        guard let record = try budget(node) else { return [] }
        return try record.periods.map { period throws(JournalError) in
            let zone = try rules(of: period.limit.period)
            let history = try daysBefore(now, of: node, in: zone)
            let forecast = BudgetForecast(
                spent: period.balance.spent, window: period.window, now: now, zone: zone, history: history)
            return BudgetForecastRecord(node: node, period: period, forecast: forecast)
        }
    }

    /// Whole days before today, from the node's first charge on; days without a charge count.
    private func daysBefore(
        _ now: Instant, of node: BudgetNode, in zone: TimeZoneRules
    ) throws(JournalError) -> [CivilDate: Nanodollars] {
        let today = zone.date(at: now)
        let since = zone.start(of: today.adding(days: -BudgetForecast.maximumHistoryDays))
        var days: [CivilDate: Nanodollars] = [:]
        try session.forEach(LedgerSQL.spentSince, [.text(node.description), .instant(since)]) { row in
            let date = zone.date(at: row.instant())
            days[date, default: .zero] = days[date, default: .zero] + row.money()
            return true
        }
        guard var date = days.keys.min() else { return [:] }
        // The first day may have begun without anybody there.
        days[date] = nil
        date = date.adding(days: 1)
        while date < today {
            days[date] = days[date] ?? .zero
            date = date.adding(days: 1)
        }
        days[today] = nil
        return days
    }
}
