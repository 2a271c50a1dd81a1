import Kernel

extension SQLReading {
    func keptRequest(_ key: AnswerKey) throws(JournalError) -> KeptRequest? {
        try session.first(AnswerSQL.one, Self.arguments(key)) { row in
            let digest = row.digest(), status = row.optionalInteger(), location = row.optionalText()
            let body = row.optionalBlob()
            let answer = status.map { RepeatedAnswer(status: Int($0), location: location, body: body ?? []) }
            return KeptRequest(digest: digest, answer: answer)
        }
    }

    func usage(_ query: UsageQuery) throws(JournalError) -> [UsageRow] {
        var conditions: [String] = [], arguments: [SQLValue] = []
        for (condition, value) in [
            ("day >= ?", query.from?.description), ("day <= ?", query.through?.description),
            ("tenant = ?", query.tenant), ("client = ?", query.client), ("operation = ?", query.operation),
        ] {
            guard let value else { continue }
            conditions.append(condition)
            arguments.append(.text(value))
        }
        return try session.rows(UsageSQL.rows(conditions), arguments) { UsageRow(&$0) }
    }

    fileprivate static func arguments(_ key: AnswerKey) -> [SQLValue] {
        [.text(key.tenant), .text(key.caller), .text(key.key)]
    }
}

extension SQLTransaction {
    func answerReserve(_ key: AnswerKey, digest: Digest) throws(JournalError) {
        let oldest = now.advanced(byMilliseconds: -AnswerKey.keptMilliseconds)
        try session.execute(AnswerSQL.forgetOld, [.instant(oldest)])
        let arguments = Self.arguments(key) + [.digest(digest), .instant(now)]
        guard try session.execute(AnswerSQL.reserve, arguments) > 0 else {
            throw JournalError(.conflict(current: 0), "a request under this key is being worked on")
        }
    }

    func answerKeep(_ key: AnswerKey, _ answer: RepeatedAnswer) throws(JournalError) {
        let arguments: [SQLValue] = [.int(answer.status), .optional(answer.location), .blob(answer.body)]
        try session.execute(AnswerSQL.keep, arguments + Self.arguments(key))
    }

    func answerForget(_ key: AnswerKey) throws(JournalError) {
        try session.execute(AnswerSQL.forget, Self.arguments(key))
    }

    func usageAdd(_ rows: [UsageRow]) throws(JournalError) {
        for row in rows {
            let key = row.key
            try session.execute(
                UsageSQL.add,
                [
                    .text(key.day.description), .text(key.tenant), .text(key.client), .text(key.version),
                    .text(key.operation), .int(key.status), .integer(row.requests), .integer(row.milliseconds),
                ])
        }
        guard let newest = rows.map(\.key.day).max() else { return }
        try session.execute(UsageSQL.forgetOld, [.text(newest.adding(days: -UsageRow.keptDays).description)])
    }
}

extension UsageRow {
    fileprivate init(_ row: inout SQLRow) {
        let day = CivilDate(row.text())
        if day == nil { row.refuse() }
        let tenant = row.text(), client = row.text(), version = row.text(), operation = row.text()
        let key = Key(
            day: day ?? CivilDate(daysSinceEpoch: 0), tenant: tenant, client: client, version: version,
            operation: operation,
            status: row.int())
        self.init(key: key, requests: row.integer(), milliseconds: row.integer())
    }
}
