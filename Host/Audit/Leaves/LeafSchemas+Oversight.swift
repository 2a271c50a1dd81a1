extension LeafSchemas {
    // MARK: Classes, holds, and what reports rest on

    static let oversight = [
        LeafSchema(
            "run.classified", "A run's data have a class.",
            "run:uuid class:text before:text reasons:texts by?:text note?:digest at_ms:number"),
        LeafSchema(
            "hold.set", "Something must be kept, whatever retention says.",
            "hold:text kind:text value:text root?:uuid explanation:digest by:text at_ms:number"),
        LeafSchema(
            "hold.removed", "A hold was released.", "hold:text value:text changed_by:text explanation:digest"),
        LeafSchema("setting.set", "A setting of the host's duties.", "setting:text value:digest changed_by?:text"),
        LeafSchema("setting.removed", "A setting is the usual one again.", "setting:text changed_by:text"),
        LeafSchema(
            "fairness.assessed", "Rates of selection were compared between groups.",
            """
            department:text ratio_milli:number threshold_milli:number groups:number total:number data:digest by:text
            """),
    ]

    // MARK: The published log

    static let published =
        each(
            [
                ("audit.witness_added", "A witness is asked to sign the log."),
                ("audit.witness_removed", "A witness is asked no more."),
                ("log.key_retired", "A key of the log signs no more."),
            ], "key:text by:text") + [
            LeafSchema(
                "log.key_rotated", "The log got another key, which the old one vouches for.",
                "old_key:text new_key:text note:content by:text")
        ]
}
