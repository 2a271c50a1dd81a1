import Journal
package import Kernel
import Placement
import Synchronization

/// What becomes of a department that asks for more than the operator decided on.
package struct GrantPolicy: Sendable {
    /// Plugin files that are granted what they ask for at the start, by path and with the reason that is recorded. The
    /// empty path is that of departments compiled into the program.
    package var origins: [String: Grant.Origin]
    /// All other files; nil: they wait for the operator.
    package var others: Grant.Origin?
    /// Who decides so, for the record.
    package var by: String

    package init(
        origins: [String: Grant.Origin] = ["": .bundled], others: Grant.Origin? = nil, by: String = "host"
    ) {
        self.origins = origins
        self.others = others
        self.by = by
    }

    func origin(of path: String) -> Grant.Origin? { origins[path] ?? others }
}

/// The newest decision about each department, as the journal has it.
final class GrantBook: Sendable {
    private let readOnlyTools: Set<String>
    private let newest = Mutex<[String: GrantRecord]>([:])

    init(readOnlyTools: Set<String>) { self.readOnlyTools = readOnlyTools }

    /// Oldest first.
    func note(_ records: [GrantRecord]) {
        newest.withLock { newest in
            for record in records { newest[record.grant.department] = record }
        }
    }

    func latest(of department: String) -> GrantRecord? { newest.withLock { $0[department] } }

    func standing(of descriptor: PluginDescriptor) -> GrantStanding {
        GrantStanding(
            of: descriptor.manifest.wants, plugin: descriptor.id, inForce: inForce(descriptor),
            readOnlyTools: readOnlyTools)
    }

    func permissions(of descriptor: PluginDescriptor) -> Permissions {
        Permissions(
            of: descriptor.manifest.wants, plugin: descriptor.id, inForce: inForce(descriptor),
            readOnlyTools: readOnlyTools)
    }

    /// What the operator's policy grants without asking. What a person decided before it does not widen, nor bring
    /// back what was revoked.
    func automatic(for descriptor: PluginDescriptor, _ policy: GrantPolicy) -> Grant? {
        guard standing(of: descriptor).isMissing, let origin = policy.origin(of: descriptor.path) else { return nil }
        let department = descriptor.manifest.department, wants = descriptor.manifest.wants
        if let latest = latest(of: department), latest.isRevoked || latest.grant.origin == .enable { return nil }
        return Grant(
            department: department, plugin: descriptor.id, asked: wants, granted: wants, origin: origin,
            by: policy.by)
    }

    func summary(of wants: Manifest.Wants) -> [String] { wants.summary(readOnlyTools: readOnlyTools) }

    private func inForce(_ descriptor: PluginDescriptor) -> Grant? {
        latest(of: descriptor.manifest.department).flatMap { $0.isRevoked ? nil : $0.grant }
    }
}
