/// How one executive weighs the criteria, and where its limits are.
///
/// *Advocates* compare the options with each other. *Guardians* ask whether the proposal stays clear of their limits:
/// doing nothing always has the least risk, so a comparison alone would make them refuse everything.
package struct Executive: Sendable {
    package enum Manner: Sendable { case advocate, guardian }

    package struct Line: Sendable {
        package let criterion: String
        /// Beyond it: a veto.
        package let redLine: Double
        /// Beyond it: high risk.
        package let warning: Double
    }

    package let domain: Domain
    package let manner: Manner
    /// Criterion id to weight; they sum to 1.
    package let interests: [String: Double]
    package let lines: [Line]

    package static let all: [Executive] = [strategy, finance, ethics, legal, risk, technology]

    package static func of(_ domain: Domain) -> Executive {
        switch domain {
        case .strategy: strategy
        case .finance: finance
        case .ethics: ethics
        case .legal: legal
        case .risk: risk
        case .technology: technology
        }
    }

    /// Is there a market, does it fit, is it worth it.
    static let strategy = Executive(
        domain: .strategy, manner: .advocate,
        interests: ["market_demand": 0.35, "strategic_fit": 0.25, "npv": 0.25, "delivery_probability": 0.15],
        lines: [Line(criterion: "market_demand", redLine: 0.05, warning: 0.2)])

    /// Does it make money, and what is lost if not.
    static let finance = Executive(
        domain: .finance, manner: .advocate,
        interests: ["npv": 0.5, "loss_probability": 0.2, "capital_at_risk": 0.2, "payback_months": 0.1],
        lines: [
            Line(criterion: "npv", redLine: 0, warning: 0),
            Line(criterion: "loss_probability", redLine: 0.6, warning: 0.4),
        ])

    /// Whom could it harm.
    static let ethics = Executive(
        domain: .ethics, manner: .guardian,
        interests: ["harm_risk": 0.45, "privacy_risk": 0.3, "fairness_risk": 0.25],
        lines: [
            Line(criterion: "harm_risk", redLine: 0.5, warning: 0.35),
            Line(criterion: "privacy_risk", redLine: 0.7, warning: 0.5),
            Line(criterion: "fairness_risk", redLine: 0.7, warning: 0.5),
        ])

    /// Is it allowed.
    static let legal = Executive(
        domain: .legal, manner: .guardian,
        interests: ["regulatory_risk": 0.5, "privacy_risk": 0.3, "contract_risk": 0.2],
        lines: [
            Line(criterion: "regulatory_risk", redLine: 0.7, warning: 0.5),
            Line(criterion: "privacy_risk", redLine: 0.7, warning: 0.5),
            Line(criterion: "contract_risk", redLine: 0.8, warning: 0.6),
        ])

    /// What if it goes wrong.
    static let risk = Executive(
        domain: .risk, manner: .guardian,
        interests: [
            "loss_probability": 0.35, "delivery_probability": 0.25, "regulatory_risk": 0.2, "harm_risk": 0.2,
        ],
        lines: [
            Line(criterion: "loss_probability", redLine: 0.7, warning: 0.5),
            Line(criterion: "delivery_probability", redLine: 0.1, warning: 0.3),
            Line(criterion: "regulatory_risk", redLine: 0.8, warning: 0.6),
            Line(criterion: "harm_risk", redLine: 0.6, warning: 0.4),
        ])

    /// Can it be built, and kept safe.
    static let technology = Executive(
        domain: .technology, manner: .guardian,
        interests: ["technical_feasibility": 0.4, "delivery_probability": 0.35, "security_risk": 0.25],
        lines: [
            Line(criterion: "technical_feasibility", redLine: 0.3, warning: 0.5),
            Line(criterion: "delivery_probability", redLine: 0.1, warning: 0.3),
            Line(criterion: "security_risk", redLine: 0.8, warning: 0.6),
        ])
}
