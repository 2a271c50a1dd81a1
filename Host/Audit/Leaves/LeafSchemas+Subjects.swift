extension LeafSchemas {
    // MARK: Whom data is about

    static let subjects =
        each(
            [
                ("subject.added", "Somebody's data can be sealed, under a key of its own."),
                ("subject.erased", "A subject's key was deleted, and with it the data."),
                ("subject.retagged", "A subject's alias is found by another key."),
            ],
            """
            subject:text tenant:text created_at_ms:number created_by:text alias?:digest key:flag erased_at_ms?:number
            erased_by?:text why?:text request?:text reason?:text
            """) + [
            LeafSchema(
                "subject.keys_rotated", "The keys of all subjects are wrapped by another key.", "key:text count:number")
        ]
}
