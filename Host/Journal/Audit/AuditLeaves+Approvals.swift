import Kernel

extension AuditLeaves {
    static func approval(_ approval: ApprovalRecord) -> LeafContent {
        var request = Encoding()
        request.add(approval.request.title)
        request.add(approval.request.body)
        request.add(approval.request.content)
        request.add(approval.request.expiresMilliseconds.map { Int64(bitPattern: $0) })
        let isDecided = approval.decision != nil
        let type =
            approval.state != .open
            ? "approval.decided" : approval.revision == 0 ? "approval.opened" : "approval.changed"
        // Those without rules are as leaves said them before there were any.
        let hasRules = approval.rules != nil
        return LeafContent(
            type,
            [
                "run": id(approval.run), "step": number(Int64(approval.sequence)),
                "request": hex(request.digest), "opened_at_ms": time(approval.openedAt),
                "expires_at_ms": approval.expiresAt.map(time),
                "approved": approval.decision.map { .bool($0.approved) },
                "by": approval.decision.map { text($0.by) },
                "explanation": approval.decision.map { digest(Array($0.reason.utf8)) },
                "content": approval.edited.map(digest),
                "rules": approval.rules.map { digest(Array($0.json.serialized().utf8)) },
                "revision": hasRules || approval.revision > 0 ? number(Int64(approval.revision)) : nil,
                "state": hasRules || !isDecided && approval.state != .open
                    ? text("\(approval.state)") : nil,
                "decided_at_ms": approval.decidedAt.map(time),
            ])
    }

    static func approvalAct(_ act: ApprovalActRecord) -> LeafContent {
        let fields = act.fields
        return LeafContent(
            "act.\(fields.kind)",
            [
                "run": id(act.run), "step": number(Int64(act.sequence)), "act": number(Int64(act.number)),
                "at_ms": time(act.at), "kind": text(fields.kind), "actor": act.actor.map(text),
                "revision": fields.revision.map { number(Int64($0)) }, "target": fields.target.map(text),
                "why": act.reason.map { digest(Array($0.utf8)) }, "content": act.content.map(digest),
            ])
    }

    static func approvalRule(_ rule: ApprovalRuleRecord, by: String? = nil) -> LeafContent {
        LeafContent(
            "rule.set",
            [
                "department": text(rule.department), "task": text(rule.task ?? ""),
                "rules": digest(Array(rule.policy.json.serialized().utf8)), "created_at_ms": time(rule.createdAt),
                "changed_by": by.map(text),
            ])
    }

    static func approvalRuleRemoved(department: String, task: String?, by: String) -> LeafContent {
        LeafContent(
            "rule.removed", ["department": text(department), "task": text(task ?? ""), "changed_by": text(by)])
    }
}
