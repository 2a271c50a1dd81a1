/// Who is heard, and who leads.
package enum Selection {
    /// The required domains, with ethics and legal where personal data are touched; all that are enabled if none are
    /// required. In the order of `Domain`.
    package static func executives(_ request: DecisionRequest) -> [Executive] {
        let enabled = request.settings?.enabledExecutives ?? Domain.allCases
        let required = request.requiredDomains ?? []
        return Domain.allCases.filter { domain in
            guard enabled.contains(domain) else { return false }
            if required.isEmpty || required.contains(domain) { return true }
            return request.context?.personalData == true && (domain == .ethics || domain == .legal)
        }.map(Executive.of)
    }

    /// The first required domain that is selected, else the first that has something to judge by.
    package static func lead(_ request: DecisionRequest, among executives: [Executive]) -> Executive? {
        for domain in request.requiredDomains ?? [] {
            if let lead = executives.first(where: { $0.domain == domain }) { return lead }
        }
        guard let first = request.options.first else { return nil }
        let evaluator = Evaluator(request: request, proposal: first)
        return executives.first { !evaluator.initialWeights($0).isEmpty } ?? executives.first
    }
}
