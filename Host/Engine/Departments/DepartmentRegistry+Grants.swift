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

    /// The decisions that the start itself makes, by the operator's policy. What a person decided before it does not
    /// widen, nor bring back what was revoked.
    func grantsAtStart(_ policy: GrantPolicy) -> [Grant] {
        known.compactMap { entry in
            guard case .missing = grants.standing(of: entry.descriptor),
                let origin = policy.origin(of: entry.descriptor.path)
            else { return nil }
            if let latest = grants.latest(of: entry.descriptor.manifest.department),
                latest.isRevoked || latest.grant.origin == .enable
            {
                return nil
            }
            let wants = entry.descriptor.manifest.wants
            return Grant(
                department: entry.descriptor.manifest.department, plugin: entry.descriptor.id, asked: wants,
                granted: wants, origin: origin, by: policy.by)
        }
    }
}
