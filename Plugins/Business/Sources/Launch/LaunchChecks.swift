import PluginKit

/// What a schema cannot say, found before anything is spent.
enum LaunchChecks {
    static let computedCriteria = [
        "npv", "loss_probability", "capital_at_risk", "market_demand", "delivery_probability",
    ]

    static func check(_ input: LaunchInput) throws(TaskFailure) {
        _ = try CivilMonth(input.startDate)
        guard input.costs.buildMonths < input.horizonMonths else {
            throw .invalid("/costs/build_months: \(input.costs.buildMonths) leaves no month of sales in the horizon")
        }
        let documents = input.documents.map(\.id)
        if Set(documents).count != documents.count { throw .invalid("/documents: each id must be unique") }
        try checkOptions(input.council)
        try checkRatings(input.council)
    }

    private static func checkOptions(_ council: LaunchCouncil) throws(TaskFailure) {
        let options = council.options.map(\.id)
        if Set(options).count != options.count { throw .invalid("/council/options: each id must be unique") }
        if council.options.first?.isNothing == true {
            throw .invalid("/council/options/0: the first option is the launch itself, so it cannot be nothing")
        }
    }

    private static func checkRatings(_ council: LaunchCouncil) throws(TaskFailure) {
        let ratings = council.ratings.map(\.id), options = council.options.map(\.id)
        if Set(ratings).count != ratings.count { throw .invalid("/council/ratings: each id must be unique") }
        for (index, rating) in council.ratings.enumerated() {
            if computedCriteria.contains(rating.id) {
                throw .invalid("/council/ratings/\(index)/id: '\(rating.id)' is computed, it cannot be judged")
            }
            for name in rating.values.keys.sorted() where !options.contains(name) {
                throw .invalid("/council/ratings/\(index)/values/\(name): no option has this id")
            }
            for option in council.options where option.isNothing != true && rating.values[option.id] == nil {
                throw .invalid("/council/ratings/\(index)/values: no value for the option '\(option.id)'")
            }
        }
        for name in (council.weights ?? [:]).keys.sorted() where !computedCriteria.contains(name) {
            throw .invalid("/council/weights/\(name): not a computed criterion")
        }
    }
}
