/// By what costs are told apart.
package enum CostDimension: String, CaseIterable, Sendable {
    case tenant, department, agent, user, run, task, provider, model, service, source
    /// `book`, `assumed` or `free`.
    case prices
    case day, week, month, quarter, year

    /// The charge's value; nil where it has none. A charge belongs to the day of its hold, as it does in budgets.
    package func value(of charge: Charge, in zone: TimeZoneRules) -> String? {
        switch self {
        case .tenant: charge.tenant
        case .department: charge.department
        case .agent: charge.agent.map { "\(charge.department ?? "")/\($0)" }
        case .user: charge.user
        case .run: charge.run.description
        case .task: charge.task
        case .provider: charge.detail?.provider
        case .model: charge.detail?.model
        case .service: charge.usage?.service.rawValue
        case .source: charge.detail?.source.name
        case .prices: charge.detail?.prices.name
        case .day, .week, .month, .quarter, .year: period(zone.date(at: charge.heldAt))
        }
    }

    private func period(_ date: CivilDate) -> String {
        let year = String(date.description.prefix(4))
        switch self {
        case .week:
            // ISO 8601: a week belongs to the year of its Thursday.
            let thursday = date.adding(days: 4 - date.weekday)
            let first = CivilDate(year: thursday.year, month: 1, day: 1) ?? thursday
            let number = (thursday.daysSinceEpoch - first.daysSinceEpoch) / 7 + 1
            return "\(thursday.description.prefix(4))-W\(number < 10 ? "0" : "")\(number)"
        case .month: return String(date.description.prefix(7))
        case .quarter: return "\(year)-Q\((date.month + 2) / 3)"
        case .year: return year
        default: return date.description
        }
    }
}

/// Which charges a report is about, and by what it tells them apart.
package struct CostQuery: Hashable, Sendable {
    package static let maximumDimensions = 6

    package var by: [CostDimension]
    /// Nil: from the first charge on.
    package var from: CivilDate?
    /// The first day that does not belong to it any more.
    package var to: CivilDate?
    /// In which days begin and end.
    package var zone: String
    /// Any of the values of each dimension; a value that is nil stands for charges without one.
    package var filters: [CostDimension: Set<String?>]

    package init(
        by: [CostDimension] = [], from: CivilDate? = nil, to: CivilDate? = nil, zone: String = "UTC",
        filters: [CostDimension: Set<String?>] = [:]
    ) {
        self.by = by
        self.from = from
        self.to = to
        self.zone = zone
        self.filters = filters
    }

    package func wants(_ charge: Charge, in zone: TimeZoneRules) -> Bool {
        filters.allSatisfy { dimension, values in values.contains(dimension.value(of: charge, in: zone)) }
    }
}
