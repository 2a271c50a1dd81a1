import Synchronization

/// Lets a bounded number of fetches of each department through; the others wait in order.
final class FetchGate: Sendable {
    private struct Line {
        var inside = 0
        var nextTicket: UInt64 = 0
        var waiting: [(ticket: UInt64, continuation: CheckedContinuation<Bool, Never>)] = []
    }

    private let limit: Int
    private let lines = Mutex<[String: Line]>([:])

    init(limit: Int) { self.limit = max(1, limit) }

    /// Nil when the task was cancelled before its turn came.
    func pass<Value: Sendable>(_ department: String, _ body: () async -> Value) async -> Value? {
        guard await enter(department) else { return nil }
        defer { leave(department) }
        return await body()
    }

    private func enter(_ department: String) async -> Bool {
        let ticket = lines.withLock { lines in
            defer { lines[department, default: Line()].nextTicket += 1 }
            return lines[department]?.nextTicket ?? 0
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mayPass = lines.withLock { lines -> Bool? in
                    if Task.isCancelled { return false }
                    guard lines[department, default: Line()].inside >= limit else {
                        lines[department, default: Line()].inside += 1
                        return true
                    }
                    lines[department]?.waiting.append((ticket, continuation))
                    return nil
                }
                if let mayPass { continuation.resume(returning: mayPass) }
            }
        } onCancel: {
            let given = lines.withLock { lines -> CheckedContinuation<Bool, Never>? in
                guard let index = lines[department]?.waiting.firstIndex(where: { $0.ticket == ticket }) else {
                    return nil
                }
                return lines[department]?.waiting.remove(at: index).continuation
            }
            given?.resume(returning: false)
        }
    }

    private func leave(_ department: String) {
        let next = lines.withLock { lines -> CheckedContinuation<Bool, Never>? in
            guard var line = lines[department] else { return nil }
            defer { lines[department] = line }
            // The place goes from one to the next.
            if !line.waiting.isEmpty { return line.waiting.removeFirst().continuation }
            line.inside -= 1
            return nil
        }
        next?.resume(returning: true)
    }
}
