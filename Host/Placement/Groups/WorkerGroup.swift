import CLane
import Synchronization

/// Several plugins that share a worker process, one process after the other. Each has a lane of its own in it, and
/// here a ``HostedPlugin`` of its own, which does not know that it is not alone.
final class WorkerGroup: Sendable {
    /// So many files go with one HELLO.
    static let maximumMembers = Int(LANE_MAX_DESCRIPTORS)

    struct Member: Sendable {
        /// The plugin's.
        let id: String
        let file: SealedFile
    }

    private struct State {
        var process: GroupProcess?
        /// Members that were shut down or refused: the next process does not load them.
        var departed: Set<Int> = []
    }

    let members: [Member]
    private let limits: WorkerLimits
    private let pool: WorkerPool
    private let supervisor: Supervisor
    private let state = Mutex(State())

    /// - Parameter limits: of the process, for all members together.
    init(members: [Member], limits: WorkerLimits, pool: WorkerPool, supervisor: Supervisor) {
        self.members = members
        self.limits = limits
        self.pool = pool
        self.supervisor = supervisor
    }

    /// A seat in the process that is up, or in a new one. On the supervisor's thread only.
    func launch(_ member: Int, for owner: any LaneOwner) -> (any LaneLink)? {
        if let link = state.withLock({ $0.process })?.seat(member, owner) { return link }
        let departed = state.withLock { $0.departed }
        let present = members.indices.filter { !departed.contains($0) }
        let process = GroupProcess(self, members: present, supervisor: supervisor)
        guard let link = process.seat(member, owner),
            let worker = pool.launch(present.map { members[$0].file }, limits: limits, for: process)
        else { return nil }
        process.connect(worker)
        state.withLock { $0.process = process }
        return link
    }

    func depart(_ member: Int) { state.withLock { _ = $0.departed.insert(member) } }
}

/// One member's way into its group.
struct GroupLauncher: LaneLauncher {
    let group: WorkerGroup
    let member: Int

    func launch(for owner: any LaneOwner) -> (any LaneLink)? { group.launch(member, for: owner) }
}
