import CLane
import Synchronization

/// One process of a group: passes each frame to the member whose lane it comes from, and at the end tells each how it
/// stands to that.
///
/// A member takes its seat when it has something to do. Until then its lane says only that it is ready, which is kept.
final class GroupProcess: LaneOwner {
    private enum Seat {
        case vacant(said: Said?)
        case taken(MemberLink)
        /// The member was shut down or refused; its lane may still say something, which nobody hears.
        case left

        var link: MemberLink? { if case .taken(let link) = self { link } else { nil } }
    }

    /// READY or REFUSED of a lane whose seat is vacant.
    private struct Said {
        let header: lane_header
        let body: [UInt8]
    }

    private struct State {
        var seats: [Seat]
        var worker: (any LaneLink)?
        var confinement: (report: SandboxReport, processID: Int32)?
        /// Some lane was ready: the files are loaded.
        var isLoaded = false
        /// Takes nobody any more.
        var isOver = false
        /// The lane for whose sake this host ended the process, and why.
        var ending: (lane: Int, reason: PluginLoss.Cause)?
    }

    private let group: WorkerGroup
    /// The member of each lane.
    private let members: [Int]
    private let supervisor: Supervisor
    private let state: Mutex<State>

    init(_ group: WorkerGroup, members: [Int], supervisor: Supervisor) {
        self.group = group
        self.members = members
        self.supervisor = supervisor
        state = Mutex(State(seats: members.map { _ in .vacant(said: nil) }))
    }

    func connect(_ worker: any LaneLink) { state.withLock { if !$0.isOver { $0.worker = worker } } }

    var worker: (any LaneLink)? { state.withLock { $0.worker } }

    // MARK: Seats

    /// Nil when the process is at its end, or has no lane for the member.
    func seat(_ member: Int, _ owner: any LaneOwner) -> MemberLink? {
        guard let lane = members.firstIndex(of: member) else { return nil }
        let link = MemberLink(process: self, lane: lane, owner: owner)
        let (isSeated, said, confinement) = state.withLock { state in
            guard !state.isOver, case .vacant(let said) = state.seats[lane] else {
                return (false, Said?.none, state.confinement)
            }
            state.seats[lane] = .taken(link)
            return (true, said, state.confinement)
        }
        guard isSeated else { return nil }
        if let confinement { owner.confined(confinement.report, processID: confinement.processID) }
        // What its lane said may be no answer to this host: then the process is of no use to anyone.
        if let said, let violation = hear(said, link) { _ = kill(.garbage(violation.reason), lane: lane) }
        return link
    }

    private func hear(_ said: Said, _ link: MemberLink) -> ProtocolViolation? {
        said.body.withUnsafeBytes { body in
            do throws(ProtocolViolation) {
                try hear(said.header, body, link)
                return nil
            } catch {
                return error
            }
        }
    }

    /// The plugins that have a seat.
    var companions: [String] {
        state.withLock { state in state.seats.compactMap { $0.link?.lane } }.map { group.members[members[$0]].id }
    }

    /// The member was shut down. Who is the last takes the process along, and hears of its end; others hear at once.
    func leave(_ link: MemberLink) {
        group.depart(members[link.lane])
        let worker = state.withLock { state -> (any LaneLink)? in
            let isLast = state.seats.allSatisfy { $0.link == nil || $0.link === link }
            if isLast { state.isOver = true } else { state.seats[link.lane] = .left }
            return isLast ? state.worker : nil
        }
        if let worker { return worker.finish() }
        supervisor.post { link.owner.linkEnded(link, cause: .closed) }
    }

    func kill(_ reason: PluginLoss.Cause, lane: Int) -> Bool {
        let worker = state.withLock { state in
            state.isOver = true
            if state.ending == nil { state.ending = (lane, reason) }
            return state.worker
        }
        return worker?.kill(reason) ?? false
    }

    // MARK: What comes from the worker

    func confined(_ report: SandboxReport, processID: Int32) {
        let links = state.withLock { state in
            state.confinement = (report, processID)
            return state.seats.compactMap(\.link)
        }
        for link in links { link.owner.confined(report, processID: processID) }
    }

    /// The lane's number is known to be one of this worker's.
    func receive(
        _ header: lane_header, _ body: UnsafeRawBufferPointer, from worker: any LaneLink
    ) throws(ProtocolViolation) {
        let lane = Int(header.lane)
        let isFirst = Int(header.kind) == LANE_READY || Int(header.kind) == LANE_REFUSED
        let link = try state.withLock { state throws(ProtocolViolation) -> MemberLink? in
            if state.worker == nil, !state.isOver { state.worker = worker }
            if Int(header.kind) == LANE_READY { state.isLoaded = true }
            switch state.seats[lane] {
            case .taken(let link): return link
            case .left: return nil
            case .vacant(nil) where isFirst:
                state.seats[lane] = .vacant(said: Said(header: header, body: Array(body)))
                return nil
            case .vacant: throw ProtocolViolation("a frame of lane \(lane), of which nothing was asked")
            }
        }
        if let link { try hear(header, body, link) }
    }

    private func hear(
        _ header: lane_header, _ body: UnsafeRawBufferPointer, _ link: MemberLink
    ) throws(ProtocolViolation) {
        guard Int(header.kind) == LANE_REFUSED else { return try link.owner.receive(header, body, from: link) }
        let reason = try Fields(checking: body).text(LANE_TEXT)
        group.depart(members[link.lane])
        let worker = state.withLock { state in
            state.seats[link.lane] = .left
            // With nobody left to end it, it goes now; who comes later gets another one.
            if state.seats.allSatisfy({ $0.link == nil }) { state.isOver = true }
            return state.isOver ? state.worker : nil
        }
        worker?.finish()
        link.owner.linkEnded(link, cause: .startFailed(reason))
    }

    func printed(_ line: String) {
        // Standard output is the process's: nobody knows who of them it was.
        guard let link = state.withLock({ $0.seats.lazy.compactMap(\.link).first }) else { return }
        let names = companions
        link.owner.printed(names.count > 1 ? "(one of \(names.joined(separator: ", "))) \(line)" : line)
    }

    // MARK: The end

    func linkEnded(_ worker: any LaneLink, cause: PluginLoss.Cause) {
        let (links, ending, isLoaded) = state.withLock { state in
            state.isOver = true
            return (state.seats.compactMap(\.link), state.ending, state.isLoaded)
        }
        let guilty = isLoaded ? ending?.lane ?? guiltyLane(worker, cause) : nil
        let open = links.map(\.owner.openCalls)
        for (link, own) in zip(links, open) {
            if let guilty, guilty != link.lane {
                link.end(.companions(plugin: group.members[members[guilty]].id, ending?.reason ?? cause), page: nil)
            } else {
                let isOwn = guilty != nil || links.count == 1 || !isLoaded
                link.end(isOwn ? .own : .anyones(otherCalls: open.reduce(0, +) - own), page: worker.crashPage())
            }
        }
        for link in links { link.owner.linkEnded(link, cause: cause) }
        // What holds the other in both directions.
        state.withLock { state in
            state.seats = state.seats.map { _ in .left }
            state.worker = nil
        }
    }

    /// By the word of the process that died: it may lay a member's crash at another's door, and no further.
    private func guiltyLane(_ worker: any LaneLink, _ cause: PluginLoss.Cause) -> Int? {
        guard let page = worker.crashPage(), case .signal(page.signal) = cause, let lane = page.guiltyLane else {
            return nil
        }
        return members.indices.contains(lane) ? lane : nil
    }
}
