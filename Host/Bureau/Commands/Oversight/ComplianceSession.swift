import Audit
import Engine
import Gateway
import Journal
import Kernel

/// Reports over a store that a host may have open.
enum ComplianceSession {
    static func evidence(
        _ host: HostOptions, _ report: ReportOptions
    ) async throws(CommandFailure) -> ComplianceEvidence {
        try await withDesk(host, dates: try ReportOptions.read(report.dates)) { desk throws(EngineError) in
            try await desk.evidence()
        }
    }

    static func processing(_ host: HostOptions) async throws(CommandFailure) -> ProcessingRecord {
        try await withDesk(host, dates: .standard) { desk throws(EngineError) in try await desk.processing() }
    }

    private static func withDesk<Value>(
        _ host: HostOptions, dates: AIActDates, _ body: (ComplianceDesk) async throws(EngineError) -> Value
    ) async throws(CommandFailure) -> Value {
        let catalogue = try await Catalogue.load(host)
        let departments = catalogue.entries.compactMap { entry in
            entry.descriptor.map { ComplianceDesk.Department($0, isEnabled: entry.enabled) }
        }
        let policy = try PolicyFile.read(host.policy, store: host.storage)
        let providers = try ModelSetup(host, egress: .inProcess).providers.map(\.name)
        let outside: CheckpointNote?
        do {
            outside = try HostSettings.auditPlace(storeFolder: host.storage.folder).outside()
        } catch {
            throw CommandFailure(.auditUnsound, "\(error)")
        }
        let journal = try await HostSession.reading(host.storage)
        let desk = ComplianceDesk(
            journal: journal, departments: departments, policy: policy.policy, providers: providers, dates: dates,
            outside: outside, now: SystemClock.now())
        do {
            let value = try await body(desk)
            await journal.close()
            return value
        } catch {
            await journal.close()
            throw CommandFailure(error)
        }
    }
}
