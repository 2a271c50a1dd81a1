import Kernel

extension SQLReading {
    func charges(_ query: CostQuery, _ body: (Charge) -> Bool) throws(JournalError) {
        let zone = try rules(named: query.zone)
        try charges(query, zone, body)
    }

    private func charges(
        _ query: CostQuery, _ zone: TimeZoneRules, _ body: (Charge) -> Bool
    ) throws(JournalError) {
        var corrections: [String: Nanodollars] = [:]
        for adjustment in try ledgerAdjustments() {
            corrections[adjustment.attempt, default: .zero] += adjustment.after - adjustment.before
        }
        let span: [SQLValue] = [
            .integer(query.from.map { zone.start(of: $0).unixMilliseconds } ?? .min),
            .integer(query.to.map { zone.start(of: $0).unixMilliseconds } ?? .max),
        ]
        var unreadable: JournalError?
        try session.forEach(LedgerSQL.chargesHeld, span) { row in
            let stored = ChargeRow(&row), task = row.optionalText()
            do throws(JournalError) {
                let charge = try stored.charge(of: task, corrected: corrections[stored.hold.attempt] ?? .zero)
                return !query.wants(charge, in: zone) || body(charge)
            } catch {
                unreadable = error
                return false
            }
        }
        if let unreadable { throw unreadable }
    }

    func costs(_ query: CostQuery) throws(JournalError) -> CostReport {
        let zone = try rules(named: query.zone)
        var report = CostReport(by: query.by)
        try charges(query, zone) { charge in
            report.add(charge, in: zone)
            return true
        }
        return report
    }

    func rules(named name: String) throws(JournalError) -> TimeZoneRules {
        do {
            return try zones.rules(name)
        } catch {
            throw JournalError(.invalid, error.description)
        }
    }
}

extension ChargeRow {
    fileprivate func charge(of task: String?, corrected: Nanodollars) throws(JournalError) -> Charge {
        guard let endedAt, let cost, let end else {
            throw JournalError(.storage, "the store holds a charge that ended in no way: \(hold.attempt)")
        }
        return Charge(
            attempt: hold.attempt, run: hold.run, task: task, path: try hold.reservation().path, heldAt: heldAt,
            endedAt: endedAt, end: end, detail: detail, usage: usage, posted: cost, correction: corrected)
    }

    private var end: Charge.End? {
        switch hold.state {
        case 1: .settled
        case 2: .released
        case 3: .ambiguous
        default: nil
        }
    }
}
