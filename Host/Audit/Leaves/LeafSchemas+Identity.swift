extension LeafSchemas {
    // MARK: Who there is

    static let identity =
        each(
            [
                ("account.added", "An account was made."), ("account.titled", "An account has another title."),
                ("account.roled", "An account has other roles; its sessions ended."),
                ("account.teamed", "An account is in other teams; its sessions ended."),
                ("account.cleared", "An account may see data of another class; its sessions ended."),
                ("account.enabled", "An account may be used again."),
                ("account.disabled", "An account may not be used; its sessions ended."),
                ("account.rekeyed", "An account has another password; its sessions ended."),
                ("account.rehashed", "An account's password was hashed at another cost."),
            ],
            """
            account:uuid kind:text tenant?:text name:text title:digest roles:text teams:text clearance:text enabled:flag
            version:number password?:digest password_at_ms?:number must_change?:flag created_at_ms:number
            created_by:text changed_by?:text
            """)
        + each(
            [
                ("apikey.added", "An API key was made."), ("apikey.used", "An API key was used, within an hour."),
                ("apikey.revoked", "An API key is good no more."),
            ],
            """
            apikey:text digest:digest account:uuid title:text scopes?:text created_at_ms:number created_by:text
            expires_at_ms?:number used_at_ms?:number revoked_at_ms?:number changed_by?:text
            """)
        + each(
            [
                ("session.started", "Somebody signed in."), ("session.refreshed", "A session got its next token."),
                ("session.proved", "Another factor was shown in a session."),
                ("session.ended", "A session ended: its tokens are good no more."),
            ],
            """
            session:uuid account:uuid methods:text client:digest network:text agent:digest created_at_ms:number
            proved_at_ms:number generation:number refresh:digest refreshed_at_ms:number ended_at_ms?:number why?:text
            changed_by?:text
            """) + [
            LeafSchema("session.removed", "A session from long ago was forgotten.", "session:uuid"),
            LeafSchema(
                "tenant.set", "A tenant was made or changed.",
                "tenant:text title:text open:flag created_at_ms:number created_by:text changed_by?:text"),
            LeafSchema(
                "team.set", "A team was made or changed.",
                "tenant:text team:text title:text created_at_ms:number created_by:text changed_by?:text"),
            LeafSchema("team.removed", "A team is no more.", "tenant:text team:text changed_by:text"),
            LeafSchema(
                "role.set", "A role was made or changed.",
                """
                tenant:text role:text summary:digest parents:text scopes:text created_at_ms:number created_by:text
                changed_by?:text
                """),
            LeafSchema("role.removed", "A role is no more.", "tenant:text role:text changed_by:text"),
            LeafSchema(
                "signing.set", "A key that signs tokens was made, retired or withdrawn.",
                """
                signing:text algorithm:text public:digest made_at_ms:number active_at_ms:number retired_at_ms?:number
                withdrawn_at_ms?:number changed_by?:text
                """),
            LeafSchema(
                "lockout.set", "Nobody gets into an account for a while.",
                "lockout:uuid failures:number since_ms:number until_ms:number"),
            LeafSchema("lockout.removed", "An account may be tried again.", "lockout:uuid changed_by:text"),
        ]

    // MARK: What comes to the door

    static let signIns = [
        LeafSchema(
            "login.failed", "Sign-ins that failed, within a minute from one network.",
            "network:text count:number locked:number account?:uuid"),
        LeafSchema(
            "access.refused", "Requests that were refused, within a minute from one network.",
            "network:text unauthenticated:number forbidden:number limited:number"),
        LeafSchema(
            "session.suspected", "A session's token came from another client than the one it was made for.",
            "session:uuid account:uuid network:text client:digest action:text"),
        LeafSchema(
            "token.minted", "A token was made for somebody, outside a session.",
            "token:text account:uuid scopes:text expires_at_ms:number by:text"),
        LeafSchema(
            "abuse.suspected", "One network is refused more often than a mistake explains.",
            "network:text count:number"),
    ]
}
