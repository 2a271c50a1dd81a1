import Kernel

extension SQLReading {
    func deadLetters(
        groups: Set<String>?, after number: Int64, limit: Int
    ) throws(JournalError) -> [DeadLetter] {
        let names: [SQLValue] = groups?.sorted().map { .text($0) } ?? []
        return try letters(
            StreamSQL.openLetters(groups: groups?.count), names + [.integer(number), .int(max(0, limit))])
    }

    func deadLetter(_ number: Int64) throws(JournalError) -> DeadLetter? {
        try letters(StreamSQL.letter, [.integer(number)]).first
    }

    /// As they are stored.
    func allDeadLetters() throws(JournalError) -> [DeadLetter] { try storedLetters(StreamSQL.everyLetter, []) }

    fileprivate func storedLetters(_ sql: String, _ arguments: [SQLValue]) throws(JournalError) -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for row in try session.rows(sql, arguments, { LetterRow(&$0) }) {
            let delivery = try delivery(row.delivery)
            letters.append(
                DeadLetter(
                    number: row.number, group: row.group, at: row.at, deliveries: delivery.deliveries,
                    reason: row.reason, state: row.state, event: delivery.event, origin: delivery.origin))
        }
        return letters
    }

    private func letters(_ sql: String, _ arguments: [SQLValue]) throws(JournalError) -> [DeadLetter] {
        var letters = try storedLetters(sql, arguments)
        for (index, letter) in letters.enumerated() {
            guard let seal = try seal(ofRun: letter.event.event.run) else { continue }
            let place = Self.letterPlace(letter.group, letter.event.position)
            switch seal.openText(letter.reason, place) {
            case .success(let reason): letters[index].reason = reason
            case .failure(let failure): letters[index].reason = failure.state.rawValue
            }
        }
        return letters
    }
}

extension SQLTransaction {
    /// Gives the event to its group once more, as if for the first time.
    func deadLetterReprocess(_ number: Int64, by: String) throws(JournalError) {
        let letter = try openLetter(number)
        guard try streamGroup(letter.group) != nil else {
            throw JournalError(.notFound, "letter \(number): its group \"\(letter.group)\" is gone")
        }
        try close(letter, .reprocessed, by)
        try session.execute(
            StreamSQL.again, [.text(letter.group), .integer(letter.event.position), .instant(now), .instant(now)])
    }

    func deadLetterDelete(_ number: Int64, by: String) throws(JournalError) {
        try close(try openLetter(number), .deleted, by)
    }

    private func openLetter(_ number: Int64) throws(JournalError) -> DeadLetter {
        guard let letter = try storedLetters(StreamSQL.letter, [.integer(number)]).first else {
            throw JournalError(.notFound, "there is no dead letter \(number)")
        }
        guard letter.state == .open else {
            throw JournalError(.invalid, "letter \(number) was \(letter.state.name) already")
        }
        return letter
    }

    private func close(_ letter: DeadLetter, _ state: DeadLetter.State, _ by: String) throws(JournalError) {
        try session.execute(StreamSQL.closeLetter, [.int(state.rawValue), .integer(letter.number)])
        var closed = letter
        closed.state = state
        try appendLeaf(AuditLeaves.deadLetter(closed, by: by))
    }
}

private struct LetterRow {
    let number: Int64
    let group: String
    let at: Instant
    let reason: String
    let state: DeadLetter.State
    let delivery: DeliveryRow

    init(_ row: inout SQLRow) {
        number = row.integer()
        group = row.text()
        at = row.instant()
        reason = row.text()
        state = row.raw(DeadLetter.State.open)
        delivery = DeliveryRow(&row)
    }
}
