import Kernel

extension SQLReading {
    func events(root: RunID?, after position: Int64, limit: Int) throws(JournalError) -> [EventRecord] {
        let range: [SQLValue] = [.integer(position), .int(max(0, limit))]
        let rows =
            if let root {
                try session.rows(EventSQL.afterInRoot, [.run(root)] + range) { EventRow(&$0) }
            } else {
                try session.rows(EventSQL.after, range) { EventRow(&$0) }
            }
        var records: [EventRecord] = []
        for row in rows { records.append(try record(row)) }
        return records
    }
}

extension SQLTransaction {
    func eventAppend(_ event: NewEvent) throws(JournalError) -> Int64 {
        var body = event.body.serialized()
        if let seal = try seal(ofRun: event.run) {
            body = try seal.sealText(body, Self.eventPlace(event.topic, run: event.run, root: event.root, at: now))
        }
        let arguments: [SQLValue] = [
            .instant(now), .text(event.topic), .run(event.run), .run(event.root), .text(body),
        ]
        guard let position = try session.first(EventSQL.append, arguments, { $0.integer() }) else {
            throw JournalError(.storage, "the store gave no position for an event")
        }
        var batch = savepoint.events ?? EventBatch(first: position)
        batch.append(
            position: position, at: now, topic: event.topic, run: event.run, root: event.root, body: body)
        savepoint.events = batch
        return position
    }
}

struct EventRow {
    let position: Int64
    let at: Instant
    let topic: String
    let run: RunID
    let root: RunID
    let body: String

    /// From ``EventSQL/columns``.
    init(_ row: inout SQLRow) {
        position = row.integer()
        at = row.instant()
        topic = row.text()
        run = row.runID()
        root = row.runID()
        body = row.text()
    }

    func record() throws(JournalError) -> EventRecord {
        do throws(JSONError) {
            let event = NewEvent(topic: topic, run: run, root: root, body: try JSONParser.parse(body))
            return EventRecord(position: position, at: at, event: event)
        } catch {
            throw JournalError(.storage, "the body of event \(position) is not JSON: \(error)")
        }
    }
}
