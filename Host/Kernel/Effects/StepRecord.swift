/// What kind of effect a step records. Raw values are stored; they never change meaning.
package enum EffectKind: Int, Hashable, Sendable, CaseIterable {
    case step = 0, model, tool, http, stateGet, statePut, stateRemove, stateList, artifactPut, artifactGet, child
    case plan, message, approval, sleep, now, random, budgetRemaining, budgetReserve, budgetRelease, auditNote

    /// The stable word used in JSON, tables and default step names.
    package var name: String {
        switch self {
        case .step: "step"
        case .model: "model"
        case .tool: "tool"
        case .http: "http"
        case .stateGet: "state.get"
        case .statePut: "state.put"
        case .stateRemove: "state.remove"
        case .stateList: "state.list"
        case .artifactPut: "artifact.put"
        case .artifactGet: "artifact.get"
        case .child: "child"
        case .plan: "plan"
        case .message: "message"
        case .approval: "approval"
        case .sleep: "sleep"
        case .now: "now"
        case .random: "random"
        case .budgetRemaining: "budget.remaining"
        case .budgetReserve: "budget.reserve"
        case .budgetRelease: "budget.release"
        case .auditNote: "audit.note"
        }
    }
}

/// Raw values are stored; they never change meaning.
package enum StepState: Int, Hashable, Sendable {
    case intended = 0, done, failed, ambiguous

    package var name: String {
        switch self {
        case .intended: "intended"
        case .done: "done"
        case .failed: "failed"
        case .ambiguous: "ambiguous"
        }
    }
}

/// One effect in a run's journal.
package struct StepRecord: Hashable, Sendable {
    /// Position in the run's journal: 0, 1, 2, …
    package var sequence: Int
    package var kind: EffectKind
    /// The author's name, or the kind's.
    package var name: String
    /// 0 for the first effect of this name in the run, 1 for the second, …
    package var occurrence: Int
    package var shape: Digest
    /// What was asked, for people and for replays. Nil in journals that did not keep requests yet.
    package var request: RecordedRequest?
    package var state: StepState
    /// 0 for a step that a fork took over: its run never performed it.
    package var attempt: Int
    package var result: EffectResult?
    package var failure: Failure?
    /// What recovery needs to go on with an intent: a child's run id, a due time, a provider's handle.
    package var reference: String?
    package var cost: Nanodollars
    package var startedAt: Instant
    package var finishedAt: Instant?
    /// What a model call went to, for the leaf that is written with the step. Not stored with it.
    package var charge: ChargeDetail?

    package init(
        sequence: Int, kind: EffectKind, name: String, occurrence: Int, shape: Digest,
        request: RecordedRequest? = nil, state: StepState, attempt: Int = 1, result: EffectResult? = nil,
        failure: Failure? = nil, reference: String? = nil, cost: Nanodollars = .zero, startedAt: Instant,
        finishedAt: Instant? = nil
    ) {
        self.sequence = sequence
        self.kind = kind
        self.name = name
        self.occurrence = occurrence
        self.shape = shape
        self.request = request
        self.state = state
        self.attempt = attempt
        self.result = result
        self.failure = failure
        self.reference = reference
        self.cost = cost
        self.startedAt = startedAt
        self.finishedAt = finishedAt
    }
}

extension StepRecord {
    /// A new effect's intent, with its request.
    package init(
        intending request: EffectRequest, sequence: Int, name: String, occurrence: Int, startedAt: Instant
    ) {
        let encoded = request.encoded
        self.init(
            sequence: sequence, kind: request.kind, name: name, occurrence: occurrence,
            shape: Digest.sha256(encoded), request: RecordedRequest(encoded), state: .intended, startedAt: startedAt)
    }

    package var key: StepKey { StepKey(name: name, occurrence: occurrence) }
}

/// A request as a journal keeps it: its size always, its bytes unless they are many. The step's shape is the digest
/// of these bytes.
package struct RecordedRequest: Hashable, Sendable {
    /// A larger request is known by its digest and its size.
    package static let maximumKeptBytes = 64 << 10

    package var byteCount: Int
    /// As ``EffectRequest/encoded``. Nil when too large, and when a step was read without it.
    package var encoded: [UInt8]?

    package init(_ encoded: [UInt8]) {
        byteCount = encoded.count
        self.encoded = encoded.count <= Self.maximumKeptBytes ? encoded : nil
    }

    package init(byteCount: Int, encoded: [UInt8]?) {
        self.byteCount = byteCount
        self.encoded = encoded
    }

    package var isKept: Bool { byteCount <= Self.maximumKeptBytes }
}
