import Kernel

extension AuditLeaves {
    /// The digest of the alias is over its sealed form and its tag: without the key it confirms no guess.
    static func subject(_ row: SubjectRow, _ change: String, _ extent: SubjectExtent? = nil) -> LeafContent {
        LeafContent(
            "subject.\(change)",
            [
                "subject": .string(row.id.description), "tenant": text(row.tenant),
                "created_at_ms": time(row.createdAt), "created_by": text(row.createdBy),
                "alias": row.alias.map { digest($0 + (row.tag ?? [])) }, "key": .bool(row.hasKey),
                "erased_at_ms": row.erasure.map { time($0.at) }, "erased_by": row.erasure.map { text($0.by) },
                "why": row.erasure.map { text($0.reason) }, "request": row.erasure?.request.map { text($0) },
                // A circumstance: the rows themselves have leaves.
                "reason": extent.map { extent in
                    text(extent.members.map { "\($0.name) \($0.count)" }.joined(separator: ", "))
                },
            ])
    }

    static func subjectKeysRotated(to key: String, count: Int) -> LeafContent {
        LeafContent("subject.keys_rotated", ["key": text(key), "count": number(Int64(count))])
    }
}
