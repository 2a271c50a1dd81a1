import Gateway
import Glibc
import Kernel

/// Reads what another process wrote, or still writes, about an attempt.
enum SpoolReader {
    private static let napMicroseconds: UInt32 = 20_000

    /// Waits for the end, which the exchange's own time limit bounds. Blocks.
    ///
    /// - Parameter isLeaving: whether to wait no longer; the answer is then ``TransferEnd/Outcome/detached``.
    /// - Returns: nil when there is nothing, or nothing that can be read.
    static func answer(of attempt: String, in folder: SpoolFolder, until isLeaving: () -> Bool) -> KeptAnswer? {
        guard let file = (try? folder.open(attempt, creating: false)) ?? nil else { return nil }
        var progress = Progress()
        while true {
            // Before reading: what is not there once its writer is gone will never be.
            let isOver = file.lock()
            progress.read(file)
            if let end = progress.end { return progress.answer(end) }
            if isOver { return progress.answer(progress.endWithoutOne) }
            if isLeaving() { return progress.answer(TransferEnd(unsent: .detached)) }
            usleep(napMicroseconds)
        }
    }

    private struct Progress {
        private var offset = 0
        private var label = ""
        private var isSent = false
        private var head = ResponseHead(status: 0, contentType: "")
        private var body: [UInt8] = []
        private(set) var end: TransferEnd?

        mutating func read(_ file: SpoolFile) {
            while end == nil, let (record, next) = file.record(at: offset) {
                offset = next
                switch record {
                case .opened(_, _, let label): self.label = label
                case .sending: isSent = true
                case .head(let head): self.head = head
                case .piece(let bytes): body += bytes
                case .ended(let end): self.end = end
                }
            }
        }

        /// Its sender is gone.
        var endWithoutOne: TransferEnd {
            guard isSent else { return TransferEnd(unsent: .cancelled) }
            return TransferEnd(
                outcome: .lost("the egress process ended while it waited for the answer"), head: head, wasSent: true)
        }

        func answer(_ end: TransferEnd) -> KeptAnswer { KeptAnswer(label: label, body: body, end: end) }
    }
}
