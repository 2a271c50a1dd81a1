import Journal
import Kernel
import Placement

extension DepartmentRegistry {
    /// Whether a file may take a department's work. A reload asks this before it switches to another build.
    func requireGrant(_ descriptor: PluginDescriptor) throws(EngineError) {
        guard case .missing(let wishes) = grants.standing(of: descriptor) else { return }
        let name = descriptor.manifest.department
        let list = grants.summary(of: wishes).joined(separator: "; ")
        throw EngineError(
            .needsGrant,
            "department \(name) asks for more than was granted (\(list)); "
                + "bureau departments enable \(name) shows it and grants it")
    }

    /// Departments that take new work, with the number of their runs that may compute at the same time; nil: any.
    var claimable: [(name: String, concurrency: Int?)] {
        open.compactMap { entry in
            guard !grants.standing(of: entry.descriptor).isMissing else { return nil }
            return (entry.descriptor.manifest.department, grants.permissions(of: entry.descriptor).concurrency)
        }
    }

    /// The decisions that the start itself makes, by the operator's policy.
    func grantsAtStart(_ policy: GrantPolicy) -> [Grant] {
        known.compactMap { grants.automatic(for: $0.descriptor, policy) }
    }
}

extension Permissions {
    /// Of the department's worker, where the plugin asks for its own and the operator grants them.
    var limits: WorkerLimits {
        WorkerLimits(
            memoryBytes: memoryBytes.map { UInt64(clamping: $0) }, cpuSeconds: cpuSeconds.map { UInt64(clamping: $0) })
    }
}
