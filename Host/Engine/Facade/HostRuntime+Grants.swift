package import Journal
package import Kernel
import Placement

extension HostRuntime {
    /// Records the operator's decision and lets the department work.
    ///
    /// - Parameters:
    ///   - wishes: the digest of what the operator was shown; `.conflict` when the department asks for something else
    ///     now. Nil: not compared.
    ///   - granted: nil for all that is asked.
    package func grant(
        _ name: String, wishes: Digest?, granted: Manifest.Wants?, allowsAnyHost: Bool, by: String
    ) async throws(EngineError) -> GrantRecord {
        let entry = try core.departments.entry(name)
        let asked = entry.descriptor.manifest.wants
        guard wishes == nil || wishes == asked.digest else {
            throw EngineError(
                .conflict, "department \(name) asks for something else now: its wishes are \(asked.digest.hex)")
        }
        do throws(Failure) {
            try GrantChoice.check(granted ?? asked, asked: asked, allowsAnyHost: allowsAnyHost)
        } catch {
            throw EngineError(.invalid, error.message)
        }
        let grant = Grant(
            department: name, plugin: entry.descriptor.id, asked: asked, granted: granted ?? asked, origin: .enable,
            by: by)
        return try await record(grant, isRevoked: false, entry)
    }

    /// Takes the newest grant back and turns the department off. Runs in flight lose their effects at once.
    package func revoke(_ name: String, by: String) async throws(EngineError) -> GrantRecord {
        let entry = try core.departments.entry(name)
        guard let latest = core.departments.grants.latest(of: name), !latest.isRevoked else {
            throw EngineError(.notFound, "department \(name) has no grant")
        }
        var grant = latest.grant
        grant.by = by
        return try await record(grant, isRevoked: true, entry)
    }

    private func record(
        _ grant: Grant, isRevoked: Bool, _ entry: DepartmentEntry
    ) async throws(EngineError) -> GrantRecord {
        let state = DepartmentRecord(
            name: grant.department, enabled: !isRevoked, placement: entry.placement.rawValue)
        let record: GrantRecord
        do {
            record = try await core.journal.write { transaction throws(JournalError) in
                try transaction.departmentUpsert(state)
                return try transaction.grantAppend(grant, isRevoked: isRevoked)
            }
        } catch {
            throw EngineError(error)
        }
        core.departments.grants.note([record])
        core.departments.setEnabled(grant.department, !isRevoked)
        core.pokeScheduler()
        return record
    }

    /// Whether a build may take over from another: what it asks for beyond the decision is granted by the policy of the
    /// start, or it is refused and the old one goes on.
    func admitGrant(of descriptor: PluginDescriptor) async throws(EngineError) {
        if let grant = core.departments.grants.automatic(for: descriptor, core.settings.grants) {
            do {
                let record = try await core.journal.write { transaction throws(JournalError) in
                    try transaction.grantAppend(grant, isRevoked: false)
                }
                core.departments.grants.note([record])
            } catch {
                throw EngineError(error)
            }
        }
        try core.departments.requireGrant(descriptor)
    }

    /// Reads the decisions so far and makes those of the start: one commit, and none when nothing is new.
    static func grantAtStart(
        _ registry: DepartmentRegistry, _ store: any JournalStore, _ policy: GrantPolicy
    ) async throws(EngineError) -> [GrantRecord] {
        do {
            registry.grants.note(
                try await store.read { journal throws(JournalError) in try journal.grants(department: nil) })
            let grants = registry.grantsAtStart(policy)
            guard !grants.isEmpty else { return [] }
            let records = try await store.write { transaction throws(JournalError) in
                var records: [GrantRecord] = []
                for grant in grants { records.append(try transaction.grantAppend(grant, isRevoked: false)) }
                return records
            }
            registry.grants.note(records)
            return records
        } catch {
            throw EngineError(error)
        }
    }
}
