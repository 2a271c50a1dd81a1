import Gateway
import Journal
import Kernel
import Placement

/// The operator's policy, asked before anything leaves and before an answer reaches the plugin. What it decides is
/// recorded with the effect, so that a replay is not asked again.
extension RunExecution {
    private var policy: GuardPolicy { core.settings.policy }

    /// What the policy makes of a request to a model: the request that goes out, and what was taken out of it. Nil when
    /// it was refused, and the plugin told.
    func guarded(
        _ operation: OperationID, _ request: ModelRequest, _ step: StepRecord
    ) async -> (request: ModelRequest, masking: Masking)? {
        classify(request.messages, at: .request)
        if let refused = refusal(ofModels: core.gateway.targets(of: request.model)) {
            await withhold(operation, step, refused)
            return nil
        }
        guard let minimiser = await minimiser() else {
            finish(operation, step, .failure(Failure(.io, "the run's root cannot be read, so nothing is sent")))
            return nil
        }
        guard !minimiser.isEmpty || !policy.rules(at: .modelRequest).isEmpty,
            var messages = try? JSONParser.parse(request.messages)
        else { return (request, Masking()) }
        var request = request
        if !minimiser.isEmpty {
            messages = messages.mapTexts(minimiser.minimised)
            request.messages = messages.bytes
        }
        guard !policy.rules(at: .modelRequest).isEmpty else { return (request, Masking()) }
        guard
            let decision = await decide(
                .modelRequest, models: core.gateway.targets(of: request.model), texts: messages.texts,
                operation: operation, step)
        else { return nil }
        return decision.masked(request, messages: messages)
    }

    /// Shows an answer to the plugin and to who watches.
    func display(_ masking: Masking, to operation: OperationID) -> AnswerDisplay {
        let gate = chunkGate(of: operation)
        return AnswerDisplay(masking, isHeld: policy.judgesAnswers) { [self] text in
            gate?.offer(text)
            notify(.partial(text))
        }
    }

    /// Why the plugin may not have this answer; nil when it may.
    ///
    /// - Parameter model: `provider/model`.
    func refusal(ofAnswer text: String, model: String) async -> Failure? {
        guard !policy.rules(at: .modelAnswer).isEmpty else { return nil }
        return await refusal(.modelAnswer, models: [model], texts: [text]).refused
    }

    /// Before a tool is called.
    ///
    /// - Returns: the arguments to call it with, which a person may have changed, and whether one was asked; nil when
    ///   the run stops or the plugin was told.
    func guardedTool(
        _ operation: OperationID, _ name: String, _ arguments: JSONValue, _ step: StepRecord, _ isResumed: Bool
    ) async -> (arguments: JSONValue, step: StepRecord, wasAsked: Bool)? {
        let wasReleased = step.reference == Self.releasedReference
        guard wasReleased || !policy.rules(at: .tool).isEmpty else { return (arguments, step, false) }
        let texts = [arguments.serialized()]
        guard let decision = await decide(.tool, tool: name, texts: texts, operation: operation, step) else {
            return nil
        }
        guard wasReleased || decision.verdict == .ask else { return (arguments, step, false) }
        let rules = decision.matches.filter { $0.verdict == .ask && !$0.isDry }.map(\.rule).joined(separator: ", ")
        let request = ApprovalRequest(
            title: "\(run.task.department) wants to call \(name)",
            body: "The operator's policy asks (rule \(rules)). The content is the exact arguments.",
            content: arguments.bytes, expiresMilliseconds: nil)
        guard let (settled, result) = await approval(request, step, isResumed) else { return nil }
        var asked = settled
        switch result {
        case .failure(let failure):
            finish(operation, asked, .failure(failure))
            return nil
        case .success(let effect):
            let answer = (try? JSONParser.parse(effect.data)) ?? .null
            guard answer["approved"]?.boolValue == true else {
                let by = answer["by"]?.stringValue ?? "a person"
                finish(operation, asked, .failure(Failure(.denied, "\(by) did not release this call of \(name)")))
                return nil
            }
            asked.reference = Self.releasedReference
            return (answer["content"] ?? arguments, asked, !wasReleased)
        }
    }

    /// Of a step whose arguments a person has released.
    private static let releasedReference = "released"

    /// Before a fetch. False when it was refused, and the plugin told.
    func guardedFetch(_ operation: OperationID, _ request: HTTPRequest, _ step: StepRecord) async -> Bool {
        guard let url = try? FetchURL(request.url) else { return true }
        classify(Array(request.url.utf8) + request.body, at: .request)
        if let refused = refusal(ofHost: "\(url.host)") {
            await withhold(operation, step, refused)
            return false
        }
        guard !policy.rules(at: .http).isEmpty else { return true }
        let texts =
            [request.url] + [request.headers, request.body].compactMap { String(validating: $0, as: UTF8.self) }
        return await decide(.http, host: "\(url.host)", texts: texts, operation: operation, step) != nil
    }

    // MARK: Asking

    /// Nil when the policy forbids it, and the plugin was told.
    private func decide(
        _ place: GuardPolicy.Place, models: [String] = [], tool: String? = nil, host: String? = nil, texts: [String],
        operation: OperationID, _ step: StepRecord
    ) async -> GuardDecision? {
        let (decision, refused) = await refusal(place, models: models, tool: tool, host: host, texts: texts)
        if let refused {
            finish(operation, step, .failure(refused))
            return nil
        }
        return decision
    }

    /// - Parameter models: all that the text may go to; the strictest answer holds.
    private func refusal(
        _ place: GuardPolicy.Place, models: [String] = [], tool: String? = nil, host: String? = nil, texts: [String]
    ) async -> (decision: GuardDecision, refused: Failure?) {
        var isTainted = false
        do {
            if policy.rules(at: place).contains(where: { $0.conditions.isTainted != nil }) {
                let (root, policy) = (run.root, policy)
                isTainted = try await core.journal.read { journal throws(JournalError) in
                    try Taint(policy.taint).marks(root, journal)
                }
            }
            let subject = GuardSubject(
                place: place, tenant: run.tenant, department: run.task.department, tool: tool, host: host,
                isTainted: isTainted, texts: texts)
            let decision = policy.decide(subject, models: models)
            try await tell(decision, place)
            return (decision, decision.refusal.map { Failure(.denied, $0) })
        } catch {
            // What cannot be decided does not pass.
            return (GuardDecision(), Failure(.denied, "the operator's policy cannot be asked: \(error.message)"))
        }
    }

    private func tell(_ decision: GuardDecision, _ place: GuardPolicy.Place) async throws(JournalError) {
        guard !decision.matches.isEmpty else { return }
        try await core.journal.write { [run] transaction throws(JournalError) in
            try decision.append(at: place, subject: ("run", run.id), root: run.root, to: transaction)
        }
    }
}

/// Whether a tree of runs has read from outside, by what its journal says. An answer is in the journal before a plugin
/// has it.
private struct Taint {
    private static let maximumRuns = 10_000
    private let rule: TaintRule

    init(_ rule: TaintRule) { self.rule = rule }

    /// A tree of more runs than are looked at counts as marked.
    func marks(_ root: RunID, _ journal: any JournalReading) throws(JournalError) -> Bool {
        if rule.sources.contains(.input) { return true }
        var open = [root]
        var seen = 0
        while let id = open.popLast() {
            seen += 1
            guard seen <= Self.maximumRuns else { return true }
            for step in try journal.recording(of: id)?.steps ?? [] {
                if marks(step) { return true }
                if step.kind == .child || step.kind == .plan, let child = step.reference.flatMap({ RunID($0) }) {
                    open.append(child)
                }
            }
        }
        return false
    }

    /// What failed has answered too, perhaps. A request that was not kept counts as one from anywhere.
    private func marks(_ step: StepRecord) -> Bool {
        guard step.state != .intended else { return false }
        let request = step.request?.encoded.flatMap { EffectRequest(encoded: $0) }
        switch step.kind {
        case .http:
            guard case .http(let sent)? = request, let url = try? FetchURL(sent.url) else {
                return rule.sources.contains(.http)
            }
            return rule.marks(host: "\(url.host)")
        case .tool:
            guard case .tool(let name, _, _)? = request else { return rule.sources.contains(.tool) }
            return rule.marks(tool: name)
        case .stateGet: return rule.sources.contains(.state)
        default: return false
        }
    }
}
