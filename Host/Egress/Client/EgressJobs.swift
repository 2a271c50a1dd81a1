import Gateway
import Kernel

/// A request that waits for its end.
struct EgressJob: Sendable {
    var request: OutgoingRequest
    let onBytes: @Sendable (ResponseHead, [UInt8]) -> Bool
    /// Called once.
    let onEnd: @Sendable (TransferEnd) -> Void
    /// Past it the egress process is taken to hang.
    var deadline: Int64
    var head = ResponseHead(status: 0, contentType: "")
    /// Bytes that the receiver has.
    var delivered = 0
    /// Bytes that come a second time, from the spool, because the process was started anew.
    var repeated = 0
    var isPosted = false
    /// A process that works has it, so it may be sent.
    var mayBeSent = false
    var isCancelled = false
    var isStopped = false
}

/// The requests under way and how each record changes them. A value without I/O.
struct EgressJobs: Sendable {
    private(set) var all: [UInt64: EgressJob] = [:]
    private var nextID: UInt64 = 1

    /// What the client does after a record.
    enum Action: Sendable {
        case nothing
        case deliver(ResponseHead, [UInt8], @Sendable (ResponseHead, [UInt8]) -> Bool)
        case end(TransferEnd, @Sendable (TransferEnd) -> Void)
    }

    var isEmpty: Bool { all.isEmpty }

    mutating func reserveID() -> UInt64 {
        defer { nextID += 1 }
        return nextID
    }

    mutating func add(_ job: EgressJob, as id: UInt64) { all[id] = job }

    mutating func notePosted(_ id: UInt64, toWorking isWorking: Bool) {
        all[id]?.isPosted = true
        if isWorking { all[id]?.mayBeSent = true }
    }

    /// The process greeted: from here on it acts on what it was sent.
    mutating func noteWorking() {
        for id in all.keys { all[id]?.mayBeSent = true }
    }

    /// True when the cancellation must be told to the process.
    mutating func cancel(_ id: UInt64) -> Bool {
        all[id]?.isCancelled = true
        return all[id]?.isPosted == true
    }

    mutating func stop(_ id: UInt64) { all[id]?.isStopped = true }

    /// A new process starts every record from its beginning.
    mutating func restart() -> [(id: UInt64, job: EgressJob)] {
        all = all.mapValues { job in
            var job = job
            job.repeated = job.delivered
            job.isPosted = true
            // Without a spool it was not sent; but an error is no proof of that any more.
            if job.mayBeSent { job.request.mayBeSent = true }
            return job
        }
        return all.sorted { $0.key < $1.key }.map { (id: $0.key, job: $0.value) }
    }

    /// So that a process is ended once for each hang.
    mutating func extendDeadlines(to deadline: Int64) {
        all = all.mapValues { job in
            var job = job
            job.deadline = max(job.deadline, deadline)
            return job
        }
    }

    mutating func removeAll() -> [EgressJob] {
        defer { all = [:] }
        return all.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Records of an exchange that nobody waits for any more are passed over.
    mutating func take(_ record: ExchangeRecord, of id: UInt64) -> Action {
        guard var job = all[id] else { return .nothing }
        switch record {
        case .opened, .sending: return .nothing
        case .head(let head):
            all[id]?.head = head
            return .nothing
        case .piece(let bytes):
            let known = min(job.repeated, bytes.count)
            job.repeated -= known
            if !job.isStopped { job.delivered += bytes.count - known }
            all[id] = job
            guard known < bytes.count, !job.isStopped else { return .nothing }
            return .deliver(job.head, Array(bytes[known...]), job.onBytes)
        case .ended(var end):
            if job.isStopped { end.outcome = .stopped }
            all[id] = nil
            return .end(end, job.onEnd)
        }
    }
}
