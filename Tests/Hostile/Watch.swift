import Foundation
import Kernel
import Synchronization
import TestSupport

/// What others see of a host meanwhile: the health question, asked all the time, and a department without fault, whose
/// runs follow each other.
final class Watch: Sendable {
    static let bystander = "bystander"

    struct Counts: Sendable {
        var probes = 0
        var runs = 0
        var problems: [String] = []
    }

    private let counts = Mutex(Counts())
    private let isOver = Atomic(false)
    private let threads = DispatchGroup()

    init(_ host: ServedHost) {
        repeated(every: 10_000) { [client = host.client] in
            let response = try client.get("/health")
            guard response.status == 200 else { throw Failure(.internal, "/health answered \(response.status)") }
            self.counts.withLock { $0.probes += 1 }
        }
        repeated(every: 10_000) {
            let job = try host.ended(try host.submit(Self.bystander, "act"), of: Self.bystander)
            guard job["status"] == "done" else { throw Failure(.internal, "a bystander's run: \(job.serialized())") }
            self.counts.withLock { $0.runs += 1 }
        }
    }

    private func repeated(every microseconds: UInt32, _ body: @escaping @Sendable () throws -> Void) {
        threads.enter()
        Thread.detachNewThread { [self] in
            defer { threads.leave() }
            while !isOver.load(ordering: .relaxed) {
                do {
                    try body()
                } catch {
                    return counts.withLock { $0.problems.append("\(error)") }
                }
                usleep(microseconds)
            }
        }
    }

    /// Lets the last request end.
    func end() -> Counts {
        isOver.store(true, ordering: .relaxed)
        threads.wait()
        return counts.withLock { $0 }
    }
}
