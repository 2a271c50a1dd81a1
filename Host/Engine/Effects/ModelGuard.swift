import Audit
import Gateway
import Journal
import Kernel
import Synchronization

/// What the operator's policy makes of requests and answers of models, in runs and outside of them.
extension GuardPolicy {
    /// The strictest answer over all models that a text may go to.
    func decide(_ subject: GuardSubject, models: [String]) -> GuardDecision {
        var subject = subject
        subject.model = models.first
        var decision = decide(subject)
        for model in models.dropFirst() {
            subject.model = model
            decision = decision.joined(decide(subject))
        }
        return decision
    }

    /// Whether answers are looked at before any of them is shown.
    var judgesAnswers: Bool { rules(at: .modelAnswer).contains { !$0.isDry } }
}

extension GuardDecision {
    /// One for each rule that matched, also for those that are only tried.
    func events(at place: GuardPolicy.Place, run: RunID, root: RunID) -> [NewEvent] {
        matches.map { match in
            NewEvent(
                topic: "policy.matched", run: run, root: root,
                body: [
                    "rule": .string(match.rule), "on": .string(place.rawValue), "then": .string(match.verdict.rawValue),
                    "dry": .bool(match.isDry), "reasons": .array(match.reasons.map(JSONValue.string)),
                ])
        }
    }

    /// What the log keeps of it: which rules held, and what followed. Nothing of the text, not even a digest.
    ///
    /// - Parameter subject: the run or call that asked, by the member that names it.
    func append(
        at place: GuardPolicy.Place, subject: (member: String, id: RunID), root: RunID,
        to transaction: any JournalTransaction
    ) throws(JournalError) {
        for event in events(at: place, run: subject.id, root: root) { _ = try transaction.eventAppend(event) }
        let rules = matches.prefix(Self.maximumRules).map { match -> JSONValue in
            .leafText("\(match.rule):\(match.verdict.rawValue)\(match.isDry ? ":dry" : "")")
        }
        _ = try transaction.auditAppend(
            type: "policy.decided",
            fields: [
                subject.member: .string(subject.id.description), "on": .string(place.rawValue),
                "verdict": .string(verdict.rawValue), "rules": .array(rules),
                "masked": .array(masks.map(\.rawValue).sorted().map { .string($0) }),
            ])
    }

    private static let maximumRules = 50

    /// The request that goes out, and what was taken out of it and is put back into the answer.
    func masked(_ request: ModelRequest, messages: JSONValue) -> (request: ModelRequest, masking: Masking) {
        var masking = Masking()
        guard !masks.isEmpty else { return (request, masking) }
        var masked = request
        masked.messages = messages.mapTexts { masking.mask($0, kinds: masks) }.bytes
        return (masked, restores ? masking : Masking())
    }
}

/// Shows an answer while it comes, with what was masked back in its place; where the answer is judged as a whole,
/// nothing of it before.
final class AnswerDisplay: Sendable {
    private let masking: Masking
    private let isHeld: Bool
    private let show: @Sendable (String) -> Void
    private let restorer: Mutex<Masking.Restorer>
    private let shown = Atomic(false)

    init(_ masking: Masking, isHeld: Bool, show: @escaping @Sendable (String) -> Void) {
        self.masking = masking
        self.isHeld = isHeld
        self.show = show
        restorer = Mutex(Masking.Restorer(masking))
    }

    /// Whether anyone has seen a piece of it.
    var hasShown: Bool { shown.load(ordering: .acquiring) }

    func push(_ piece: String) {
        if !isHeld { give(restorer.withLock { $0.push(piece) }) }
    }

    /// What was not shown yet.
    ///
    /// - Parameter text: all of the answer, restored.
    func finish(_ text: String) { give(isHeld ? text : restorer.withLock { $0.finish() }) }

    func restore(_ answer: inout ModelAnswer) {
        guard !masking.isEmpty else { return }
        answer.text = masking.restored(answer.text)
        for index in answer.toolCalls.indices {
            answer.toolCalls[index].arguments = masking.restored(answer.toolCalls[index].arguments)
        }
    }

    private func give(_ text: String) {
        guard !text.isEmpty else { return }
        shown.store(true, ordering: .releasing)
        show(text)
    }
}

extension JSONValue {
    /// What people and models wrote in a conversation: not roles, names and images.
    var texts: [String] {
        var found: [String] = []
        _ = mapTexts { text in
            found.append(text)
            return text
        }
        return found
    }

    /// - Precondition: messages of a model call.
    func mapTexts(_ body: (String) -> String) -> JSONValue {
        switch self {
        case .array(let elements): return .array(elements.map { $0.mapTexts(body) })
        case .object(let members):
            return .object(
                Dictionary(
                    uniqueKeysWithValues: members.sorted { $0.key < $1.key }.map { key, value in
                        switch (key, value) {
                        case ("content", .string(let text)), ("text", .string(let text)): (key, .string(body(text)))
                        case ("arguments", _): (key, value.mapAllTexts(body))
                        default: (key, value.mapTexts(body))
                        }
                    }))
        default: return self
        }
    }

    /// What a tool was called with is text through and through.
    private func mapAllTexts(_ body: (String) -> String) -> JSONValue {
        switch self {
        case .string(let text): .string(body(text))
        case .array(let elements): .array(elements.map { $0.mapAllTexts(body) })
        case .object(let members): .object(members.mapValues { $0.mapAllTexts(body) })
        default: self
        }
    }
}
