package import PluginKit

package struct PriceAnswer: Codable, Sendable, SchemaDescribing {
    package var tooCheap: Int
    package var cheap: Int
    package var expensive: Int
    package var tooExpensive: Int

    enum CodingKeys: String, CodingKey {
        case cheap = "cheap_minor"
        case expensive = "expensive_minor"
        case tooCheap = "too_cheap_minor"
        case tooExpensive = "too_expensive_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("too_cheap_minor", "So cheap that quality is doubted.", minimum: 0, maximum: 1e12)
        schema.property("cheap_minor", "A bargain.", minimum: 0, maximum: 1e12)
        schema.property("expensive_minor", "Getting expensive.", minimum: 0, maximum: 1e12)
        schema.property("too_expensive_minor", "Too expensive to buy.", minimum: 0, maximum: 1e12)
    }
}

package struct PriceSensitivityInput: Codable, Sendable {
    package var answers: [PriceAnswer]
}

extension PriceSensitivityInput: SchemaDescribing {
    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("answers", "Four prices of each person asked.", minItems: 1, maxItems: 100_000)
    }
}

package struct PriceSensitivityOutput: Codable, Sendable, SchemaDescribing {
    package var marginalCheapness: Double?
    package var marginalExpensiveness: Double?
    package var indifference: Double?
    package var optimal: Double?
    package var used: Int
    package var inconsistent: Int
    package var warnings: [String]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case used, inconsistent, warnings, evidence
        case marginalCheapness = "marginal_cheapness_minor"
        case marginalExpensiveness = "marginal_expensiveness_minor"
        case indifference = "indifference_minor"
        case optimal = "optimal_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("marginal_cheapness_minor", "As many find it too cheap as not cheap (lower end).")
        schema.property("marginal_expensiveness_minor", "As many find it too expensive as not expensive (upper end).")
        schema.property("indifference_minor", "As many find it cheap as expensive.")
        schema.property("optimal_minor", "As many find it too cheap as too expensive.")
        schema.property("used", "People whose four prices rise.")
        schema.property("inconsistent", "People whose four prices do not; left out.")
        schema.property("warnings", "What a reader must know.")
        schema.property("evidence", "What the figures rest on.")
    }
}

/// Van Westendorp, "NSS price sensitivity meter", ESOMAR congress, Venice 1976. Curves are cumulated shares of the
/// people asked, straight between the prices that were named.
package enum PriceSensitivity {
    package static func evaluate(_ input: PriceSensitivityInput) throws(TaskFailure) -> PriceSensitivityOutput {
        let good = input.answers.filter {
            0 <= $0.tooCheap && $0.tooCheap <= $0.cheap && $0.cheap <= $0.expensive && $0.expensive <= $0.tooExpensive
                && $0.tooCheap < $0.tooExpensive && $0.tooExpensive <= 1_000_000_000_000
        }
        guard good.count >= 2 else {
            throw .invalid("/answers: fewer than two people named four rising prices")
        }
        let prices = Set(good.flatMap { [$0.tooCheap, $0.cheap, $0.expensive, $0.tooExpensive] }).sorted()
        let tooCheap = Falling(good.map(\.tooCheap)), cheap = Falling(good.map(\.cheap))
        let expensive = Rising(good.map(\.expensive)), tooExpensive = Rising(good.map(\.tooExpensive))
        let bad = input.answers.count - good.count
        var warnings: [String] = []
        if 10 * bad > input.answers.count {
            warnings.append("more than a tenth of the people named prices that do not rise; was the question clear?")
        }
        if good.count < 30 {
            warnings.append("only \(good.count) people: the points may move a lot with the next ones")
        }
        func crossing(_ falling: (Int) -> Double, _ rising: (Int) -> Double) -> Double? {
            Self.crossing(prices, falling, rising)
        }
        return PriceSensitivityOutput(
            marginalCheapness: crossing(tooCheap.share, { 1 - cheap.share($0) }),
            marginalExpensiveness: crossing({ 1 - expensive.share($0) }, tooExpensive.share),
            indifference: crossing(cheap.share, expensive.share),
            optimal: crossing(tooCheap.share, tooExpensive.share), used: good.count, inconsistent: bad,
            warnings: warnings,
            evidence: Evidence(
                method: "price sensitivity meter: crossings of cumulated shares",
                source: "van Westendorp 1976", inputs: ["\(good.count) people, \(bad) left out"],
                assumptions: [
                    "people know what they would pay", "prices between those named are reached in straight lines",
                ],
                uncertainty: "asked prices are not paid prices: check the range by an experiment or by sales"))
    }

    /// Where the falling curve meets the rising one; the middle of the stretch where they are equal.
    private static func crossing(
        _ prices: [Int], _ falling: (Int) -> Double, _ rising: (Int) -> Double
    ) -> Double? {
        var before: (price: Double, gap: Double)?, equalFrom: Double?
        for price in prices {
            let gap = falling(price) - rising(price), here = Double(price)
            if gap == 0 {
                equalFrom = equalFrom ?? here
            } else if gap < 0 {
                if let start = equalFrom { return (start + (before?.price ?? start)) / 2 }
                guard let last = before else { return nil }
                return last.price + (here - last.price) * last.gap / (last.gap - gap)
            }
            before = (here, gap)
        }
        return equalFrom.map { ($0 + (before?.price ?? $0)) / 2 }
    }

    /// Share of the people whose price is at least so high: a bargain for them.
    private struct Falling {
        let sorted: [Int]
        init(_ values: [Int]) { sorted = values.sorted() }
        func share(_ price: Int) -> Double {
            Double(sorted.count - PriceSensitivity.below(price, in: sorted)) / Double(sorted.count)
        }
    }

    /// Share of the people whose price is at most so high: too much for them.
    private struct Rising {
        let sorted: [Int]
        init(_ values: [Int]) { sorted = values.sorted() }
        func share(_ price: Int) -> Double {
            Double(PriceSensitivity.below(price + 1, in: sorted)) / Double(sorted.count)
        }
    }

    private static func below(_ price: Int, in sorted: [Int]) -> Int {
        var low = 0, high = sorted.count
        while low < high {
            let middle = (low + high) / 2
            if sorted[middle] < price { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
