import PluginKit

/// What a schema cannot say.
enum Checks {
    static func check(_ request: DecisionRequest) throws(TaskFailure) {
        let criteria = request.criteria.map(\.id), options = request.options.map(\.id)
        if Set(criteria).count != criteria.count { throw .invalid("/criteria: each id must be unique") }
        if Set(options).count != options.count { throw .invalid("/options: each id must be unique") }
        for (index, option) in request.options.enumerated() {
            for criterion in criteria where option.values[criterion] == nil {
                throw .invalid("/options/\(index)/values: '\(option.id)' has no value for '\(criterion)'")
            }
            for name in option.values.keys.sorted() where !criteria.contains(name) {
                throw .invalid("/options/\(index)/values/\(name): no criterion has this id")
            }
        }
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
        if request.criteria.allSatisfy({ $0.weight == 0 }) { throw .invalid("/criteria: every weight is zero") }
    }
}
