import PluginKit

/// What a schema cannot say.
enum Checks {
    static func check(_ request: DecisionRequest) throws(TaskFailure) {
        try check(request.criteria, request.options)
        let criteria = request.criteria.map(\.id), options = request.options.map(\.id)
        if let proposal = request.proposal, !options.contains(proposal) {
            throw .invalid("/proposal: no option has the id '\(proposal)'")
        }
        for (index, limit) in (request.limits ?? []).enumerated() where !criteria.contains(limit.criterion) {
            throw .invalid("/limits/\(index)/criterion: no criterion has the id '\(limit.criterion)'")
        }
        let consensus = Consensus(request.settings)
        if consensus.humanEscalationThreshold > consensus.threshold {
            throw .invalid("/settings: human_escalation_threshold is above threshold")
        }
    }

    /// So that no sum or square of values is infinite.
    private static let maximumValue = 1e100

    static func check(_ criteria: [Criterion], _ options: [Option]) throws(TaskFailure) {
        let names = criteria.map(\.id)
        if Set(names).count != names.count { throw .invalid("/criteria: each id must be unique") }
        if Set(options.map(\.id)).count != options.count { throw .invalid("/options: each id must be unique") }
        for (index, option) in options.enumerated() {
            for name in names where option.values[name] == nil {
                throw .invalid("/options/\(index)/values: '\(option.id)' has no value for '\(name)'")
            }
            for (name, value) in option.values.sorted(by: { $0.key < $1.key }) {
                guard names.contains(name) else {
                    throw .invalid("/options/\(index)/values/\(name): no criterion has this id")
                }
                guard abs(value) <= maximumValue else {
                    throw .invalid("/options/\(index)/values/\(name): \(value) is beyond 1e100")
                }
            }
        }
        if criteria.allSatisfy({ $0.weight == 0 }) { throw .invalid("/criteria: every weight is zero") }
    }
}
