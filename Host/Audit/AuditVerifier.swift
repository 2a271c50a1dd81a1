package import Journal
package import Kernel

/// Recomputes the whole log from its stored bytes and compares it with everything that could contradict it: the
/// stored hashes, every checkpoint, the checkpoint kept outside the store, and the rows that the leaves speak of.
///
/// It trusts nothing that the writer computed. One consistent snapshot is read, so it can run beside a host.
package enum AuditVerifier {
    /// - Parameter outside: the newest checkpoint kept outside the store; nil when there is none, which leaves a
    ///   rollback of the whole store undetected (``AuditReport/isAnchored``).
    /// - Throws: ``JournalError`` when the store cannot be read. What is wrong with the log is in the report.
    package static func verify(
        _ journal: any JournalStore, outside: CheckpointNote?
    ) async throws(JournalError) -> AuditReport {
        try await journal.read { (reading) throws(JournalError) in try verify(reading, outside: outside) }
    }

    package static func verify(
        _ reading: any JournalReading, outside: CheckpointNote?
    ) throws(JournalError) -> AuditReport {
        var verification = AuditVerification(outside: outside)
        try verification.readLog(reading)
        if verification.isReadable {
            for mismatch in try reading.auditMismatches() { verification.add(mismatch) }
        }
        return verification.report
    }
}

/// What a verification found.
package struct AuditReport: Hashable, Sendable {
    /// A log that is wrong everywhere is reported by so many examples.
    package static let maximumProblems = 1_000

    /// Leaves read.
    package var size: Int64
    /// Recomputed from their bytes; nil when leaves are missing in between, so there is no such tree.
    package var root: Digest?
    /// Stored checkpoints that hold.
    package var checkpointCount: Int
    /// Whether a checkpoint from outside the store was compared.
    package var isAnchored: Bool
    package var problems: [AuditProblem]

    package var isSound: Bool { problems.isEmpty }
}

package struct AuditProblem: Hashable, Sendable, CustomStringConvertible {
    /// The leaf it concerns; nil for rows without a leaf and for the log as a whole.
    package var leaf: Int64?
    package var message: String

    package init(leaf: Int64?, _ message: String) {
        self.leaf = leaf
        self.message = message
    }

    package var description: String { leaf.map { "leaf \($0): \(message)" } ?? message }
}
