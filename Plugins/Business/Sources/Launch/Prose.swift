import PluginKit

/// Paragraphs by a model, from computed sentences only. The figures never depend on them.
struct Prose: Sendable {
    struct Paragraph: Sendable {
        /// Empty: nothing of it could be kept.
        var text: String
        /// Sentences that held a figure of the model's own.
        var leftOut: Int
        /// `provider/model`.
        var model: String
        var isOffline: Bool
    }

    /// A small model on the machine itself writes for a while, one paragraph after the other.
    private static let timeoutSeconds = 300.0

    private(set) var summary: Paragraph?
    private(set) var market: Paragraph?
    private(set) var decision: Paragraph?

    /// Three questions at once. A host that offers no model, or does not grant one, gives a report without prose, and
    /// so does a model that fails or takes too long: all else is computed by then. A budget that has no room is no such
    /// thing.
    static func write(_ facts: LaunchFacts, _ context: TaskContext) async throws -> Prose {
        guard facts.input.prose ?? true else { return Prose() }
        async let summary = ask(context, "summary", sentences: 4, facts: Statements.summary(facts))
        async let market = ask(context, "market", sentences: 3, facts: Statements.market(facts))
        async let decision = ask(context, "decision", sentences: 3, facts: Statements.decision(facts))
        return try await Prose(summary: summary, market: market, decision: decision)
    }

    private static func ask(
        _ context: TaskContext, _ name: String, sentences: Int, facts: [String]
    ) async throws(TaskFailure) -> Paragraph? {
        guard !facts.isEmpty else { return nil }
        let text = facts.joined(separator: " ")
        let prompt =
            "Summarise the following facts in \(sentences) sentences for the management. Use only these facts, and"
            + " keep every number as it stands.\n\n" + text
        do {
            let reply = try await context.model(
                messages: [.user(prompt)], maximumOutputTokens: 400, timeoutSeconds: timeoutSeconds,
                step: "prose-\(name)")
            return Paragraph(reply, of: text)
        } catch  where [.unsupported, .denied, .busy, .io, .deadline].contains(error.status) {
            context.log(.warning, "no prose for \(name): \(error.message)")
            return nil
        }
    }

    /// Those that wrote it, each once: a route may have sent each question elsewhere.
    private var models: [Paragraph] {
        [summary, market, decision].compactMap(\.self).reduce(into: []) { models, paragraph in
            if !models.contains(where: { $0.model == paragraph.model }) { models.append(paragraph) }
        }
    }

    var model: String? { models.isEmpty ? nil : models.map(\.model).joined(separator: ", ") }

    /// For the foot of the report.
    var source: String {
        guard let model else { return "This report has no paragraphs by a model." }
        let leftOut = [summary, market, decision].reduce(0) { $0 + ($1?.leftOut ?? 0) }
        let note =
            leftOut == 0
            ? "" : " Left out: \(leftOut) sentence\(leftOut == 1 ? "" : "s") with a figure that was not computed."
        return origin(model) + note
    }

    private func origin(_ model: String) -> String {
        guard [summary, market, decision].contains(where: { $0?.text.isEmpty == false }) else {
            return "Nothing that \(model) wrote is shown."
        }
        let extractive = models.filter(\.isOffline).map(\.model).joined(separator: ", ")
        let note = "which is no language model: it selects sentences and writes none."
        if extractive.isEmpty {
            return "The shaded paragraphs were written by \(model) from the computed statements; the figures"
                + " are not its own."
        }
        return models.allSatisfy(\.isOffline)
            ? "The shaded paragraphs were extracted from the computed statements by \(extractive), \(note)"
            : "The shaded paragraphs were made by \(model) from the computed statements; the figures are not their"
                + " own. One of them is \(extractive), \(note)"
    }
}

extension Prose.Paragraph {
    /// Nil for an empty answer. A model that is not named with its provider gets it.
    init?(_ reply: ModelReply, of facts: String) {
        guard !reply.text.isEmpty else { return nil }
        let (text, leftOut) = FigureCheck.kept(reply.text, of: facts)
        let isWhole = reply.provider.isEmpty || reply.model.hasPrefix(reply.provider + "/")
        self.init(
            text: text, leftOut: leftOut, model: isWhole ? reply.model : "\(reply.provider)/\(reply.model)",
            isOffline: reply.provider == "offline" || reply.model.hasPrefix("offline"))
    }
}

/// The computed facts as sentences: what a model may use, and nothing else.
enum Statements {
    static func summary(_ facts: LaunchFacts) -> [String] {
        let base = facts.finance.base, currency = facts.input.currency
        var lines = [
            "\(facts.input.idea.title) is offered to \(facts.input.idea.targetCustomers).",
            "At a price of \(Format.money(facts.pricing.recommendedPriceMinor, currency, decimals: true)) a month the"
                + " net present value over \(facts.input.horizonMonths) months is"
                + " \(Format.money(base.npvMinor, currency)).",
            "The most money ever put in is"
                + " \(Format.money(max(0, -base.lowestCumulativeMinor), currency)).",
        ]
        if let months = base.paybackPeriods {
            lines.append("The investment is paid back after \(Format.number(months, 1)) months.")
        }
        if let rate = base.irr.annualRate {
            lines.append("The internal rate of return is \(Format.percent(rate, decimals: 1)) a year.")
        }
        if let loss = facts.finance.lossProbability {
            lines.append("The probability of a loss over the scenarios is \(Format.percent(loss)).")
        }
        if let chance = facts.delivery.probabilityOfTarget {
            lines.append(
                "The plan takes \(Format.number(facts.delivery.expectedDays, 1)) working days and meets its target of"
                    + " \(Format.number(facts.input.plan.targetDays)) days with a probability of"
                    + " \(Format.percent(chance)).")
        }
        return lines
    }

    static func market(_ facts: LaunchFacts) -> [String] {
        facts.gaps.gaps.map { gap in
            "Gap \(gap.rank) is \(gap.title) with a score of \(Format.number(gap.score, 2)), demand"
                + " \(Format.number(gap.demand, 2)) and supply \(Format.number(gap.supply, 2)) on scales to 10."
        }
    }

    static func decision(_ facts: LaunchFacts) -> [String] {
        let council = facts.council
        var lines = [
            "The council voted on \(facts.optionTitle) with a support of \(Format.percent(council.supportPercentage))"
                + " after \(council.resolutionAttempts) rounds of resolution."
        ]
        if let reason = council.escalationReason { lines.append("A person must decide because \(reason).") }
        let last = council.transcript.last?.round ?? 0
        lines += council.transcript.filter { $0.round == last }.map { $0.statement }
        return lines
    }
}
