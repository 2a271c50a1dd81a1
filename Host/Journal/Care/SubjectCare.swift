import Crypto
import Foundation
package import Kernel

/// What is done about subjects beside rows: files outside the store, and the log of changes.
extension SQLiteJournal {
    private static let foldAttempts = 50
    private static let foldMilliseconds = 20

    /// A new subject with a key of its own. The first one makes the file of keys.
    package func addSubject(
        tenant: String, alias: String? = nil, by: String
    ) async throws(JournalError) -> SubjectRecord {
        let wrapping = try await currentKey()
        let id = SubjectID(random: SymmetricKey(size: .bits128).withUnsafeBytes { Array($0) })
        return try await writing { transaction throws(JournalError) in
            try transaction.subjectAdd(id, tenant: tenant, alias: alias, by: by, wrapping: wrapping)
        }
    }

    /// Erases a subject: its key is deleted and nothing of it is left in the store's file and log of changes; old
    /// copies of the store are held against the list outside. Acknowledged once all of that is durable.
    ///
    /// - Throws: `.denied` where something stands in the way, such as a legal hold.
    package func eraseSubject(
        _ id: SubjectID, by: String, reason: String, request: String? = nil
    ) async throws(JournalError) -> SubjectErasureReport {
        let erasure = SubjectErasure(at: now, by: by, reason: reason, request: request)
        var report = try await writing { transaction throws(JournalError) in
            try transaction.subjectErase(id, erasure)
        }
        let done = report.subject.erasure ?? erasure
        try await files { keys throws(JournalError) in
            try keys.noteErased([ErasureEntry(subject: id, at: done.at, request: done.request)])
        }
        report.isLogFolded = await foldLog()
        return report
    }

    /// Wraps all subjects' keys anew, in one commit, under a new key; one that was begun is gone on with. The old
    /// wrapping keys stay, for copies of the store, until ``forgetRetiredKeys()``.
    package func rotateSubjectKeys() async throws(JournalError) -> KeyRotation {
        _ = try await currentKey()
        if try await !isRotationOpen() {
            let now = now
            try await files { keys throws(JournalError) in try keys.addKey(at: now) }
        }
        guard let ring = keys.ring, let current = ring.currentKey else { throw Self.noKeys(keys) }
        let count = try await writing { transaction throws(JournalError) in
            try transaction.subjectRewrap(to: current, ring)
        }
        return KeyRotation(
            current: current.id, rewrapped: count, retired: ring.keys.map(\.id).filter { $0 != current.id })
    }

    /// From here on copies of the store from before the last rotation hold no key that can be opened: neither of the
    /// erased nor of anybody else.
    ///
    /// - Returns: the wrapping keys that are gone.
    package func forgetRetiredKeys() async throws(JournalError) -> [String] {
        let used = try await writing { transaction throws(JournalError) in
            Set(try transaction.session.rows(SubjectSQL.keyIDs) { $0.text() })
        }
        return try await files { keys throws(JournalError) in try keys.forget(except: used) }
    }

    /// Before anybody else reads or writes: what the list outside says holds for this copy of the store too.
    func applyErasures() async throws(JournalError) {
        guard keys.hasSubjects, writer != nil else { return }
        let entries = keys.erased
        let known: [ErasureEntry] = try await writing { transaction throws(JournalError) in
            _ = try transaction.subjectsErase(again: entries)
            return try transaction.session.rows(SubjectSQL.all) { SubjectRow(&$0) }.compactMap { row in
                row.erasure.map { ErasureEntry(subject: row.id, at: $0.at, request: $0.request) }
            }
        }
        let unlisted = known.filter { !keys.isErased($0.subject) }
        guard !unlisted.isEmpty else { return }
        try await files { keys throws(JournalError) in try keys.noteErased(unlisted) }
    }

    // MARK: Helpers

    private func isRotationOpen() async throws(JournalError) -> Bool {
        guard let current = keys.ring?.current else { return false }
        return try await writing { transaction throws(JournalError) in
            try transaction.session.first(SubjectSQL.keysOfOthers, [.text(current)]) { $0.optionalSubject() } != nil
        }
    }

    private func currentKey() async throws(JournalError) -> SubjectKeys.WrappingKey {
        let now = now
        return try await files { keys throws(JournalError) in try keys.currentKey(at: now) }
    }

    private static func noKeys(_ keys: SubjectKeys) -> JournalError {
        JournalError(.denied, "there is no key in \(keys.files.keys)")
    }

    /// Readers come and go: a few looks.
    private func foldLog() async -> Bool {
        guard let writer else { return false }
        for attempt in 0..<Self.foldAttempts {
            if attempt > 0 { try? await Task.sleep(for: .milliseconds(Self.foldMilliseconds)) }
            if await writer.foldLog() { return true }
        }
        return false
    }

    private func files<Value: Sendable>(
        _ body: @escaping @Sendable (SubjectKeys) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        let keys = keys
        let done = await Self.onThread { Result { () throws(JournalError) in try body(keys) } }
        return try done.get()
    }

    private func writing<Value: Sendable>(
        _ body: @escaping @Sendable (SQLTransaction) throws(JournalError) -> Value
    ) async throws(JournalError) -> Value {
        try await write { transaction throws(JournalError) in
            guard let transaction = transaction as? SQLTransaction else {
                throw JournalError(.invalid, "the writer is not this store's")
            }
            return try body(transaction)
        }
    }
}
