/// Every rule, in the order of reports.
package enum RuleCatalogue {
    package static let all: [Rule] =
        FileRules.all + EntryRules.all + ManifestRules.all + LifeRules.all + LaneRules.all + MemoryRules.all
        + TaskRules.all + CancelRules.all + EffectRules.all + ReplayRules.all + InputRules.all + StateRules.all
        + ReloadRules.all + OutputRules.all + PerformanceRules.all

    package static func rule(_ id: String) -> Rule? { all.first { $0.id == id } }
}

extension Subject {
    /// A conversation with one instance in it.
    func talk(_ trial: Trial, flags: Probe.Flags = []) throws -> (Conversation, Conversation.Instance) {
        let conversation = try opened(trial, flags: flags)
        return (conversation, try conversation.instance())
    }

    /// The first breach among the tasks that `qualifies`; skipped when there are none.
    func onTasks(
        _ qualifies: (SampleTask) -> Bool = { _ in true }, else reason: String = "no task has an input to try",
        _ check: (SampleTask) throws -> Verdict
    ) throws -> Verdict {
        let chosen = tasks.filter(qualifies)
        guard !chosen.isEmpty else { return .skipped(reason) }
        for task in chosen {
            let verdict = try check(task)
            guard verdict.isKept else { return verdict }
        }
        return .kept
    }

    func onAskingTasks(_ check: (SampleTask) throws -> Verdict) throws -> Verdict {
        try onTasks({ $0.hasEffects }, else: "no task asks the host for anything", check)
    }
}

extension UInt64 {
    /// Nanoseconds as people read them.
    var milliseconds: String { "\(self / 1_000_000) ms" }
}
