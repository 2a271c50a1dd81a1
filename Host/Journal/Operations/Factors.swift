import Kernel

extension SQLReading {
    func factors(of account: String) throws(JournalError) -> [FactorRecord] {
        try session.rows(FactorSQL.ofAccount, [.text(account)]) { FactorRecord(&$0) }
    }

    func factor(_ id: RunID) throws(JournalError) -> FactorRecord? {
        try session.first(FactorSQL.one, [.run(id)]) { FactorRecord(&$0) }
    }

    func factor(credential: [UInt8]) throws(JournalError) -> FactorRecord? {
        try session.first(FactorSQL.byCredential, [.blob(credential)]) { FactorRecord(&$0) }
    }

    func factorTrial(of account: String) throws(JournalError) -> FactorTrial {
        try session.first(FactorSQL.trial, [.text(account)]) { StoredTrial(&$0).trial } ?? FactorTrial()
    }
}

extension SQLTransaction {
    func factorAdd(_ factor: FactorRecord, by: String) throws(JournalError) {
        guard (1...200).contains(factor.account.utf8.count), factor.label.utf8.count <= FactorRecord.maximumLabelBytes
        else { throw JournalError(.invalid, "a factor's label has at most \(FactorRecord.maximumLabelBytes) bytes") }
        let known = try factors(of: factor.account)
        guard known.count < FactorRecord.maximumPerAccount else {
            throw JournalError(.invalid, "an account has at most \(FactorRecord.maximumPerAccount) factors; remove one")
        }
        let values: [SQLValue] = [
            .run(factor.id), .text(factor.account), .text(factor.tenant), .text(factor.kind.rawValue),
            .text(factor.label), .instant(factor.createdAt), .optional(factor.confirmedAt), .optional(factor.secret),
            .optional(factor.credential), .optional(factor.publicKey), .optional(factor.counter),
            .flag(factor.canBeBackedUp), .optional(factor.usedAt),
        ]
        guard try session.execute(FactorSQL.insert, values) == 1 else {
            throw JournalError(.conflict(current: 1), "this factor is registered already")
        }
        try appendLeaf(AuditLeaves.factor(factor, "added", by: by))
    }

    func factorConfirm(_ id: RunID, counter: Int64?, by: String) throws(JournalError) {
        var factor = try known(id)
        guard factor.confirmedAt == nil else {
            throw JournalError(.conflict(current: 1), "this factor is confirmed already")
        }
        factor.confirmedAt = now
        factor.counter = counter ?? factor.counter
        try write(factor, "confirmed", by: by)
    }

    func factorUse(_ id: RunID, counter: Int64?, secret: [UInt8]?) throws(JournalError) {
        var factor = try known(id)
        if let counter {
            guard counter > factor.counter ?? -1 || (counter == 0 && factor.kind == .webauthn) else {
                throw JournalError(.conflict(current: UInt64(clamping: factor.counter ?? 0)), "it was used already")
            }
            factor.counter = counter
        }
        factor.secret = secret ?? factor.secret
        factor.usedAt = now
        try write(factor, "used")
    }

    func factorRemove(_ id: RunID, by: String) throws(JournalError) {
        _ = try known(id)
        try session.execute(FactorSQL.remove, [.run(id)])
        try appendLeaf(AuditLeaves.removed("factor", "factor", id.description, by: by))
    }

    func factorsReset(of account: String, by: String) throws(JournalError) -> Int {
        let known = try factors(of: account)
        for factor in known { try factorRemove(factor.id, by: by) }
        if try factorTrial(of: account) != FactorTrial() { try factorTrialSet(FactorTrial(), of: account) }
        return known.count
    }

    func factorTrialSet(_ trial: FactorTrial, of account: String) throws(JournalError) {
        try session.execute(
            FactorSQL.setTrial, [.text(account), .int(trial.failures), .optional(trial.restsUntil)])
        try appendLeaf(AuditLeaves.factorTrial(StoredTrial(account: account, trial: trial)))
    }

    private func known(_ id: RunID) throws(JournalError) -> FactorRecord {
        guard let factor = try factor(id) else { throw JournalError(.notFound, "there is no factor \(id)") }
        return factor
    }

    private func write(_ factor: FactorRecord, _ change: String, by: String? = nil) throws(JournalError) {
        try session.execute(
            FactorSQL.change,
            [
                .optional(factor.confirmedAt), .optional(factor.secret), .optional(factor.counter),
                .optional(factor.usedAt), .run(factor.id),
            ])
        try appendLeaf(AuditLeaves.factor(factor, change, by: by))
    }
}

/// Failures of an account as stored.
struct StoredTrial {
    var account: String
    var trial: FactorTrial

    init(account: String, trial: FactorTrial) {
        self.account = account
        self.trial = trial
    }

    init(_ row: inout SQLRow) {
        account = row.text()
        trial = FactorTrial(failures: row.int(), restsUntil: row.optionalInstant())
    }
}

extension FactorRecord {
    /// From ``FactorSQL/columns``.
    init(_ row: inout SQLRow) {
        let id = row.runID(), account = row.text(), tenant = row.text()
        let kind = Kind(rawValue: row.text())
        if kind == nil { row.refuse() }
        self.init(
            id: id, account: account, tenant: tenant, kind: kind ?? .totp, label: row.text(),
            createdAt: row.instant(), confirmedAt: row.optionalInstant(), secret: row.optionalBlob(),
            credential: row.optionalBlob(), publicKey: row.optionalBlob(), counter: row.optionalInteger(),
            canBeBackedUp: row.flag(), usedAt: row.optionalInstant())
    }
}
