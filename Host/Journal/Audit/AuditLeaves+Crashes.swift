import Kernel

extension AuditLeaves {
    private static let topFrames = 5

    /// A fact without a row to compare: old rows go, this stays.
    static func crash(_ crash: CrashRecord) -> LeafContent {
        LeafContent(
            "plugin.crashed",
            [
                "department": text(crash.department), "plugin": text(crash.plugin), "version": text(crash.version),
                "build": hex(crash.build), "generation": number(Int64(crash.generation)),
                "explanation": text(crash.reason),
                "signal": crash.report.map { number(Int64($0.signal)) },
                "frames": crash.report.map { report in
                    .array(report.frames.prefix(topFrames).map { text($0.description) })
                },
                "suspects": number(Int64(crash.suspects.count)),
                "run": crash.suspects.count == 1 ? crash.suspects.first.map(id) : nil, "at_ms": time(crash.at),
            ])
    }

    static func quarantine(_ quarantine: Quarantine) -> LeafContent {
        LeafContent(
            quarantine.isActive ? "department.quarantined" : "department.reset",
            [
                "department": text(quarantine.department), "build": hex(quarantine.build),
                "since_ms": time(quarantine.since), "explanation": text(quarantine.reason),
                "lifted_at_ms": quarantine.liftedAt.map(time), "by": quarantine.liftedBy.map(text),
            ])
    }
}
