import Kernel

extension AuditLeaves {
    static func runClass(_ record: RunClassRecord) -> LeafContent {
        LeafContent(
            "run.classified",
            [
                "run": id(record.run), "class": .string(record.sensitivity.rawValue),
                "before": .string(record.before.rawValue), "reasons": .array(record.reasons.map(text)),
                "by": record.decidedBy.map(text), "note": record.note.map { digest(Array($0.utf8)) },
                "at_ms": time(record.at),
            ])
    }

    /// - Parameter root: of the tree that a hold on a run keeps.
    static func hold(_ hold: LegalHold, root: RunID?) -> LeafContent {
        LeafContent(
            "hold.set",
            [
                "hold": text(hold.name), "kind": .string(hold.target.kind), "value": text(hold.target.value),
                "root": root.map(id), "explanation": digest(Array(hold.reason.utf8)), "by": text(hold.by),
                "at_ms": time(hold.at),
            ])
    }

    static func holdReleased(_ hold: LegalHold, by: String, because reason: String) -> LeafContent {
        LeafContent(
            "hold.removed",
            [
                "hold": text(hold.name), "value": text(hold.target.description), "changed_by": text(by),
                "explanation": digest(Array(reason.utf8)),
            ])
    }

    static func setting(_ name: String, _ value: String, by: String? = nil) -> LeafContent {
        LeafContent(
            "setting.set", ["setting": text(name), "value": digest(Array(value.utf8)), "changed_by": by.map(text)])
    }
}
