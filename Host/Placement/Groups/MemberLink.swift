import CLane
import Synchronization

/// One member's link through the process that it shares.
final class MemberLink: LaneLink {
    private struct End {
        var share = LossShare.own
        var page: CrashPage?
    }

    let process: GroupProcess
    let lane: Int
    let owner: any LaneOwner
    private let theEnd = Mutex(End())

    init(process: GroupProcess, lane: Int, owner: any LaneOwner) {
        self.process = process
        self.lane = lane
        self.owner = owner
    }

    func send(_ frame: [UInt8], essential: Bool) -> Bool {
        guard let worker = process.worker else { return true }
        if lane == 0 { return worker.send(frame, essential: essential) }
        var frame = frame
        frame[FrameWriter.laneOffset] = UInt8(lane)
        return worker.send(frame, essential: essential)
    }

    func kill(_ reason: PluginLoss.Cause) -> Bool { process.kill(reason, lane: lane) }
    func finish() { process.leave(self) }
    func abandon(_ call: CallID) {}

    var processID: Int32? { process.worker?.processID }
    var files: [SealedFile] { process.worker?.files ?? [] }
    var companions: [String] { process.companions }

    /// Before the owner hears of it.
    func end(_ share: LossShare, page: CrashPage?) {
        theEnd.withLock { $0 = End(share: share, page: page) }
    }

    var share: LossShare { theEnd.withLock { $0.share } }
    func crashPage() -> CrashPage? { theEnd.withLock { $0.page } }
}
