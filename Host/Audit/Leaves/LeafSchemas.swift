package import Kernel

/// The schema of every type of leaf that this host writes.
package enum LeafSchemas {
    /// In order of type.
    package static let all: [LeafSchema] = families.flatMap { $0 }.sorted { $0.type < $1.type }

    private static let families = [
        runs, steps, content, approvals, agents, messages, departments, plugins, money, holds, order, schedules,
        streams, retention, models, decisions, host, oversight, published,
        subjects, identity, signIns, factors,
    ]

    package static func schema(of type: String) -> LeafSchema? { byType[type] }

    private static let byType = Dictionary(all.map { ($0.type, $0) }, uniquingKeysWith: { first, _ in first })

    /// All of them as one document: a leaf is valid by the one of its type.
    package static var document: JSONValue {
        [
            "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:bureau:audit",
            "title": "Leaves of Bureau's audit log", "type": "object", "required": ["seq", "ts", "type"],
            "oneOf": .array(all.map { ["$ref": .string("#/$defs/\($0.type)")] }),
            "$defs": .object(Dictionary(all.map { ($0.type, part($0)) }, uniquingKeysWith: { first, _ in first })),
        ]
    }

    private static func part(_ schema: LeafSchema) -> JSONValue {
        var members = schema.document.objectValue ?? [:]
        (members["$schema"], members["$id"]) = (nil, nil)
        return .object(members)
    }

    /// One schema for types that say the same of something at different moments.
    static func each(_ types: [(String, String)], _ members: String) -> [LeafSchema] {
        types.map { LeafSchema($0.0, $0.1, members) }
    }

    // MARK: Parts

    static let runState = LeafSchema.parse(
        """
        state:text fence:number attempt:number crashes:number owner?:number build?:digest cost:number cancel:flag
        output?:digest failure?:failure wake_at_ms?:number started_at_ms?:number finished_at_ms?:number
        start_by_ms?:number deadline_ms?:number retries?:digest turn?:number burst_at_ms?:number
        """)
    static let call = LeafSchema.parse(
        """
        provider:text model:text prices:text input?:number cached_read?:number cache_write?:number
        cache_write_1h?:number output?:number reasoning?:number
        """)
    static let failure = LeafSchema.parse("status:number message:digest")

    // MARK: Runs and what they do

    private static let runs =
        [
            LeafSchema(
                "run.admitted", "A run was admitted: what never changes of it, and its first state.",
                """
                run:uuid number:number tenant:text department:text task:text agent:text priority:number input:digest
                key?:text root:uuid parent?:uuid parent_step?:number budget?:number created_at_ms:number
                forked_from?:uuid forked_step?:number user?:text max_tokens?:number max_steps?:number
                max_seconds?:number correlation?:text cause?:number chain?:number queue?:text concurrency_key?:text
                retry?:digest subject?:text reviewed?:flag now:state
                """),
            LeafSchema(
                "run.archived", "A run moved to the archive, with all its steps.",
                """
                run:uuid number:number tenant:text department:text task:text key?:text steps:number file:text
                digest:digest at_ms:number
                """),
            LeafSchema(
                "run.forked", "A run took over the first steps of another.",
                "run:uuid from:uuid step:number saved_nanodollars:number"),
        ]
        + each(
            [
                ("run.started", "A run began to compute."), ("run.finished", "A run ended."),
                ("run.paused", "A run stopped, for a person to decide."), ("run.requeued", "A run went back to wait."),
                ("run.cancel_requested", "A run's end was asked for."), ("run.retried", "A person had a run go on."),
                ("run.due", "A run's time has come."), ("run.pinned", "The build that a run works on is known."),
                ("run.waiting", "A run waits for something outside."), ("run.resumed", "A run goes on after a wait."),
                ("run.cost", "A run cost money."), ("run.corrected", "A run's cost was corrected."),
                ("run.delayed", "A run is to be tried again later."), ("run.expired", "A run waited too long."),
            ], "run:uuid reason?:text now:state")

    private static let steps = each(
        [
            ("step.intended", "An effect is about to happen."),
            ("step.finished", "An effect happened, failed, or may have happened."),
        ],
        """
        run:uuid step:number kind:text name:text occurrence:number shape:digest request_bytes?:number state:text
        attempt:number fence:number result?:digest failure?:failure reference?:digest cost:number started_at_ms:number
        finished_at_ms?:number call?:call sealed?:digest
        """)

    private static let content =
        each(
            [("state.put", "An agent stored a value."), ("state.remove", "An agent removed a value.")],
            "tenant:text department:text agent:text key:digest value?:digest revision:number") + [
            LeafSchema(
                "artifact.put", "A run left a file.",
                "number:number run:uuid name:text media_type:text digest:digest bytes:number at_ms:number"),
            LeafSchema(
                "artifact.archived", "A file's name went to the archive with its run.", "run:uuid name:text"),
            LeafSchema("content.archived", "Content that nothing names any more went.", "digest:digest"),
            LeafSchema(
                "event.appended", "Events of one commit, by a digest over all they say.",
                "first:number count:number digest:digest"),
        ]

    private static let approvals =
        each(
            [
                ("approval.opened", "Somebody must decide."), ("approval.changed", "What is to be decided changed."),
                ("approval.decided", "A request was decided, expired or was withdrawn."),
            ],
            """
            run:uuid step:number request:digest opened_at_ms:number expires_at_ms?:number approved?:flag by?:text
            explanation?:digest content?:digest rules?:digest revision?:number state?:text decided_at_ms?:number
            """)
        + each(
            [
                ("act.approve", "A person approved."), ("act.reject", "A person rejected."),
                ("act.edit", "A person changed the content."), ("act.delegate", "A person handed on a vote."),
                ("act.withdraw", "The request was taken back."), ("act.time", "The clock decided."),
            ],
            """
            run:uuid step:number act:number at_ms:number kind:text actor?:text revision?:number target?:text
            why?:digest content?:digest
            """) + [
            LeafSchema(
                "approval.archived", "A request went to the archive with its run.",
                "run:uuid step:number acts:number"),
            LeafSchema(
                "rule.set", "Who decides for a department or task.",
                "department:text task:text rules:digest created_at_ms:number changed_by?:text"),
            LeafSchema("rule.removed", "No rules of its own any more.", "department:text task:text changed_by:text"),
        ]

    private static let agents = [
        LeafSchema(
            "agent.set", "An agent was made or changed.",
            """
            department:text agent:text configuration:digest created_at_ms:number state?:text version?:number
            profile?:digest pool?:text reason?:text changed_by?:text
            """),
        LeafSchema(
            "version.added", "A version of an agent's configuration.",
            """
            department:text agent:text version:number configuration:digest profile:digest at_ms:number by:text note:text
            """),
        LeafSchema("pin.set", "The version of its agent that a run began with.", "run:uuid version:number"),
        LeafSchema(
            "pool.set", "A pool of agents was made or changed.",
            """
            department:text pool:text configuration:digest profile:digest policy:digest created_at_ms:number
            changed_by?:text
            """),
        LeafSchema("pool.removed", "A pool of agents went.", "department:text pool:text changed_by:text"),
    ]

    private static let messages = each(
        [
            ("message.sent", "A message was sent."), ("message.acknowledged", "A message was taken."),
            ("message.dead", "A message was given up."), ("message.requeued", "A message is open again."),
        ],
        """
        number:number tenant:text department:text message_type:text key:text payload:digest at_ms:number receiver?:text
        sender?:text run?:uuid chain?:number position?:number state?:text started?:uuid ended_at_ms?:number
        explanation?:digest changed_by?:text
        """)
}
