package import Journal
package import Kernel

extension JournalTransaction {
    /// Claims as a host without limits and shares would: by priority, then by age.
    package func runClaim(departments: [String], limit: Int) throws(JournalError) -> [RunRecord] {
        let ready = try runsReady(after: 0, limit: 10_000).filter { departments.contains($0.group.department) }
        let first = ready.sorted { ($1.priority, $0.number) < ($0.priority, $1.number) }.prefix(limit)
        return try runClaim(first.map(\.number))
    }
}
