import Journal
package import Kernel

extension HostRuntime {
    /// A new run that takes over the first steps of another as already done, and goes on live from there: on the
    /// current plugin, with ordinary grants and budgets. What was taken over is not paid again.
    ///
    /// - Parameters:
    ///   - step: the sequence of the first step that is done again.
    ///   - input: nil is the origin's input. With another one the copied steps must still ask for the same; where
    ///     they do not, the fork pauses with the reason.
    ///   - budget: nil is the origin's own cap.
    ///   - user: who wants it, and pays for it; nil: whoever the origin worked for.
    package func fork(
        _ origin: RunID, at step: Int, input: [UInt8]? = nil, budget: Nanodollars? = nil, user: String? = nil
    ) async throws(EngineError) -> RunRecord {
        guard isReady else { throw EngineError(.draining, "the host is draining; try again later") }
        try requireRoom()
        let recording: RunRecording?
        do {
            recording = try await core.journal.read { journal throws(JournalError) in
                try journal.recording(of: origin)
            }
        } catch {
            throw EngineError(error)
        }
        guard let recording else { throw EngineError(.notFound, "no run \(origin)") }
        guard recording.run.content == .open else {
            let state = recording.run.content.rawValue
            throw EngineError(.denied, "the data of run \(origin) is \(state): nothing to fork")
        }
        let taken: RunFork
        do {
            taken = try RunFork(recording, at: step)
        } catch {
            throw EngineError(.invalid, error.message)
        }
        let source = recording.run
        try core.admit(source.task, input: input ?? source.input)
        var run = NewRun(
            id: core.newRunID(), tenant: source.tenant, task: source.task, agent: source.agent,
            priority: source.priority, input: input ?? source.input,
            caps: budget.map { RunCaps(cost: $0) }?.filled(from: source.caps) ?? source.caps,
            user: user ?? source.user,
            forkedFrom: ForkOrigin(run: origin, step: step)
        ).classified(by: core.settings.policy, parents: [source.sensitivity])
        run.isReviewed = source.isReviewed
        return try await change { [run] transaction throws(JournalError) in
            try Self.insert(run, taking: taken, from: origin, step, transaction)
        }
    }

    /// All of it or nothing: the caller's transaction.
    private static func insert(
        _ run: NewRun, taking taken: RunFork, from origin: RunID, _ step: Int, _ transaction: any JournalTransaction
    ) throws(JournalError) -> RunRecord {
        let record = try transaction.runInsert(run)
        for step in taken.steps { try transaction.stepInsert(step, run: run.id, fence: record.fence) }
        try copyArtifacts(taken, from: origin, to: run.id, transaction)
        var path = run.payer.nodes
        if run.budget != nil { path.append(.run(run.id)) }
        for hold in taken.holds {
            try transaction.budgetReserve(
                Reservation(
                    attempt: RunExecution.holdName(run.id, hold.ticket), run: run.id, path: path, amount: hold.amount))
        }
        _ = try transaction.auditAppend(
            type: "run.forked",
            fields: [
                "run": .string(run.id.description), "from": .string(origin.description),
                "step": .integer(Int64(step)), "saved_nanodollars": .integer(taken.savedCost.value),
            ])
        return record
    }

    /// The contents are there already: only the fork's names for them are new.
    private static func copyArtifacts(
        _ taken: RunFork, from origin: RunID, to run: RunID, _ transaction: any JournalTransaction
    ) throws(JournalError) {
        var artifacts = taken.artifacts
        let unnamed = Set(taken.unnamedArtifacts)
        let recorded = try transaction.artifacts(of: origin)
        for record in recorded where record.run == origin && unnamed.contains(record.digest) {
            artifacts.append(
                RunFork.Artifact(name: record.name, mediaType: record.mediaType, digest: record.digest))
        }
        for artifact in artifacts {
            guard let content = try transaction.artifact(artifact.digest) else { continue }
            _ = try transaction.artifactPut(
                content.bytes, name: artifact.name, mediaType: artifact.mediaType, run: run)
        }
    }
}
