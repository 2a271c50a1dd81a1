import Kernel

extension AuditLeaves {
    /// The run and its steps are gone from the store, rightly: the digest is that of the document with their last
    /// state.
    static func runArchived(_ run: ArchivedRun) -> LeafContent {
        LeafContent(
            "run.archived",
            [
                "run": id(run.id), "number": number(run.number), "tenant": text(run.tenant),
                "department": text(run.task.department), "task": text(run.task.task),
                "key": run.idempotencyKey.map(text), "steps": number(Int64(run.steps)), "file": text(run.file),
                "digest": hex(run.digest), "at_ms": time(run.at),
            ])
    }

    /// - Parameter acts: how many went with it.
    static func approvalArchived(run: RunID, step: Int, acts: Int) -> LeafContent {
        LeafContent(
            "approval.archived", ["run": id(run), "step": number(Int64(step)), "acts": number(Int64(acts))])
    }

    static func artifactArchived(run: RunID, name: String) -> LeafContent {
        LeafContent("artifact.archived", ["run": id(run), "name": text(name)])
    }

    static func contentArchived(_ digest: Digest) -> LeafContent {
        LeafContent("content.archived", ["digest": hex(digest)])
    }

    static func retention(_ dataClass: String, days: Int, by: String?) -> LeafContent {
        LeafContent(
            "retention.set",
            ["class": text(dataClass), "days": number(Int64(days)), "changed_by": by.map(text)])
    }
}
