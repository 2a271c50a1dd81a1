extension LeafSchemas {
    // MARK: Departments and plugins

    static let departments =
        each(
            [
                ("department.granted", "What a department may use was granted."),
                ("department.revoked", "What a department may use was taken back."),
            ],
            """
            grant:number revoked:flag department:text plugin:text wishes:digest granted:text origin:text by:text
            at_ms:number
            """)
        + each(
            [
                ("department.quarantined", "A department's plugin crashes too often to begin anything."),
                ("department.reset", "A department may begin again."),
            ],
            """
            department:text build:digest since_ms:number explanation:text lifted_at_ms?:number by?:text
            """)
        + each(
            [
                ("department.reloaded", "A department's plugin was replaced while it served."),
                ("department.reload_failed", "A replacement was refused; the one before goes on."),
            ],
            """
            department:text generation:number from_version:text from_digest:digest to_version?:text to_digest?:digest
            step?:text reason?:content
            """) + [
            LeafSchema(
                "department.set", "A department was switched on or off, or placed.",
                "department:text enabled:flag placement:text"),
            LeafSchema(
                "department.serving", "Which plugin serves a department as a host starts.",
                """
                department:text plugin:text version:text digest:digest generation:number placement:text
                """),
        ]

    static let plugins =
        each(
            [
                ("plugin.installed", "A plugin was installed."), ("plugin.upgraded", "A plugin was upgraded."),
                ("plugin.rolled_back", "A plugin went back to the version before."),
                ("plugin.removed", "A plugin was removed."),
            ],
            """
            install:number action:text department:text plugin:text version:text library:digest package:digest
            signer?:text by:text at_ms:number
            """)
        + each(
            [
                ("plugin.trusted", "A publisher's key is trusted."),
                ("plugin.distrusted", "A publisher's key is trusted no more."),
            ], "publisher:number trusted:flag key:text plugin?:text by:text at_ms:number")
        + each(
            [("tool.bound", "A function of a library became a tool."), ("tool.unbound", "A tool went.")],
            """
            tool:text bound:flag path:text digest:digest signature:text summary:text side_effects:flag
            follow_upgrades:flag timeout_ms:number bound_at_ms:number
            """) + [
            LeafSchema(
                "plugin.crashed", "A plugin took its process down.",
                """
                department:text plugin:text version:text build:digest generation:number explanation:text
                signal?:number frames?:texts suspects:number run?:uuid at_ms:number
                """),
            LeafSchema(
                "plugin.note", "What a plugin had to say; nobody checked it.",
                "run:uuid note:text content:content plugin:digest"),
            LeafSchema(
                "worker.started", "A process got a plugin; how it is confined.",
                """
                plugin:text version:text generation:number digest?:digest process_id:number isolation:text
                landlock_abi:number missing:texts
                """),
        ]

    // MARK: The host and its store

    static let host = [
        LeafSchema(
            "host.started", "A host opened the store: who started it, and the digests of what it was set up from.",
            """
            version:text by:text isolation:text serves:flag settings:digest prices:digest gateway?:digest policy?:digest
            keys?:digest configuration?:digest
            """),
        LeafSchema(
            "host.configured", "Settings changed while the host ran: which hold at once, and which wait for a start.",
            "by:text cause:text settings:digest live:texts waiting:texts"),
        LeafSchema(
            "key.set", "A provider's key was set or replaced.", "key:text entry:digest by:actor"),
        LeafSchema("key.removed", "A provider's key was removed.", "key:text by:actor"),
        LeafSchema(
            "prices.imported", "Prices came into force.", "book:number prices?:digest by:text at_ms:number"),
        LeafSchema(
            "store.restored", "This store was made of a backup; what it held.",
            """
            by:text base_taken_at_ms:number commits:number size:number root:digest until_ms:number
            """),
        LeafSchema(
            "store.rollback_accepted", "An operator accepted a store older than its checkpoint outside.",
            "by:text reason:text size:number outside_size:number outside_root:digest"),
        LeafSchema("store.archive_removed", "A file of the archive went by the retention policy.", "file:text"),
    ]

    static let retention = [
        LeafSchema("retention.set", "How long a class of data is kept.", "class:text days:number changed_by?:text"),
        LeafSchema("retention.removed", "A class of data is kept for ever again.", "class:text changed_by:text"),
    ]

    // MARK: What was decided about models, policy and access

    static let models =
        each(
            [
                ("call.answered", "A call outside of runs was answered."),
                ("call.failed", "A call outside of runs failed."),
            ],
            """
            call:uuid tenant:text department:text attempts:number request:digest cost:number provider?:text model?:text
            user?:text cached?:flag answer?:digest status?:text
            """) + [
            LeafSchema(
                "model.routed", "Which target was chosen for a model call, and why.",
                "run?:uuid call?:uuid attempt:text route?:text target?:text why:text")
        ]

    static let decisions = [
        LeafSchema(
            "effect.denied", "A plugin reached for what it was not granted.",
            """
            run:uuid kind:text department?:text agent?:text reason:content plugin:digest
            """),
        LeafSchema(
            "policy.decided", "Rules of the operator's policy held, and what followed.",
            "run?:uuid call?:uuid on:text verdict:text rules:texts masked:texts"),
        LeafSchema(
            "access.decided", "Somebody was or was not let do something with protected data (log_access).",
            """
            event_id:uuid timestamp:instant event_type:text user_id:text resource_id:text action:text success:flag
            why?:text run?:uuid plugin?:digest
            """),
        LeafSchema(
            "decision.recorded", "A run came to a decision (log_decision).",
            """
            event_id:uuid timestamp:instant event_type:text user_id:actor decision_id:text query:commitment
            executives:texts framework:text consensus_level:text support_percentage:text escalated_to_human:flag
            run:uuid department:text task:text plugin:digest
            """),
    ]

    // MARK: Order

    static let order = [
        LeafSchema(
            "claims.limited", "How much of a scope may run at once, or begin.",
            "scope:text concurrency?:number starts_per_minute?:number burst?:number changed_by?:text"),
        LeafSchema("claims.removed", "A scope has no limit any more.", "scope:text changed_by:text"),
        LeafSchema(
            "weight.set", "The share of a tenant or department.",
            "tenant:text department:text weight:number changed_by?:text"),
        LeafSchema("weight.removed", "A share is the usual one again.", "tenant:text department:text changed_by:text"),
        LeafSchema(
            "maintenance.set", "When nothing of a scope begins.",
            "window:text scope:text rule:digest created_at_ms:number changed_by?:text"),
        LeafSchema("maintenance.removed", "A maintenance window went.", "window:text changed_by:text"),
    ]

    static let schedules =
        each(
            [
                ("schedule.set", "A schedule was made or changed."),
                ("schedule.looked", "A schedule looked at the clock."),
                ("schedule.paused", "A schedule was paused."), ("schedule.resumed", "A schedule goes on."),
            ],
            """
            schedule:text tenant:text task:text agent:text priority:number user?:text input:digest expression:text
            zone:text gap:text fold:text misfire:text overlap:text tolerance_ms:number start_deadline_ms?:number
            anchor_ms:number high_water_ms:number held_ms?:number paused:flag created_at_ms:number revision:number
            changed_by?:text
            """) + [
            LeafSchema("schedule.removed", "A schedule went.", "schedule:text changed_by:text"),
            LeafSchema(
                "schedule.fired", "A schedule started a run.",
                "schedule:text nominal_ms:number run:uuid cause:text fired_at_ms:number"),
            LeafSchema(
                "schedule.missed", "Times of a schedule that start nothing.",
                "schedule:text first_ms:number last_ms:number why:text detail?:digest"),
        ]

    static let streams =
        each(
            [
                ("letter.added", "An event was given up by a group."),
                ("letter.reprocessed", "An event was given to its group again."),
                ("letter.deleted", "A dead letter was put aside."),
            ],
            """
            letter:number group:text position:number at_ms:number deliveries:number why:digest state:text
            changed_by?:text
            """) + [
            LeafSchema(
                "stream.set", "A group of consumers was made or changed.",
                "group:text filter:digest maximum_deliveries:number created_at_ms:number changed_by?:text"),
            LeafSchema(
                "stream.reset", "A group was set to another place in the event log.",
                "group:text from:number to:number changed_by:text"),
            LeafSchema("stream.removed", "A group of consumers went.", "group:text changed_by:text"),
            LeafSchema(
                "trigger.set", "Events start runs.",
                "trigger:text task:text rule:digest enabled:flag created_at_ms:number changed_by?:text"),
            LeafSchema("trigger.removed", "A trigger went.", "trigger:text changed_by:text"),
            LeafSchema(
                "webhook.set", "Events are told to an address.",
                """
                webhook:text url:digest filter:digest secret_version:number overlap_until_ms?:number
                disabled?:digest created_at_ms:number changed_by?:text
                """),
            LeafSchema("webhook.removed", "A webhook went.", "webhook:text changed_by:text"),
        ]
}
