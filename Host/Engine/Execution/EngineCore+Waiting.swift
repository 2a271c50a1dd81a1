import Journal
import Kernel

extension EngineCore {
    /// Tells those who watch and those who wait that a run ended without an execution.
    func announceEnd(of run: RunRecord) {
        notices.post(
            RunNotice(
                at: clock(), run: run.id, root: run.root, parent: run.parent, task: run.task,
                kind: .finished(run.state, run.failure, cost: run.cost)))
        if run.parent == nil { notices.finish(root: run.id) }
        runEnds.wake(run.id)
    }

    /// Suspends until a run is terminal. Paused is not an end: a person resumes it.
    func end(of id: RunID) async -> Result<RunRecord, Failure> {
        while !Task.isCancelled {
            let ticket = runEnds.register(id)
            defer { runEnds.remove(ticket, for: id) }
            do {
                guard let record = try await journal.read({ journal throws(JournalError) in try journal.run(id) })
                else { return .failure(Failure(.notFound, "no run \(id)")) }
                if record.state.isTerminal { return .success(record) }
            } catch {
                return .failure(Failure(.io, error.message))
            }
            await ticket.wait()
        }
        return .failure(Failure(.cancelled, "cancelled"))
    }

    /// Suspends until an approval is decided or has expired.
    func decision(of key: ApprovalKey, expires: Instant?) async -> Result<ApprovalDecision, Failure> {
        while !Task.isCancelled {
            let ticket = decisions.register(key)
            defer { decisions.remove(ticket, for: key) }
            do {
                let record = try await journal.read { journal throws(JournalError) in
                    try journal.approvals(open: nil).first { $0.run == key.run && $0.sequence == key.sequence }
                }
                if let decision = record?.decision { return .success(decision) }
            } catch {
                return .failure(Failure(.io, error.message))
            }
            if let expires, expires <= clock() {
                return .failure(Failure(.deadline, "nobody decided in time"))
            }
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await ticket.wait() }
                if let expires { group.addTask { _ = await self.sleep(until: expires) } }
                await group.next()
                group.cancelAll()
            }
        }
        return .failure(Failure(.cancelled, "cancelled"))
    }

    /// Sleeps in pieces, so that a step of the wall clock is noticed within a minute. False when cancelled.
    func sleep(until due: Instant) async -> Bool {
        while true {
            let remaining = due.unixMilliseconds - clock().unixMilliseconds
            if remaining <= 0 { return true }
            do {
                try await Task.sleep(for: .milliseconds(min(remaining, 60_000)))
            } catch {
                return false
            }
        }
    }
}
