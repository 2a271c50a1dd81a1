package import Audit
import Gateway
package import Journal
package import Kernel
import Synchronization

/// Publishes the log of one host, and asks witnesses to sign it.
package final class AuditDesk: Sendable {
    private static let intervalMilliseconds = 500
    private static let witnessIntervalMilliseconds: Int64 = 5_000
    private static let witnessRetryMilliseconds: Int64 = 60_000

    package let place: AuditPlace
    private let store: SQLiteJournal
    private let publisher: LogPublisher
    private let state = Mutex(State())
    private let sender = Mutex<WitnessSender?>(nil)

    private struct State {
        var status = AuditStatus()
        /// A medium failed; nothing is published until the next start.
        var hasEnded = false
        var newest: LogPublisher.Publication?
        /// By witness: the size that it signed last, and when it may be asked again.
        var witnesses: [NoteKey: (known: Int64, notBefore: Int64)] = [:]
    }

    package init(store: SQLiteJournal, settings: HostSettings) {
        self.store = store
        place = HostSettings.auditPlace(storeFolder: settings.storeFolder)
        publisher = LogPublisher(place: place, newOrigin: settings.auditOrigin)
    }

    package var status: AuditStatus { state.withLock { $0.status } }

    /// Until cancelled.
    func run(asksWitnesses: Bool) async {
        while (try? await Task.sleep(for: .milliseconds(Self.intervalMilliseconds))) != nil {
            await publish()
            if asksWitnesses { await askWitnesses() }
        }
    }

    /// Publishes what was committed since the last time.
    package func publish() async {
        guard !state.withLock({ $0.hasEnded }) else { return }
        let known = state.withLock { $0.newest?.checkpoint.size }
        let publisher = publisher
        let result: Result<LogPublisher.Publication?, AuditError>
        do {
            result = try await store.read { reading throws(JournalError) in
                if let known, try reading.latestAuditCheckpoint()?.size == known { return .success(nil) }
                return Self.attempt(publisher, reading)
            }
        } catch {
            result = .failure(AuditError(.journal, error.message))
        }
        state.withLock { state in
            switch result {
            case .success(let publication):
                guard let publication else { return }
                state.newest = publication
                state.status.size = publication.checkpoint.size
                state.status.problem = nil
            case .failure(let error):
                state.status.problem = error.message
                state.hasEnded = error.code == .io
            }
        }
    }

    private static func attempt(
        _ publisher: LogPublisher, _ reading: any JournalReading
    ) -> Result<LogPublisher.Publication?, AuditError> {
        do {
            return .success(try publisher.publish(reading))
        } catch {
            return .failure(error)
        }
    }

    /// A store that is older than its checkpoint outside, or has another history, is not gone on from.
    static func requireUnbroken(_ store: SQLiteJournal, _ settings: HostSettings) async throws(EngineError) {
        let place = HostSettings.auditPlace(storeFolder: settings.storeFolder)
        let outside: CheckpointNote?
        do {
            outside = try place.outside()
        } catch {
            throw EngineError(.auditBroken, "\(error.message); bureau audit verify reads the store as it is")
        }
        guard let outside, outside.size > 0 else { return }
        let rows: [AuditCheckpoint]
        do {
            rows = try await store.read { reading throws(JournalError) in
                try reading.auditCheckpoints(after: outside.size - 1, limit: 1)
            }
        } catch {
            throw EngineError(error)
        }
        if let row = rows.first, row.size == outside.size, row.root == outside.root { return }
        let reason =
            rows.isEmpty
            ? "was put back to an earlier state than its checkpoint \(place.outsidePath) of \(outside.size) leaves"
            : "has another history than its checkpoint \(place.outsidePath) of \(outside.size) leaves"
        throw EngineError(
            .auditBroken,
            "the store \(reason): bureau audit verify says where; bureau db accept-restore accepts a restored backup")
    }

    // MARK: Witnesses

    private func askWitnesses() async {
        guard let newest = state.withLock({ $0.newest }) else { return }
        let witnesses: [Witness]
        do {
            witnesses = try Witness.read(place.witnessPath)
        } catch {
            state.withLock { $0.status.problem = error.message }
            return
        }
        let now = SystemClock.now().unixMilliseconds
        for witness in witnesses {
            let (known, notBefore) = state.withLock { $0.witnesses[witness.key] ?? (0, 0) }
            guard known < newest.checkpoint.size, notBefore <= now else { continue }
            await ask(witness, newest, from: known, at: now)
        }
    }

    private func ask(_ witness: Witness, _ newest: LogPublisher.Publication, from known: Int64, at now: Int64) async {
        guard let sender = witnessSender() else { return }
        let outcome = await WitnessExchange(witness, newest.note, newest.checkpoint).ask(
            from: known, in: place.published, send: { url, body in await sender.post(url, body) })
        if Task.isCancelled { return }
        var standing = AuditStatus.WitnessStanding(name: witness.key.name, signed: known, problem: nil)
        var notBefore = now + Self.witnessRetryMilliseconds
        switch outcome {
        case .signed(let signature):
            standing.signed = newest.checkpoint.size
            notBefore = now + Self.witnessIntervalMilliseconds
            do {
                if let note = try publisher.add([signature], to: newest.checkpoint) {
                    state.withLock { state in
                        if state.newest?.checkpoint == newest.checkpoint { state.newest?.note = note }
                    }
                }
            } catch {
                standing.problem = error.message
            }
        case .ahead(let size): standing.problem = "it has signed \(size) leaves: this log was put back"
        case .refused(let reason), .failed(let reason): standing.problem = reason
        case .askAgain(let size): standing.problem = "it signed \(size) leaves meanwhile"
        }
        state.withLock { [standing, notBefore] state in
            state.witnesses[witness.key] = (standing.signed, notBefore)
            state.status.witnesses.removeAll { $0.name == standing.name }
            state.status.witnesses.append(standing)
        }
    }

    private func witnessSender() -> WitnessSender? {
        sender.withLock { sender in
            if sender == nil { sender = try? WitnessSender() }
            return sender
        }
    }

    func close() async { sender.withLock { $0?.close() } }
}

/// What stands of the log outside the database, and what is wrong.
package struct AuditStatus: Hashable, Sendable {
    package struct WitnessStanding: Hashable, Sendable {
        package var name: String
        /// Leaves under its last signature.
        package var signed: Int64
        package var problem: String?
    }

    /// Leaves under the newest signed checkpoint.
    package var size: Int64 = 0
    package var problem: String?
    package var witnesses: [WitnessStanding] = []

    package var json: JSONValue {
        [
            "signed_leaves": .integer(size), "problem": problem.map { .string($0) } ?? .null,
            "witnesses": .array(
                witnesses.map {
                    [
                        "name": .string($0.name), "signed_leaves": .integer($0.signed),
                        "problem": $0.problem.map { .string($0) } ?? .null,
                    ]
                }),
        ]
    }
}
