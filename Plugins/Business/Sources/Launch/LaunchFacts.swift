/// All that the departments found, as the report needs it.
struct LaunchFacts: Sendable {
    let input: LaunchInput
    let gaps: MarketGaps
    let pricing: PricingOutput
    let funnel: FunnelOutput
    /// By option id; an option that does nothing has none.
    let cases: [String: FinanceCase]
    /// Of the first option.
    let finance: FinanceCase
    let delivery: CriticalPath
    let council: CouncilOutcome

    var status: LaunchOutput.Status {
        if let person = council.person {
            return person.approved && !choosesNothing ? .approved : .notApproved
        }
        if council.escalatedToHuman || council.humanReviewRequired { return .needsDecision }
        return choosesNothing ? .notApproved : .approved
    }

    private var choosesNothing: Bool { option?.isNothing == true }

    /// The option that the council recommends, or that was put to a person.
    var option: LaunchOption? { input.council.options.first { $0.id == council.recommendation.option } }

    var optionTitle: String { option?.title ?? council.recommendation.option }

    /// Working days in a month, for comparing the plan with the months of building: 52 weeks of 5 days in 12 months.
    private static let workingDaysPerMonth = 260.0 / 12

    /// What a reader of the figures must know beside them.
    var warnings: [String] {
        var warnings: [String] = []
        if gaps.gaps.isEmpty { warnings.append("Research found no gap in the documents: the market is unproven.") }
        let fit = pricing.model == .linear ? pricing.linear : pricing.constantElasticity
        if let fit, fit.rSquared < 0.5 {
            warnings.append("The demand curve explains only \(Format.percent(fit.rSquared)) of the observed volumes.")
        }
        for limit in pricing.binding {
            warnings.append("The price is held by a limit (\(limit)), not by demand: look at prices beyond it.")
        }
        if let ratio = funnel.valueToCost, ratio < 1 {
            warnings.append("A customer costs more to win than it brings: value to cost is \(Format.number(ratio, 2)).")
        }
        if finance.base.irr.status != "unique" {
            warnings.append("The internal rate of return is not meaningful here: \(finance.base.irr.status).")
        }
        if finance.base.paybackPeriods == nil {
            warnings.append("The investment does not pay back within \(input.horizonMonths) months.")
        }
        let months = delivery.expectedDays / Self.workingDaysPerMonth
        if months > Double(input.costs.buildMonths) {
            warnings.append(
                "The plan takes \(Format.number(months, 1)) months, the case allows \(input.costs.buildMonths):"
                    + " sales would start later than computed.")
        }
        return warnings
    }

    func output(report: [ReportFile], proseModel: String?) -> LaunchOutput {
        LaunchOutput(
            status: status, title: input.idea.title, decision: decision, figures: figures,
            gaps: gaps.gaps.map { GapSummary(rank: $0.rank, title: $0.title, score: $0.score) }, warnings: warnings,
            report: report, proseModel: proseModel)
    }

    private var decision: DecisionSummary {
        DecisionSummary(
            option: council.recommendation.option, consensusLevel: council.consensusLevel,
            supportPercentage: council.supportPercentage, escalatedToHuman: council.escalatedToHuman,
            humanReviewRequired: council.humanReviewRequired, escalationReason: council.escalationReason,
            vetoes: council.vetoes.map {
                "\($0.executive): \($0.criterion) \(Format.number($0.value, 2))"
                    + " is beyond \(Format.number($0.redLine, 2))"
            })
    }

    private var figures: KeyFigures {
        KeyFigures(
            currency: input.currency, priceMinor: pricing.recommendedPriceMinor, npvMinor: finance.base.npvMinor,
            irrAnnual: finance.base.irr.annualRate, xirr: finance.base.xirr?.annualRate,
            paybackMonths: finance.base.paybackPeriods, lossProbability: finance.lossProbability,
            capitalAtRiskMinor: max(0, -finance.base.lowestCumulativeMinor), breakEvenUnits: finance.breakEven.units,
            customersAtEnd: finance.rows.last?.units ?? 0, acquisitionCostMinor: funnel.acquisitionCostMinor,
            lifetimeValueMinor: funnel.lifetimeValueMinor, expectedDays: delivery.expectedDays,
            probabilityToMeetTarget: delivery.probabilityOfTarget, criticalPath: delivery.criticalPath)
    }
}
