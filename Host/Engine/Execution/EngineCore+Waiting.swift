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

    /// Suspends until a request is decided in the journal: by people, by time, or because it is taken back.
    func decision(of key: ApprovalKey) async -> Result<ApprovalDecision, Failure> {
        while !Task.isCancelled {
            let ticket = decisions.register(key)
            defer { decisions.remove(ticket, for: key) }
            let found: ApprovalRecord?
            do {
                found = try await journal.read { journal throws(JournalError) in
                    try journal.approval(run: key.run, sequence: key.sequence)
                }
            } catch {
                return .failure(Failure(.io, error.message))
            }
            if let decision = found?.decision { return .success(decision) }
            switch found?.state {
            case .expired: return .failure(Failure(.deadline, "nobody decided in time"))
            case .withdrawn: return .failure(Failure(.denied, "the request was withdrawn"))
            case .open, .approved, .rejected, nil: await ticket.wait()
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
