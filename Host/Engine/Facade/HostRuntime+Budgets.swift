package import Journal
package import Kernel

extension HostRuntime {
    /// Nothing is paid or begun at or below the node from the commit on; its open runs are cancelled with the reason.
    ///
    /// - Returns: how many runs were cancelled or told to end.
    @discardableResult
    package func stopBudget(_ node: BudgetNode, by: String, reason: String) async throws(EngineError) -> Int {
        let why = "\(node) was stopped by \(by): \(reason)"
        let (open, running): ([RunID], [RunRecord])
        do {
            (open, running) = try await core.journal.write { transaction throws(JournalError) in
                try transaction.budgetStop(node, by: by, reason: reason)
                let open = try transaction.runsOpen(below: node)
                var running: [RunRecord] = []
                for run in open { running += try transaction.runRequestCancel(run, reason: why) }
                return (open, running)
            }
        } catch {
            throw EngineError(error)
        }
        for record in running { core.cancel(record, why) }
        await announceEnds(of: open)
        return open.count
    }

    package func resumeBudget(_ node: BudgetNode, by: String, reason: String) async throws(EngineError) {
        try await change { transaction throws(JournalError) in
            try transaction.budgetResume(node, by: by, reason: reason)
        }
    }

    /// Runs that were not on a lane have ended with the stop's commit: whoever waits for them hears it.
    private func announceEnds(of runs: [RunID]) async {
        let ended = try? await core.journal.read { journal throws(JournalError) in
            var ended: [RunRecord] = []
            for id in runs { if let run = try journal.run(id), run.state.isTerminal { ended.append(run) } }
            return ended
        }
        for record in ended ?? [] { core.announceEnd(of: record) }
    }

    // MARK: Forecasts

    /// How often windows are looked at that might be passed before they close.
    static let forecastIntervalSeconds = 600

    /// Says `budget.forecast` once for each open window that will have cost more than its limit.
    package static func raiseForecasts(_ journal: any JournalStore) async throws(JournalError) {
        let forecasts = try await journal.read { journal throws(JournalError) in
            var found: [BudgetForecastRecord] = []
            for record in try journal.budgets() where !record.periods.isEmpty {
                found += try journal.budgetForecasts(record.node)
            }
            return found.filter { $0.period.isOpened && $0.forecast.expected > $0.period.balance.issued ?? .zero }
        }
        guard !forecasts.isEmpty else { return }
        try await journal.write { transaction throws(JournalError) in
            for record in forecasts {
                try transaction.budgetForecastAlert(record.node, record.period.limit.period, record.forecast)
            }
        }
    }
}
