import Journal
package import Kernel
import Placement

extension HostRuntime {
    /// The quarantine that keeps a department from beginning runs.
    package func quarantine(of department: String) -> Quarantine? { core.health.quarantine(of: department) }

    package var quarantines: [Quarantine] { core.health.quarantines }

    /// Lifts the quarantine: queued runs begin.
    package func resetDepartment(_ name: String, by: String) async throws(EngineError) {
        guard core.departments.contains(name) else {
            throw EngineError(.unknownDepartment, "no department \"\(name)\"")
        }
        do {
            try await core.health.reset(name, by: by)
        } catch {
            throw EngineError(error)
        }
        core.pokeScheduler()
    }

    /// Newest first.
    package func crashes(of department: String) async throws(EngineError) -> [CrashRecord] {
        guard core.departments.contains(department) else {
            throw EngineError(.unknownDepartment, "no department \"\(department)\"")
        }
        do {
            return try await core.journal.read { journal throws(JournalError) in
                try journal.crashes(of: department, limit: CrashRecord.keptPerDepartment)
            }
        } catch {
            throw EngineError(error)
        }
    }
}

extension EngineCore {
    /// After a reload: what the old file did does not bind the new one.
    func liftQuarantine(of department: String, for descriptor: PluginDescriptor) async {
        do {
            try await health.buildChanged(department, to: descriptor.digest)
        } catch {
            settings.placements.log(descriptor.id, .error, "\(department) stays quarantined: \(error.message)")
        }
    }

    /// At the start: a department whose file changed while the host was down is free again.
    func liftOutdatedQuarantines(_ stored: [Quarantine]) async throws(EngineError) {
        for quarantine in stored where quarantine.isActive {
            guard let build = departments.build(of: quarantine.department) else { continue }
            do {
                try await health.buildChanged(quarantine.department, to: build)
            } catch {
                throw EngineError(error)
            }
        }
    }
}

extension PlacementSettings {
    /// With the engine as one more listener for losses.
    func telling(_ health: DepartmentHealth) -> PlacementSettings {
        var settings = self
        let other = crashed
        settings.crashed = { crash in
            health.note(crash)
            other(crash)
        }
        return settings
    }
}
