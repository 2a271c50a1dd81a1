import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// What is about somebody can be forgotten: sealed wherever it is stored, and gone with one key.
@Suite("Subjects")
struct SubjectTests {
    /// No host text holds it.
    private static let canary = "Zq7-canary-Wx9"
    private static let scout = AgentAddress(department: "research", name: "scout")

    /// A store in a folder of its own, with what stands outside it beside it.
    private struct House {
        let scratch: Scratch
        let clock: TestClock
        var journal: SQLiteJournal

        init(faults: CommitFaults = .none) async throws {
            scratch = try Scratch()
            clock = TestClock()
            journal = try await Self.open(scratch, clock, faults)
        }

        static func open(_ scratch: Scratch, _ clock: TestClock, _ faults: CommitFaults = .none) async throws
            -> SQLiteJournal
        {
            try await SQLiteJournal.open(
                folder: scratch.path + "/store", clock: { clock.now }, hostID: "test", faults: faults)
        }

        var store: String { scratch.path + "/store" }

        mutating func reopen() async throws {
            await journal.close()
            journal = try await Self.open(scratch, clock)
        }

        func run(_ id: RunID) async throws -> RunRecord {
            try await journal.read { tx throws(JournalError) in try tx.run(id) }.orFail("run \(id) is missing")
        }

        func mismatches() async throws -> [AuditMismatch] {
            try await journal.read { tx throws(JournalError) in try tx.auditMismatches() }
        }

        /// Files of the store that hold the bytes.
        func files(holding bytes: Data) throws -> [String] {
            let names = FileManager.default.enumerator(atPath: scratch.path)?.compactMap { $0 as? String } ?? []
            return names.filter { name in
                guard let content = FileManager.default.contents(atPath: scratch.path + "/" + name) else {
                    return false
                }
                return content.range(of: bytes) != nil
            }
        }

        func look(_ mode: String) throws -> [String] {
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("Support/sealed.py")
            let child = try ChildProcess(
                "/usr/bin/env", ["python3", script.path, store + "/journal.sqlite", mode])
            return child.remainingLines()
        }
    }

    private static func newRun(_ subject: SubjectID?, _ text: String = canary, key: String? = nil) -> NewRun {
        NewRun(
            id: .sample(), tenant: "acme", task: TaskReference(department: "research", task: "rank"),
            input: JSONValue.object(["who": .string(text)]).bytes, idempotencyKey: key, subject: subject)
    }

    private func running(_ house: House, _ run: NewRun) async throws -> RunRecord {
        let claimed = try await house.journal.write { tx throws(JournalError) in
            let number = try tx.runInsert(run).number
            return try tx.runClaim([number])
        }
        return try claimed.first.orFail("nothing to claim")
    }

    /// A run about somebody that leaves content wherever a run can.
    private func fill(_ house: House, _ subject: SubjectID, again: Int? = nil) async throws -> RunRecord {
        let text = Self.canary, bytes = Array(text.utf8)
        let run = try await running(house, Self.newRun(subject, key: "key of \(text)\(again.map { " \($0)" } ?? "")"))
        try await house.journal.write { tx throws(JournalError) in
            if try tx.agent(Self.scout) == nil {
                _ = try tx.agentCreate(
                    AgentRecord(
                        name: "scout", department: "research", configuration: Array("{}".utf8), createdAt: tx.now),
                    by: "ana")
            }
            var step = StepRecord.sample(0, state: .intended)
            step.name = text
            step.request = RecordedRequest(bytes)
            step.shape = Digest.sha256(bytes)
            try tx.stepInsert(step, run: run.id, fence: run.fence)
            step.state = .done
            step.result = EffectResult(value: 7, data: bytes, text: text)
            step.failure = Failure(.io, text)
            try tx.stepUpdate(step, run: run.id, fence: run.fence)
            _ = try tx.eventAppend(
                NewEvent(topic: "note", run: run.id, root: run.root, body: ["text": .string(text)]))
            _ = try tx.artifactPut(bytes, name: "\(text).md", mediaType: "text/\(text)", run: run.id)
            let scope = StateScope(tenant: "acme", department: "research", agent: "default", subject: subject)
            _ = try tx.statePut(scope, key: text, value: bytes, expected: nil)
            let request = ApprovalRequest(title: text, body: text, content: bytes, expiresMilliseconds: nil)
            for sequence in [1, 2] {
                try tx.approvalOpen(
                    ApprovalRecord(
                        run: run.id, sequence: sequence, request: request, openedAt: tx.now, expiresAt: nil))
            }
            _ = try tx.approvalAct(
                run: run.id, sequence: 1, .approve(revision: nil, content: bytes), by: "ana", reason: text)
            _ = try tx.approvalAct(run: run.id, sequence: 2, .reject, by: "ana", reason: text)
            let message = try tx.messageSend(
                NewMessage(
                    tenant: "acme", receiver: Self.scout, sender: "research:a\(run.number)", type: "ask",
                    payload: JSONValue.string(text).bytes, key: "\(run.id)/3", run: run.id))
            _ = try tx.messageReceive(Self.scout, limit: 9, visibilityMilliseconds: 1)
            _ = try tx.messageReject(
                message.number, by: Self.scout, reason: text, retryAt: tx.now.advanced(byMilliseconds: 9))
            if try tx.streamGroup("readers") == nil {
                try tx.streamGroupCreate(
                    StreamGroup(
                        name: "readers", filter: EventFilter(topics: ["note"]), cursor: 0, maximumDeliveries: 3,
                        createdAt: tx.now), by: "ana")
            }
            for event in try tx.streamRead("readers", consumer: "c", limit: 1) {
                _ = try tx.streamReject("readers", event.event.position, reason: text, retryAt: nil)
            }
            _ = try tx.auditAppend(
                type: "plugin.note", fields: ["content": .string(try tx.sealedText(text, run: run.id, as: "note"))])
            _ = try tx.runFinish(run.id, fence: run.fence, outcome: .done(JSONValue.string(text).bytes))
        }
        return run
    }

    /// Everything of a run that can be read of it.
    private func read(_ house: House, _ id: RunID, _ subject: SubjectID) async throws -> String {
        try await house.journal.read { tx throws(JournalError) in
            let recording = try tx.recording(of: id)
            var parts = ["\(recording?.run as Any)", "\(recording?.steps as Any)"]
            parts += [String(decoding: recording?.run.input ?? [], as: UTF8.self)]
            parts += [String(decoding: recording?.run.output ?? [], as: UTF8.self)]
            for step in recording?.steps ?? [] {
                parts.append(String(decoding: step.request?.encoded ?? [], as: UTF8.self))
                parts.append(String(decoding: step.result?.data ?? [], as: UTF8.self))
            }
            for event in try tx.events(of: id, after: 0, limit: 99) { parts.append(event.event.body.serialized()) }
            for approval in try tx.approvals(of: id) {
                parts.append("\(approval.request.title) \(approval.request.body) \(approval.decision?.reason ?? "")")
                parts.append(String(decoding: approval.content, as: UTF8.self))
            }
            for artifact in try tx.artifacts(of: id) {
                parts.append(artifact.name)
                parts.append(String(decoding: try tx.artifact(artifact.digest)?.bytes ?? [], as: UTF8.self))
            }
            for message in try tx.messages(about: subject) {
                parts.append(String(decoding: message.message.payload, as: UTF8.self) + (message.reason ?? ""))
            }
            for letter in try tx.deadLetters(group: nil, after: 0, limit: 9) { parts.append(letter.reason) }
            return parts.joined(separator: "\n")
        }
    }

    @Test("what a run about somebody stores is readable, in no file of the store, and in the log only as digests")
    func sealed() async throws {
        let house = try await House()
        let subject = try await house.journal.addSubject(tenant: "acme", alias: "\(Self.canary)@example.org", by: "ana")
        let run = try await fill(house, subject.id)
        #expect(try await house.mismatches() == [])
        let stored = try await house.run(run.id)
        #expect(stored.content == .open && stored.subject == subject.id)
        #expect(stored.input == Self.newRun(nil).input && stored.idempotencyKey == "key of \(Self.canary)")
        let steps = try await house.journal.read { tx throws(JournalError) in try tx.steps(of: run.id) }
        #expect(steps.first?.name == Self.canary && steps.first?.shape == Digest.sha256(Array(Self.canary.utf8)))
        #expect(steps.first?.result == EffectResult(value: 7, data: Array(Self.canary.utf8), text: Self.canary))
        #expect(steps.first?.request?.byteCount == Self.canary.utf8.count)
        let text = try await read(house, run.id, subject.id)
        #expect(text.components(separatedBy: Self.canary).count > 10, "\(text)")
        let found = try await house.journal.read { tx throws(JournalError) in
            try tx.subject(alias: "\(Self.canary)@example.org", tenant: "acme")
        }
        #expect(found?.id == subject.id)
        // The same request again is the same run.
        let code = try await refusal { try await running(house, Self.newRun(subject.id, key: "key of \(Self.canary)")) }
        #expect(code == .duplicate(run.id))
        #expect(try house.files(holding: Data(Self.canary.utf8)) == [])
        await house.journal.close()
        #expect(try house.files(holding: Data(Self.canary.utf8)) == [])
    }

    @Test("an erased subject cannot be read, its key is in no file, the log holds, and others are as they were")
    func erased() async throws {
        var house = try await House()
        let gone = try await house.journal.addSubject(tenant: "acme", alias: "gone@example.org", by: "ana")
        let run = try await fill(house, gone.id)
        let wrapped = try house.look("keys").first.orFail("no key")
        let other = try await house.journal.addSubject(tenant: "acme", alias: "other@example.org", by: "ana")
        let others = try await fill(house, other.id)
        let open = try await running(house, Self.newRun(gone.id))
        let waiting = try await house.journal.write { tx throws(JournalError) in try tx.runInsert(Self.newRun(gone.id))
        }
        let key = Data(try Hex.decode(wrapped).orFail("no key"))
        #expect(try !house.files(holding: key).isEmpty)
        let report = try await house.journal.eraseSubject(gone.id, by: "ana", reason: "GDPR art. 17", request: "R-1")
        #expect(report.isLogFolded && report.cancelled == [waiting.id] && report.running.map(\.id) == [open.id])
        #expect(report.extent.runs == 3 && report.extent.artifacts == 1 && report.extent.letters == 1)
        #expect(try house.files(holding: key) == [])
        #expect(try await house.mismatches() == [])
        // The run that a lane still had ends without leaving anything.
        try await house.journal.write { tx throws(JournalError) in
            _ = try tx.runFinish(open.id, fence: open.fence, outcome: .done(Array(Self.canary.utf8)))
        }
        for id in [run.id, open.id, waiting.id] {
            let stored = try await house.run(id)
            #expect(stored.content == .erased && stored.input == SealedState.erased.bytes)
        }
        let text = try await read(house, run.id, gone.id)
        #expect(!text.contains(Self.canary) || text.components(separatedBy: Self.canary).count == 2, "\(text)")
        #expect(text.contains("erased"))
        for attempt in 0..<2 {
            #expect(try await read(house, others.id, other.id).contains(Self.canary), "look \(attempt)")
            #expect(try await house.mismatches() == [])
            try await house.reopen()
        }
        #expect(try await refusal { try await running(house, Self.newRun(gone.id)) } == .denied)
        let retried = try await refusal {
            try await house.journal.write { tx throws(JournalError) in try tx.runRetry(waiting.id) }
        }
        #expect(retried == .denied)
        let subject = try await house.journal.read { tx throws(JournalError) in try tx.subject(gone.id) }
        #expect(subject?.alias == nil && subject?.key == .erased && subject?.erasure?.request == "R-1")
        let again = try await house.journal.eraseSubject(gone.id, by: "bob", reason: "again")
        #expect(again.subject.erasure?.by == "ana")
        await house.journal.close()
        #expect(try house.files(holding: Data("gone@example.org".utf8)) == [])
        #expect(try house.files(holding: key) == [])
    }

    @Test("an old copy of the store that is put back has forgotten the erased, for readers and hosts alike")
    func putBack() async throws {
        var house = try await House()
        let gone = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let other = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let run = try await fill(house, gone.id), others = try await fill(house, other.id)
        await house.journal.close()
        let copy = house.scratch.path + "/copy"
        try FileManager.default.copyItem(atPath: house.store, toPath: copy)
        try await house.reopen()
        _ = try await house.journal.eraseSubject(gone.id, by: "ana", reason: "asked")
        await house.journal.close()
        try FileManager.default.removeItem(atPath: house.store)
        try FileManager.default.moveItem(atPath: copy, toPath: house.store)
        let clock = house.clock
        let reader = try await SQLiteJournal.openReadOnly(folder: house.store, clock: { clock.now })
        let seen = try await reader.read { tx throws(JournalError) in try tx.run(run.id) }
        #expect(seen?.content == .erased)
        await reader.close()
        #expect(!(try house.look("keys")).isEmpty)
        house.journal = try await House.open(house.scratch, house.clock)
        #expect(try house.look("keys").count == 1)
        #expect(try await house.run(run.id).content == .erased)
        #expect(try await house.run(others.id).content == .open)
        #expect(try await house.mismatches() == [])
        let subject = try await house.journal.read { tx throws(JournalError) in try tx.subject(gone.id) }
        #expect(subject?.erasure != nil)
        await house.journal.close()
    }

    @Test("a restored backup has forgotten who was erased since")
    func restored() async throws {
        let house = try await House()
        let gone = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let other = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let run = try await fill(house, gone.id), others = try await fill(house, other.id)
        let key = try BackupKey(String(repeating: "7", count: BackupKey.digits)).orFail("no key")
        let clock = house.clock
        let backup = try await SQLiteJournal.backup(
            folder: house.store, to: house.scratch.path + "/one.backup", key: key, clock: { clock.now })
        _ = try await house.journal.eraseSubject(gone.id, by: "ana", reason: "asked")
        await house.journal.close()
        let target = house.scratch.path + "/again"
        _ = try await SQLiteJournal.restore(
            RestoreRequest(source: backup.path, target: target, by: "ana", subjects: .beside(house.store)), key: key,
            clock: { clock.now })
        // As the operator would move it there.
        try FileManager.default.copyItem(atPath: house.store + ".subject-keys", toPath: target + ".subject-keys")
        let journal = try await SQLiteJournal.open(folder: target, clock: { clock.now }, hostID: "next")
        let runs = try await journal.read { tx throws(JournalError) in [try tx.run(run.id), try tx.run(others.id)] }
        #expect(runs.map { $0?.content } == [.erased, .open])
        await journal.close()
    }

    @Test("keys are wrapped anew without touching data, and a rotation that is cut short is gone on with")
    func rotated() async throws {
        let cut = Countdown()
        var house = try await House(
            faults: CommitFaults(
                before: { _ throws(JournalError) in if cut.isOver() { throw JournalError(.storage, "cut") } }))
        let subjects = [
            try await house.journal.addSubject(tenant: "acme", alias: "a@example.org", by: "ana"),
            try await house.journal.addSubject(tenant: "acme", alias: "b@example.org", by: "ana"),
        ]
        let runs = [try await fill(house, subjects[0].id), try await fill(house, subjects[1].id)]
        let before = try house.look("keys")
        // The look at what is to be done, then the change.
        cut.start(2)
        #expect(try await refusal { try await house.journal.rotateSubjectKeys() } == .storage)
        try await house.reopen()
        #expect(try house.look("keys") == before)
        for run in runs { #expect(try await house.run(run.id).content == .open) }
        let alias = try await house.journal.read { tx throws(JournalError) in
            try tx.subject(alias: "b@example.org", tenant: "acme")
        }
        #expect(alias?.id == subjects[1].id)
        // One with the new key, which the first attempt had made.
        _ = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let rotation = try await house.journal.rotateSubjectKeys()
        #expect(rotation.rewrapped == 2 && rotation.retired.count == 1)
        #expect(Set(try house.look("keys")).isDisjoint(with: before))
        for run in runs { #expect(try await house.run(run.id).content == .open) }
        #expect(try await house.journal.forgetRetiredKeys() == rotation.retired)
        try await house.reopen()
        for run in runs { #expect(try await house.run(run.id).content == .open) }
        let moved = try await house.journal.read { tx throws(JournalError) in
            try tx.subject(alias: "a@example.org", tenant: "acme")
        }
        #expect(moved?.id == subjects[0].id)
        #expect(try await house.mismatches() == [])
        await house.journal.close()
    }

    @Test("sealed content opens in its own row and column only")
    func moved() async throws {
        let house = try await House()
        let subject = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let one = try await fill(house, subject.id), two = try await fill(house, subject.id, again: 1)
        await house.journal.close()
        let other = "(SELECT input FROM run WHERE run_no = 1)"
        try Tampering.run(house.store, "UPDATE run SET input = \(other) WHERE run_no = 2")
        try Tampering.run(house.store, "UPDATE step SET result_data = request WHERE run_no = 1")
        let clock = house.clock
        let reader = try await SQLiteJournal.openReadOnly(folder: house.store, clock: { clock.now })
        let seen = try await reader.read { tx throws(JournalError) in try tx.run(two.id) }
        #expect(seen?.content == .altered && seen?.input == SealedState.altered.bytes)
        let code = try await refusal {
            try await reader.read { tx throws(JournalError) in try tx.steps(of: one.id) }
        }
        #expect(code == .storage)
        #expect(try await reader.read { tx throws(JournalError) in try tx.auditMismatches() }.count == 2)
        await reader.close()
    }

    @Test("without the file of keys nothing opens and nothing new is sealed, and the log still holds")
    func locked() async throws {
        var house = try await House()
        let subject = try await house.journal.addSubject(tenant: "acme", by: "ana")
        let run = try await fill(house, subject.id)
        await house.journal.close()
        try FileManager.default.removeItem(atPath: house.store + ".subject-keys")
        house.journal = try await House.open(house.scratch, house.clock)
        #expect(try await house.run(run.id).content == .locked)
        #expect(try await refusal { try await running(house, Self.newRun(subject.id)) } == .denied)
        #expect(try await house.mismatches() == [])
        await house.journal.close()
    }

    @Test("no nonce comes twice")
    func nonces() async throws {
        let house = try await House()
        let subject = try await house.journal.addSubject(tenant: "acme", alias: "x", by: "ana")
        for index in 0..<20 { _ = try await fill(house, subject.id, again: index) }
        let lines = try house.look("nonces")
        // An edit is what the request then says: the same bytes, stored twice.
        let nonces = lines.filter { !$0.hasPrefix("approval_act.") }.compactMap { $0.split(separator: "\t").last }
        #expect(nonces.count > 200)
        #expect(Set(nonces).count == nonces.count)
        await house.journal.close()
    }

    @Test("what a run starts is about the same subject, and about no other")
    func inherited() async throws {
        let house = try await House()
        let one = try await house.journal.addSubject(tenant: "acme", by: "ana").id
        let two = try await house.journal.addSubject(tenant: "acme", by: "ana").id
        let parent = try await running(house, Self.newRun(one))
        var child = Self.newRun(nil), fork = Self.newRun(nil), caused = Self.newRun(nil), stranger = Self.newRun(two)
        child.parent = parent.id
        child.root = parent.root
        fork.forkedFrom = ForkOrigin(run: parent.id, step: 0)
        stranger.parent = parent.id
        let position = try await house.journal.write { tx throws(JournalError) in
            try tx.eventAppend(NewEvent(topic: "t", run: parent.id, root: parent.root, body: [:]))
        }
        caused.cause = EventCause(position: position, chain: 1)
        for run in [child, fork, caused] {
            let admitted = try await house.journal.write { tx throws(JournalError) in try tx.runInsert(run) }
            #expect(admitted.subject == one && admitted.content == .open)
        }
        var foreign = Self.newRun(one), named = Self.newRun(one)
        foreign.tenant = "other"
        named.correlation = "ada@example.org"
        let cases: [(NewRun, JournalError.Code)] = [(stranger, .invalid), (foreign, .notFound), (named, .invalid)]
        for (run, expected) in cases {
            let code = try await refusal {
                try await house.journal.write { tx throws(JournalError) in try tx.runInsert(run) }
            }
            #expect(code == expected)
        }
        await house.journal.close()
    }

    @Test("what an agent keeps about one subject no run about another sees")
    func state() async throws {
        let house = try await House()
        let one = try await house.journal.addSubject(tenant: "acme", by: "ana").id
        let two = try await house.journal.addSubject(tenant: "acme", by: "ana").id
        let plain = StateScope(tenant: "acme", department: "d", agent: "default")
        var first = plain, second = plain
        first.subject = one
        second.subject = two
        let scopes = [plain, first, second]
        try await house.journal.write { tx throws(JournalError) in
            for (number, scope) in scopes.enumerated() {
                for key in ["b", "a2", "a1"] {
                    _ = try tx.statePut(scope, key: key, value: [UInt8(number)], expected: nil)
                }
                _ = try tx.statePut(scope, key: "a1", value: [UInt8(number), 9], expected: 1)
                try tx.stateRemove(scope, key: "b", expected: nil)
            }
        }
        for (number, scope) in scopes.enumerated() {
            let (keys, entry) = try await house.journal.read { tx throws(JournalError) in
                (try tx.stateKeys(scope, prefix: "a", limit: 9), try tx.state(scope, key: "a1"))
            }
            #expect(keys == ["a1", "a2"])
            #expect(entry == StateEntry(value: [UInt8(number), 9], revision: 2))
        }
        let kept = try await house.journal.read { tx throws(JournalError) in try tx.stateEntries(of: one) }
        #expect(Set(kept.map(\.key)) == ["a1", "a2"])
        #expect(try await house.mismatches() == [])
        await house.journal.close()
    }

    @Test("nobody is erased while a hold keeps the subject, its tenant, or a run about it; then they are")
    func held() async throws {
        let house = try await House()
        let subject = try await house.journal.addSubject(tenant: "acme", alias: "x", by: "ana")
        let run = try await running(house, Self.newRun(subject.id))
        let targets = ["subject:\(subject.id)", "tenant:acme", "department:\(run.task.department)", "run:\(run.id)"]
        for (index, text) in targets.enumerated() {
            let hold = LegalHold(
                name: "case-\(index)", target: try #require(LegalHold.Target(text)), reason: "suit", by: "ana",
                at: house.clock.now)
            try await house.journal.write { tx throws(JournalError) in try tx.holdPlace(hold) }
            let code = try await refusal {
                try await house.journal.eraseSubject(subject.id, by: "ana", reason: "GDPR art. 17")
            }
            #expect(code == .denied, "\(text)")
            try await house.journal.write { tx throws(JournalError) in
                try tx.holdRelease(hold.name, by: "ana", because: "settled")
            }
        }
        _ = try await house.journal.eraseSubject(subject.id, by: "ana", reason: "GDPR art. 17")
        #expect(try await house.run(run.id).content == .erased)
        await house.journal.close()
    }

    @Test("reasons that could say who it was are refused, and keys that others may read too")
    func refusals() async throws {
        let house = try await House()
        let subject = try await house.journal.addSubject(tenant: "acme", alias: "x", by: "ana")
        for reason in ["ada@example.org asked", "", String(repeating: "a", count: 121)] {
            let code = try await refusal {
                try await house.journal.eraseSubject(subject.id, by: "ana", reason: reason)
            }
            #expect(code == .invalid)
        }
        #expect(
            try await refusal { try await house.journal.addSubject(tenant: "acme", alias: "x", by: "a") }
                == .conflict(current: 1))
        await house.journal.close()
        chmod(house.store + ".subject-keys", 0o644)
        #expect(try await refusal { try await House.open(house.scratch, house.clock) } == .storage)
    }
}
