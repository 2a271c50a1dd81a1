package import Kernel

/// A run as it was admitted, and what that stopped.
package struct RunAdmission: Hashable, Sendable {
    package var run: RunRecord
    /// Runs of the same key that were asked to end and are on a lane: their executions must hear of it.
    package var stopped: [RunRecord] = []
}

/// Runs that had waited too long.
package struct RunExpiry: Hashable, Sendable {
    package var ended: [RunRecord] = []
    /// Their children that are on a lane.
    package var stopped: [RunRecord] = []

    package init() {}
}

/// How much a tenant, or a department within its tenant, gets in proportion to its siblings.
package struct ClaimWeight: Hashable, Sendable {
    package static let range = 1...10_000

    package var tenant: String
    /// Nil: the tenant itself.
    package var department: String?
    package var weight: Int

    package init(tenant: String, department: String? = nil, weight: Int) {
        self.tenant = tenant
        self.department = department
        self.weight = weight
    }
}

/// Times in which nothing of a scope begins. What runs already goes on.
package struct MaintenanceRecord: Hashable, Sendable {
    package var name: String
    package var scope: ClaimScope
    package var window: MaintenanceWindow
    package var createdAt: Instant

    package init(name: String, scope: ClaimScope, window: MaintenanceWindow, createdAt: Instant) {
        self.name = name
        self.scope = scope
        self.window = window
        self.createdAt = createdAt
    }
}
