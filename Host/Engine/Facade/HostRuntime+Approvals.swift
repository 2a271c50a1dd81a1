import Audit
package import Journal
package import Kernel

extension HostRuntime {
    /// One act about a request; what waits for its decision goes on.
    @discardableResult
    package func act(
        run: RunID, sequence: Int, _ wish: ApprovalWish, by: String, reason: String = ""
    ) async throws(EngineError) -> ApprovalRecord {
        let record: ApprovalRecord
        do {
            record = try await core.journal.write(
                deciding: .about(run: run, sequence: sequence, wish, by: by, id: core.newRunID())
            ) { transaction throws(JournalError) in
                try transaction.approvalAct(run: run, sequence: sequence, wish, by: by, reason: reason)
            }
        } catch {
            throw EngineError(error)
        }
        core.pokeApprovals()
        if record.state != .open { core.decisions.wake(EngineCore.ApprovalKey(run: run, sequence: sequence)) }
        return record
    }

    package func decide(run: RunID, sequence: Int, _ decision: ApprovalDecision) async throws(EngineError) {
        let wish: ApprovalWish = decision.approved ? .approve(revision: nil, content: decision.content) : .reject
        try await act(run: run, sequence: sequence, wish, by: decision.by, reason: decision.reason)
    }

    /// For requests from now on. The department must be there, and the task, where one is named.
    package func setApprovalRule(_ rule: ApprovalRuleRecord, by: String) async throws(EngineError) {
        let entry = try core.departments.known(rule.department)
        if let task = rule.task {
            _ = try entry.current.definition(of: TaskReference(department: rule.department, task: task))
        }
        try await change { journal throws(JournalError) in try journal.approvalRuleSet(rule, by: by) }
    }
}
