import CLane
import CProbe
import Kernel
import Placement

/// What a plugin's own extensions are asked, on the instance's lane.
extension Conversation {
    struct SavedState: Hashable {
        var status: Int32
        var version: UInt64
        var bytes: [UInt8]
    }

    /// Nil when the plugin has no state table. Writes take `pieces` bytes at most, and fail from `failingAt` on.
    func save(_ instance: Instance, pieces: UInt64 = .max, failingAt limit: UInt64 = .max) throws -> SavedState? {
        var question = FrameWriter(kind: PROBE_SAVE, op: instance.number)
        question.number(PROBE_TAG_SIZE, pieces)
        question.number(PROBE_TAG_LIMIT, limit)
        let answer = try ask(question)
        let status = answer.status(PROBE_TAG_STATUS)
        if status == Status.unsupported.rawValue, answer.number(PROBE_TAG_VALUE) == 0 { return nil }
        return SavedState(
            status: status, version: answer.number(PROBE_TAG_VALUE), bytes: answer.data(PROBE_TAG_DATA))
    }

    /// The status. Reads give `pieces` bytes at most, and fail from `failingAt` on.
    func load(
        _ bytes: [UInt8], version: UInt64, into instance: Instance, pieces: UInt64 = .max,
        failingAt limit: UInt64 = .max
    ) throws -> Int32 {
        var question = FrameWriter(kind: PROBE_LOAD, op: instance.number, capacity: bytes.count + 64)
        question.number(PROBE_TAG_VERSION, version)
        question.number(PROBE_TAG_SIZE, pieces)
        question.number(PROBE_TAG_LIMIT, limit)
        question.data(PROBE_TAG_DATA, bytes)
        return try ask(question).status(PROBE_TAG_STATUS)
    }

    enum Reload { case quiesce(milliseconds: UInt64), resume, health }

    /// The status; `unsupported` when the plugin has no reload table.
    func reload(_ step: Reload, _ instance: Instance) throws -> Int32 {
        var question: FrameWriter
        switch step {
        case .quiesce(let milliseconds):
            question = FrameWriter(kind: PROBE_QUIESCE, op: instance.number)
            question.number(PROBE_TAG_LIMIT, milliseconds)
        case .resume: question = FrameWriter(kind: PROBE_RESUME, op: instance.number)
        case .health: question = FrameWriter(kind: PROBE_HEALTH, op: instance.number)
        }
        return try ask(question).status(PROBE_TAG_STATUS)
    }

    enum ExtensionAnswer: UInt64 { case absent, present, unstable }

    func hasExtension(_ id: String, _ instance: Instance) throws -> ExtensionAnswer {
        var question = FrameWriter(kind: PROBE_EXTENSION, op: instance.number)
        question.text(PROBE_TAG_TEXT, id)
        return ExtensionAnswer(rawValue: try ask(question).number(PROBE_TAG_VALUE)) ?? .unstable
    }

    /// Waits until no more threads run than `count`, and returns how many are left over.
    func threadsLeft(over count: Int, within milliseconds: UInt64) throws -> Int {
        let limit = Monotonic.milliseconds() + milliseconds
        while true {
            let left = probe.threadCount - count
            if left <= 0 || Monotonic.milliseconds() >= limit { return max(0, left) }
            // A thread on its way out; frames that come meanwhile are answered.
            _ = try serve(within: 5) { false }
        }
    }
}
