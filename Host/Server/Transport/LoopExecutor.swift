import NIOCore

/// Runs a connection's own task on its event loop: reading requests and writing answers then needs no other thread.
/// Handlers run elsewhere (``FrontResponder`` gives each a task of its own, which does not inherit this), so that no
/// loop waits for one.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(_ loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
