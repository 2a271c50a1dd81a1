import Kernel

extension AuditLeaves {
    static func install(_ record: InstallRecord) -> LeafContent {
        LeafContent(
            "plugin.\(record.action.rawValue)",
            [
                "install": number(record.number), "action": .string(record.action.rawValue),
                "department": text(record.department), "plugin": text(record.plugin),
                "version": text(record.version), "library": hex(record.library), "package": hex(record.package),
                "signer": record.signer.map(text), "by": text(record.by),
                "at_ms": time(record.at),
            ])
    }

    static func publisher(_ record: PublisherRecord) -> LeafContent {
        LeafContent(
            record.isTrusted ? "plugin.trusted" : "plugin.distrusted",
            [
                "publisher": number(record.number), "trusted": .bool(record.isTrusted),
                "key": text(record.key), "plugin": record.plugin.map(text), "by": text(record.by),
                "at_ms": time(record.at),
            ])
    }
}
