extension LeafSchemas {
    // MARK: Second factors, federation, notifications

    static let factors =
        each(
            [
                ("factor.added", "Somebody begins to use a second factor, or gets recovery codes."),
                ("factor.confirmed", "A second factor was proved for the first time, and counts from now on."),
                ("factor.used", "Somebody proved to be there by it."),
            ],
            """
            factor:uuid account:text tenant:text kind:text label:digest created_at_ms:number confirmed_at_ms?:number
            sealed?:digest credential?:digest public_key?:digest counter?:number backed_up:flag used_at_ms?:number
            changed_by?:text
            """)
        + each(
            [
                ("trial.failed", "A code or an answer of an account's second factor was wrong."),
                ("trial.cleared", "An account's wrong codes are forgotten."),
            ], "account:text failures:number rests_until_ms?:number") + [
            LeafSchema("factor.removed", "A second factor went.", "factor:uuid changed_by:text"),
            LeafSchema(
                "provider.set", "People may sign in by an identity provider.",
                "provider:text issuer:text settings:digest created_at_ms:number changed_by?:text"),
            LeafSchema("provider.removed", "An identity provider went.", "provider:text changed_by:text"),
            LeafSchema(
                "federation.linked", "An identity provider vouches for an account.",
                """
                provider:text identity:digest account:text tenant:text linked_at_ms:number changed_by?:text
                """),
            LeafSchema(
                "federation.removed", "An identity provider vouches for an account no more.",
                "provider:text identity:digest changed_by:text"),
            LeafSchema(
                "channel.set", "People are told of events.",
                """
                channel:text kind:text settings:digest filter:digest disabled?:digest created_at_ms:number
                changed_by?:text
                """),
            LeafSchema(
                "notification.sent", "People were told of an event (send_human_review_notification).",
                "channel:text event:number topic:text attempt:number run?:uuid"),
            LeafSchema(
                "notification.given_up", "People could not be told of an event: it is a dead letter.",
                "channel:text event:number topic:text attempt:number run?:uuid"),
            LeafSchema("channel.removed", "A channel to people went.", "channel:text changed_by:text"),
        ]
}
