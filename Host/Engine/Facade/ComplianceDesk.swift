package import Audit
package import Journal
package import Kernel
package import Placement

/// Makes assessments, reports and the record of processing from one snapshot of a store. It reads; it needs no running
/// host, and works beside one.
package struct ComplianceDesk: Sendable {
    private static let page = 1_024

    /// One department, as it is set up.
    package struct Department: Sendable {
        package var descriptor: PluginDescriptor
        package var isEnabled: Bool

        package init(_ descriptor: PluginDescriptor, isEnabled: Bool) {
            self.descriptor = descriptor
            self.isEnabled = isEnabled
        }
    }

    private let journal: any JournalStore
    private let departments: [Department]
    private let policy: GuardPolicy
    private let providers: [String]
    private let dates: AIActDates
    private let outside: CheckpointNote?
    private let now: Instant

    /// - Parameter outside: the checkpoint that is kept outside the store.
    package init(
        journal: any JournalStore, departments: [Department], policy: GuardPolicy, providers: [String],
        dates: AIActDates, outside: CheckpointNote?, now: Instant
    ) {
        self.journal = journal
        self.departments = departments
        self.policy = policy
        self.providers = providers
        self.dates = dates
        self.outside = outside
        self.now = now
    }

    /// Reads and verifies the whole log.
    package func evidence() async throws(EngineError) -> ComplianceEvidence {
        let tasks = departments.filter(\.isEnabled).flatMap { department in
            let manifest = department.descriptor.manifest
            return manifest.tasks.map { OversightSettings.Task(manifest.department, $0) }
        }
        let rules = policy.rules.filter { !$0.isDry }.map(\.id)
        let (outside, dates, now) = (outside, dates, now)
        do {
            return try await journal.read { journal throws(JournalError) in
                let report = try AuditVerifier.verify(journal, outside: outside)
                let log = OversightSettings.Log(
                    size: report.size, problems: report.problems.map(\.description), isAnchored: report.isAnchored)
                return ComplianceEvidence(
                    tally: try Self.tally(journal),
                    settings: OversightSettings(tasks: tasks, log: log, policyRules: rules, now: now),
                    retention: try journal.retentionPolicy(), statements: try journal.settings(), dates: dates)
            }
        } catch {
            throw EngineError(error)
        }
    }

    private static func tally(_ journal: any JournalReading) throws(JournalError) -> OversightTally {
        var tally = OversightTally(), index: Int64 = 0
        while true {
            let leaves = try journal.auditLeaves(from: index, limit: page)
            guard let last = leaves.last?.index, last < Int64.max else { return tally }
            for leaf in leaves {
                // What cannot be read is a problem of the log, and told as one.
                guard let fields = (try? JSONParser.parse(leaf.bytes))?.objectValue else { continue }
                tally.read(leaf.index, fields)
            }
            index = last + 1
        }
    }

    package func processing() async throws(EngineError) -> ProcessingRecord {
        let grants: [GrantRecord], statements: [HostSetting: String], retention: RetentionPolicy, holds: Int
        do {
            (grants, statements, retention, holds) = try await journal.read { journal throws(JournalError) in
                (
                    try journal.grants(department: nil), try journal.settings(), try journal.retentionPolicy(),
                    try journal.legalHolds().count
                )
            }
        } catch {
            throw EngineError(error)
        }
        let classification = policy.classification
        let activities = departments.map { department in
            let manifest = department.descriptor.manifest
            let newest = grants.last { $0.grant.department == manifest.department }
            let granted = newest.flatMap { $0.isRevoked ? nil : $0.grant.granted } ?? Manifest.Wants()
            let least = classification.admission(department: manifest.department, input: [])
            return ProcessingRecord.Activity(
                department: manifest.department,
                plugin: "\(department.descriptor.id)@\(department.descriptor.version) "
                    + department.descriptor.digest.hex,
                manifest: manifest, granted: granted, isEnabled: department.isEnabled,
                sensitivity: least.sensitivity)
        }
        let clearances = providers.map { ($0, classification.providers.clearance(of: $0)) }
        return ProcessingRecord(
            activities: activities, providers: Dictionary(clearances, uniquingKeysWith: { $1 }),
            statements: statements, retention: retention, policy: policy, holds: holds, madeAt: now)
    }
}
