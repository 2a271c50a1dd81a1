/// What `research/market-gaps` is asked, and what of its answer is read here.
struct MarketGapsRequest: Codable, Sendable {
    var question: String
    var documents: [SourceDocument]
    var maxGaps: Int

    enum CodingKeys: String, CodingKey {
        case question, documents
        case maxGaps = "max_gaps"
    }
}

struct MarketGaps: Codable, Sendable {
    struct Gap: Codable, Sendable {
        var rank: Int
        var title: String
        var score: Double
        /// 0 to 10: how strongly it is asked for.
        var demand: Double
        /// 0 to 10: how strongly it is offered already.
        var supply: Double
        var evidence: [Evidence]
    }

    struct Evidence: Codable, Sendable {
        var documentID: String
        var quote: String

        enum CodingKeys: String, CodingKey {
            case quote
            case documentID = "document_id"
        }
    }

    var gaps: [Gap]

    /// Demand over demand and supply, the mean of the three best gaps weighted by score: 0 where nothing is asked
    /// for, 1 where nobody offers it.
    var marketDemand: Double {
        let best = gaps.prefix(3).filter { $0.score > 0 && $0.demand + $0.supply > 0 }
        let total = best.reduce(0) { $0 + $1.score }
        guard total > 0 else { return 0 }
        return best.reduce(0) { $0 + $1.score * $1.demand / ($1.demand + $1.supply) } / total
    }
}
