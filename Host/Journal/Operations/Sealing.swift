import Kernel

// What is stored about a subject is stored sealed, and everything inside the journal (leaves, cross-check, archive)
// deals with it as it is stored. It is opened where a record leaves the journal, and sealed where one enters.

extension SQLReading {
    /// Nil for a run that belongs to nobody, or is not there.
    func subject(of run: RunID?) throws(JournalError) -> SubjectID? {
        guard keys.hasSubjects, let run, run != .nobody else { return nil }
        return try session.first(SubjectSQL.ofRun, [.run(run)]) { $0.optionalSubject() } ?? nil
    }

    /// Asked anew each time: what another commit erased opens no more.
    func seal(of subject: SubjectID) throws(JournalError) -> SubjectSeal {
        let row = try session.first(SubjectSQL.key, [.blob(subject.bytes)]) { row in
            (row.text(), row.optionalInteger(), row.optionalText(), row.optionalBlob())
        }
        guard let (tenant, erasedAt, id, wrapped) = row else {
            return SubjectSeal(subject: subject, tenant: "", key: .locked("nothing is known of it"))
        }
        let key: SubjectSeal.Key
        if erasedAt != nil || keys.isErased(subject) {
            key = .erased
        } else if let id, let wrapped {
            key = try unwrapped(wrapped, id, subject, tenant)
        } else {
            key = .locked("its key is not in the store")
        }
        return SubjectSeal(subject: subject, tenant: tenant, key: key)
    }

    private func unwrapped(
        _ wrapped: [UInt8], _ id: String, _ subject: SubjectID, _ tenant: String
    ) throws(JournalError) -> SubjectSeal.Key {
        // Another process may have made one since this one looked.
        if keys.ring?[id] == nil { try keys.reload() }
        guard let wrapping = keys.ring?[id] else {
            return .locked("\(keys.files.keys) has no key \(id)")
        }
        guard let key = SubjectKeys.unwrap(wrapped, of: subject, tenant: tenant, with: wrapping) else {
            return .locked("its key was altered, or \(id) is another one now")
        }
        return .open(key)
    }

    func seal(ofRun run: RunID?) throws(JournalError) -> SubjectSeal? {
        guard let subject = try subject(of: run) else { return nil }
        return try seal(of: subject)
    }

    // MARK: Runs

    func opened(_ row: RunRow) throws(JournalError) -> RunRecord {
        var run = row.record
        guard let subject = run.subject else { return run }
        var reader = SealReader(try seal(of: subject), row: "run \(run.id)")
        run.input = reader.bytes(run.input, "input")
        run.output = run.output.map { reader.bytes($0, "output") }
        run.failure = reader.failure(run.failure, "failure")
        run.retries = run.retries.map { stored in
            let text = reader.text(stored.stringValue ?? "", "retries")
            return reader.state == .open ? (try? JSONParser.parse(text)) ?? stored : .object([:])
        }
        if let key = run.idempotencyKey {
            switch reader.seal.openText(key, Self.keyPlace(run.task)) {
            case .success(let key): run.idempotencyKey = key
            case .failure(let failure): run.idempotencyKey = failure.state.rawValue
            }
        }
        run.content = reader.state
        return run
    }

    func opened(_ rows: [RunRow]) throws(JournalError) -> [RunRecord] {
        var runs: [RunRecord] = []
        for row in rows { runs.append(try opened(row)) }
        return runs
    }

    static func keyPlace(_ task: TaskReference) -> SealPlace { SealPlace("idempotency keys", task.description) }

    // MARK: Steps

    func opened(
        _ row: StepRow, run: RunID, _ seal: SubjectSeal?, request: [UInt8]? = nil
    ) throws(JournalError) -> StepRecord {
        var step = row.record
        step.request?.encoded = request
        guard let seal, let sealed = row.sealed else { return step }
        var reader = SealReader(seal, row: Self.stepRow(run, step.sequence))
        let head = StepHead(reader.bytes(sealed, "head"))
        step.name = head?.name ?? reader.state.rawValue
        step.shape = head?.shape ?? Digest(bytes: Array(repeating: 0, count: 32))
        step.request?.byteCount = head?.requestBytes ?? 0
        step.request?.encoded = request.map { reader.bytes($0, "request") }
        step.failure = reader.failure(step.failure, "failure")
        if let result = step.result {
            let plain = reader.bytes(result.data, "result")
            var opened = StepHead.result(plain) ?? EffectResult(data: plain)
            opened.usage = result.usage
            step.result = opened
        }
        guard reader.state != .altered else {
            throw JournalError(
                .storage, "step \(step.sequence) of run \(run) is not what was sealed there: it was altered or moved")
        }
        return step
    }

    static func stepRow(_ run: RunID, _ sequence: Int) -> String { "step \(run) \(sequence)" }

    // MARK: Events

    func record(_ row: EventRow) throws(JournalError) -> EventRecord {
        guard let subject = SubjectSeal.subject(ofText: row.body) else { return try row.record() }
        let place = Self.eventPlace(row.topic, run: row.run, root: row.root, at: row.at)
        let body: JSONValue
        switch try seal(of: subject).openText(row.body, place) {
        case .success(let text): body = (try? JSONParser.parse(text)) ?? .null
        // Whoever reads the stream goes on: the log itself says where it was altered.
        case .failure(let failure): body = ["sealed": .string(failure.state.rawValue)]
        }
        return EventRecord(
            position: row.position, at: row.at,
            event: NewEvent(topic: row.topic, run: row.run, root: row.root, body: body))
    }

    static func eventPlace(_ topic: String, run: RunID, root: RunID, at: Instant) -> SealPlace {
        SealPlace("events of run \(run)", "\(root) \(at.unixMilliseconds) \(topic)")
    }

    // MARK: Approvals

    func opened(_ stored: ApprovalRecord) throws(JournalError) -> ApprovalRecord {
        guard let seal = try seal(ofRun: stored.run) else { return stored }
        var record = stored, reader = SealReader(seal, row: Self.approvalRow(stored.run, stored.sequence))
        record.request.title = reader.text(record.request.title, "title")
        record.request.body = reader.text(record.request.body, "body")
        record.request.content = reader.bytes(record.request.content, "content")
        record.edited = record.edited.map { reader.bytes($0, "content") }
        if let decision = record.decision {
            record.decision?.reason = reader.text(decision.reason, "reason")
            record.decision?.content = record.edited
        }
        return record
    }

    func opened(_ stored: [ApprovalRecord]) throws(JournalError) -> [ApprovalRecord] {
        var records: [ApprovalRecord] = []
        for record in stored { records.append(try opened(record)) }
        return records
    }

    func opened(_ act: ApprovalActRecord) throws(JournalError) -> ApprovalActRecord {
        guard let seal = try seal(ofRun: act.run) else { return act }
        var act = act, reader = SealReader(seal, row: Self.approvalRow(act.run, act.sequence))
        act.content = act.content.map { reader.bytes($0, "content") }
        act.reason = act.reason.map { reader.text($0, "reason") }
        if case .reject(let name, _)? = act.act { act.act = .reject(by: name, reason: act.reason ?? "") }
        return act
    }

    static func approvalRow(_ run: RunID, _ sequence: Int) -> String { "approval \(run) \(sequence)" }

    // MARK: Messages

    func opened(_ stored: MessageRecord) throws(JournalError) -> MessageRecord {
        guard let seal = try seal(ofRun: stored.message.run) else { return stored }
        var record = stored, reader = SealReader(seal, row: Self.messageRow(stored.message.key))
        record.message.payload = reader.bytes(record.message.payload, "payload")
        record.reason = record.reason.map { reader.text($0, "reason") }
        return record
    }

    func opened(_ stored: [MessageRecord]) throws(JournalError) -> [MessageRecord] {
        var records: [MessageRecord] = []
        for record in stored { records.append(try opened(record)) }
        return records
    }

    static func messageRow(_ key: String) -> String { "message \(key)" }
}

extension SQLTransaction {
    // MARK: Runs

    /// As it is stored, with the subject of what starts it, and of its class where it has neither.
    func sealed(_ run: NewRun) throws(JournalError) -> NewRun {
        let isClassified = run.classification.sensitivity.controls.isSealed
        guard keys.hasSubjects || run.subject != nil || isClassified else { return run }
        var run = run
        let nobody = SubjectID.classified(tenant: run.tenant), inherited = try subjectOfOrigin(run)
        if let inherited, inherited != nobody, let asked = run.subject, asked != inherited {
            throw JournalError(.invalid, "what starts the run is about \(inherited): it cannot be about \(asked)")
        }
        run.subject = run.subject ?? inherited
        if run.subject == nil, isClassified { run.subject = try classifiedSubject(of: run.tenant) }
        guard let subject = run.subject else { return run }
        let seal = try seal(of: subject)
        guard seal.tenant == run.tenant else {
            throw JournalError(.notFound, "tenant \(run.tenant) has no subject \(subject)")
        }
        switch seal.key {
        case .open: break
        case .erased: throw JournalError(.denied, "\(subject) was erased: nothing can be done about it any more")
        case .locked(let reason): throw JournalError(.denied, "the data of \(subject) cannot be sealed: \(reason)")
        }
        for (name, label) in [("correlation id", run.correlation), ("concurrency key", run.scheduling.key)] {
            guard subject != nobody, let label, !Self.isLabel(label) else { continue }
            throw JournalError(
                .invalid,
                "the \(name) of a run about a subject stands in the clear: use an opaque one, of letters, digits and "
                    + "\"-._:/\"")
        }
        run.input = try seal.seal(run.input, .run(run.id, "input"))
        if let key = run.idempotencyKey { run.idempotencyKey = try seal.sealName(key, Self.keyPlace(run.task)) }
        return run
    }

    /// Of what is sealed because of its class: made with the tenant's first run of such a class.
    private func classifiedSubject(of tenant: String) throws(JournalError) -> SubjectID {
        let id = SubjectID.classified(tenant: tenant)
        guard try subjectRow(id) == nil else { return id }
        // A file may be written here, on the writer's thread and once in a store's life: the key must be durable before
        // anything is sealed with it. If the transaction fails, it is a key without use.
        let wrapping = try keys.currentKey(at: now)
        _ = try subjectAdd(id, tenant: tenant, alias: nil, by: SubjectSQL.classification, wrapping: wrapping)
        return id
    }

    private static func isLabel(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                    || "-._:/".utf8.contains(byte)
            }
    }

    /// Of the parent, of the run that it is a fork of, or of the run whose event started it.
    private func subjectOfOrigin(_ run: NewRun) throws(JournalError) -> SubjectID? {
        for origin in [run.parent, run.forkedFrom?.run] {
            if let subject = try subject(of: origin) { return subject }
        }
        guard keys.hasSubjects, let cause = run.cause else { return nil }
        return try session.first(SubjectSQL.ofEvent, [.integer(cause.position)]) { $0.optionalSubject() } ?? nil
    }

    func sealed(_ failure: Failure?, of run: RunRecord) throws(JournalError) -> Failure? {
        guard let failure, let subject = run.subject else { return failure }
        return Failure(
            failure.status, try seal(of: subject).sealText(failure.message, .run(run.id, "failure")))
    }

    func sealed(_ output: [UInt8]?, of run: RunRecord) throws(JournalError) -> [UInt8]? {
        guard let output, let subject = run.subject else { return output }
        return try seal(of: subject).seal(output, .run(run.id, "output"))
    }

    func sealed(_ history: RetryHistory, of run: RunRecord) throws(JournalError) -> String {
        let text = history.json.serialized()
        guard let subject = run.subject else { return text }
        // A column of JSON.
        return JSONValue.string(try seal(of: subject).sealText(text, .run(run.id, "retries"))).serialized()
    }

    /// What a person wrote about a run that belongs to somebody does not go into the log.
    func logged(_ reason: String?, of run: RunRecord) -> String? {
        run.subject == nil ? reason : reason.map { _ in "sealed" }
    }

    func sealedText(_ text: String, run: RunID, as column: String) throws(JournalError) -> String {
        guard let seal = try seal(ofRun: run) else { return text }
        return try seal.sealText(text, .run(run, column))
    }

    // MARK: Steps

    /// - Returns: the step as it is stored; nothing beside it for one that belongs to nobody.
    func sealed(_ step: StepRecord, of run: RunID) throws(JournalError) -> (StepRecord, head: [UInt8]?) {
        guard let seal = try seal(ofRun: run) else { return (step, nil) }
        let row = Self.stepRow(run, step.sequence)
        var stored = step
        let head = try seal.seal(StepHead(step).bytes, SealPlace(row, "head"))
        if let request = step.request?.encoded {
            let sealed = try seal.seal(request, SealPlace(row, "request"))
            stored.request = RecordedRequest(byteCount: sealed.count, encoded: sealed)
        }
        stored.name = "sealed"
        // A digest of what was asked would say what it was.
        stored.shape = Digest.sha256(stored.request?.encoded ?? head)
        if let failure = step.failure {
            stored.failure = Failure(failure.status, try seal.sealText(failure.message, SealPlace(row, "failure")))
        }
        if let result = step.result {
            let plain = StepHead.bytes(of: result)
            stored.result = EffectResult(
                value: 0, data: try seal.seal(plain, SealPlace(row, "result")), text: "", usage: result.usage)
        }
        return (stored, head)
    }
}

/// What is sealed beside a step: what its name and shape would say of its content.
struct StepHead {
    var name: String
    var shape: Digest
    var requestBytes: Int

    init(_ step: StepRecord) {
        name = step.name
        shape = step.shape
        requestBytes = step.request?.byteCount ?? 0
    }

    init?(_ bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), let name = json["name"]?.stringValue,
            let shape = json["shape"]?.stringValue.flatMap({ Digest(hex: $0) }),
            let count = json["request_bytes"]?.integerValue
        else { return nil }
        self.name = name
        self.shape = shape
        requestBytes = Int(count)
    }

    var bytes: [UInt8] {
        let json: JSONValue = [
            "name": .string(name), "shape": .string(shape.hex), "request_bytes": .integer(Int64(requestBytes)),
        ]
        return json.bytes
    }

    /// The number, the length of the text, the text, the data.
    static func bytes(of result: EffectResult) -> [UInt8] {
        var encoding = Encoding()
        encoding.add(Int64(bitPattern: result.value))
        encoding.add(result.text)
        return encoding.bytes + result.data
    }

    static func result(_ bytes: [UInt8]) -> EffectResult? {
        func number(_ offset: Int) -> UInt64 { bytes[offset..<offset + 8].reduce(0) { $0 << 8 | UInt64($1) } }
        guard bytes.count >= 16 else { return nil }
        let count = number(8)
        guard count <= UInt64(bytes.count - 16) else { return nil }
        let end = 16 + Int(count)
        return EffectResult(
            value: number(0), data: Array(bytes[end...]), text: String(decoding: bytes[16..<end], as: UTF8.self))
    }
}

extension SQLRow {
    mutating func optionalSubject() -> SubjectID? {
        guard let bytes = optionalBlob() else { return nil }
        let subject = SubjectID(bytes: bytes)
        if subject == nil { refuse() }
        return subject
    }
}
