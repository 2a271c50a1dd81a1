import PluginKit

/// Paragraphs by a model, from computed sentences only. The figures never depend on them.
struct Prose: Sendable {
    private(set) var summary: String?
    private(set) var market: String?
    private(set) var decision: String?
    /// `provider/model`.
    private(set) var model: String?
    private(set) var isOffline = false

    /// Three questions at once. A host that offers no model, or does not grant one, gives a report without prose.
    static func write(_ facts: LaunchFacts, _ context: TaskContext) async throws -> Prose {
        guard facts.input.prose ?? true else { return Prose() }
        async let summary = ask(context, "summary", sentences: 4, facts: Statements.summary(facts))
        async let market = ask(context, "market", sentences: 3, facts: Statements.market(facts))
        async let decision = ask(context, "decision", sentences: 3, facts: Statements.decision(facts))
        let replies = try await (summary, market, decision)
        let first = replies.0 ?? replies.1 ?? replies.2
        return Prose(
            summary: text(replies.0), market: text(replies.1), decision: text(replies.2),
            model: first.map {
                $0.model.contains("/") || $0.provider.isEmpty ? $0.model : "\($0.provider)/\($0.model)"
            },
            isOffline: first?.provider == "offline" || first?.model.hasPrefix("offline") == true)
    }

    private static func ask(
        _ context: TaskContext, _ name: String, sentences: Int, facts: [String]
    ) async throws(TaskFailure) -> ModelReply? {
        guard !facts.isEmpty else { return nil }
        let prompt =
            "Summarise the following facts in \(sentences) sentences for the management. Use only these facts, and"
            + " keep every number as it stands.\n\n" + facts.joined(separator: " ")
        do {
            return try await context.model(prompt, maximumOutputTokens: 400, step: "prose-\(name)")
        } catch  where error.status == .unsupported || error.status == .denied {
            context.log(.warning, "no prose for \(name): \(error.message)")
            return nil
        }
    }

    /// A model that is not named with its provider gets it.
    private static func identity(_ reply: ModelReply) -> String {
        if reply.model.contains("/") { return reply.model }
        return [reply.provider, reply.model].filter { !$0.isEmpty }.joined(separator: "/")
    }

    private static func text(_ reply: ModelReply?) -> String? {
        reply.flatMap { $0.text.isEmpty ? nil : $0.text }
    }

    /// For the foot of the report.
    var source: String {
        guard let model else { return "This report has no paragraphs by a model." }
        return isOffline
            ? "The shaded paragraphs were extracted from the computed statements by \(model), which is no language"
                + " model: it selects sentences and writes none."
            : "The shaded paragraphs were written by \(model) from the computed statements; the figures"
                + " are not its own."
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
