import Foundation

/// Threads that answer questions from committed snapshots, beside the writer and never in its way.
final class ReadPool: Sendable {
    static let threadCount = 2

    typealias Job = @Sendable (Result<any SQLConnection, SQLFailure>) -> Void

    private let queue = WorkQueue<Job>()
    private let ended: [Completion]

    /// - Parameter open: opens a reading connection; called once for each thread.
    init(open: () throws(SQLFailure) -> any SQLSnapshots) throws(SQLFailure) {
        var snapshots: [any SQLSnapshots] = []
        for _ in 0..<Self.threadCount { snapshots.append(try open()) }
        ended = snapshots.map { _ in Completion() }
        for (source, ended) in zip(snapshots, ended) {
            Thread.detachNewThread { [queue] in
                Thread.current.name = "journal-reader"
                while let job = queue.take(1).first {
                    // A failure to end the snapshot after the question was answered changes nothing.
                    var answered = false
                    do throws(SQLFailure) {
                        try source.read { connection in
                            answered = true
                            job(.success(connection))
                        }
                    } catch {
                        if !answered { job(.failure(error)) }
                    }
                }
                source.close()
                ended.complete()
            }
        }
    }

    /// False once stopped: the job will not run.
    func submit(_ job: @escaping Job) -> Bool { queue.put(job) }

    func end() { queue.close() }

    func stop() async {
        end()
        for completion in ended { await completion.wait() }
    }
}
