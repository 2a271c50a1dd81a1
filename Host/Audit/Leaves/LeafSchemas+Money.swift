extension LeafSchemas {
    static let money =
        each(
            [
                ("budget.stopped", "Nothing at or below a node may cost money."),
                ("budget.resumed", "A node may cost money again."),
            ], "node:text stopped:flag at_ms:number by:text explanation:text") + [
            LeafSchema(
                "budget.set", "The limit of a node's whole life.", "node:text limit?:number thresholds?:text"),
            LeafSchema(
                "limit.set", "The limit of a node in a period; without an amount: taken away.",
                "node:text period:text limit?:number thresholds:text rollover:text"),
            LeafSchema(
                "window.opened", "A limit's period began.",
                "node:text period:text opens_ms:number closes_ms:number"),
            LeafSchema(
                "alert.raised", "A threshold of a limit was passed.",
                "node:text period:text opens_ms:number threshold:number at_ms:number"),
            LeafSchema(
                "caps.set", "What a run below a node gets that brings no caps.",
                "node:text cost?:number tokens?:number steps?:number seconds?:number"),
            LeafSchema(
                "adjustment.made", "What a call cost was corrected.",
                """
                adjustment:number attempt:text before:number after:number by:text explanation:text evidence:text
                at_ms:number
                """),
        ]

    /// Movements of the ledger, each over all accounts of a path.
    static let holds =
        each(
            [
                ("ledger.settle", "A hold ended at what was used."), ("ledger.release", "A hold ended unused."),
                ("ledger.ambiguous", "A hold ended without an answer: all of it counts."),
            ],
            """
            attempt:text run:uuid nodes:texts amount:number actual?:number tokens?:number used_tokens?:number
            first:number at_ms:number service?:text input?:number cached_read?:number cache_write?:number
            cache_write_1h?:number output?:number reasoning?:number web_searches?:number fees?:number
            """)
        + each(
            [
                ("ledger.issue", "A limit began or changed."), ("ledger.adjust", "A correction was posted."),
            ],
            """
            attempt:text run?:uuid nodes:texts kind?:number amount?:number first:number at_ms:number
            """) + [
            LeafSchema(
                "ledger.reserve", "Money is held for a call, before it is sent.",
                """
                attempt:text run:uuid nodes:texts amount:number tokens?:number first:number at_ms:number
                source?:text provider?:text model?:text prices?:text
                """)
        ]
}
