import PluginKit

struct TourInput: Codable, Sendable, SchemaDescribing {
    struct Matrix: Codable, Sendable, SchemaDescribing {
        var places: [String]
        var values: [[Double]]

        static func describe(_ schema: inout SchemaEditor) {
            schema.property("places", "One a row and column.", minItems: 2, maxItems: 200)
            schema.property(
                "values", "From row to column, in the measure of by; −1: no way. Not closed over detours.",
                minItems: 2, maxItems: 200)
        }
    }

    enum End: String, Codable, CaseIterable, Sendable {
        case start, anywhere
    }

    /// The first is the start.
    var stops: [String]
    var end: End?
    var by: RouteWeight?
    var matrix: Matrix?
    var roads: [Road]?
    var places: [Place]?
    var detourFactor: Double?
    var vehicle: Vehicle?

    enum CodingKeys: String, CodingKey {
        case stops, end, by, matrix, roads, places, vehicle
        case detourFactor = "detour_factor"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("stops", "All to visit, each once; the first is the start.", minItems: 2, maxItems: 200)
        schema.property("end", "start (default): a round trip; anywhere: no way back.")
        schema.property("by", "What is least; distance if absent.")
        schema.property("matrix", "One of matrix, roads and places is needed.")
        schema.property("roads", "A network.", maxItems: 100_000)
        schema.property("places", "With coordinates: great circles.", maxItems: 2000)
        schema.property("detour_factor", "Road over great circle; 1 if absent.", minimum: 1, maximum: 5)
    }
}

struct TourOutput: Codable, Sendable {
    struct Leg: Codable, Sendable {
        var from: String
        var to: String
        /// In the measure of `by`: km, minutes, or micros.
        var amount: Double
    }

    var stops: [String]
    var legs: [Leg]
    var by: RouteWeight
    var unit: String
    var total: Double
    /// No tour has less; equal to the total if it is proven best.
    var lowerBound: Double
    var isProvenBest: Bool
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case stops, legs, by, unit, total, evidence
        case lowerBound = "lower_bound"
        case isProvenBest = "is_proven_best"
    }
}

enum Tour {
    static func find(_ input: TourInput) throws(TaskFailure) -> TourOutput {
        try Check.count(input.stops.count, "/stops", in: 2...200)
        try Check.unique(input.stops, "/stops")
        let by = input.by ?? .distance
        var cost = try LegMatrix.make(input, by)
        if input.end == .anywhere { for row in cost.indices { cost[row][0] = 0 } }
        let isExact = cost.count <= TourSearch.exactLimit
        if !isExact { try checkComplete(cost, input) }
        let search = TourSearch(cost)
        let order = isExact ? search.exact() : search.heuristic()
        let total = search.length(order)
        guard total < TourSearch.noWay else {
            throw .notFound("no tour visits all stops: too many ways are missing between them")
        }
        let bound = isExact ? total : min(total, search.lowerBound())
        let scale: Double = by == .distance ? 1000 : by == .time ? 60 : 1
        let returns = input.end != .anywhere
        let visited = order.map { input.stops[$0] } + (returns ? [input.stops[0]] : [])
        return TourOutput(
            stops: visited,
            legs: zip(order, order.dropFirst() + (returns ? [0] : [])).map { from, to in
                .init(from: input.stops[from], to: input.stops[to], amount: Double(cost[from][to]) / scale)
            },
            by: by, unit: by == .distance ? "km" : by == .time ? "minutes" : "micros", total: Double(total) / scale,
            lowerBound: Double(bound) / scale, isProvenBest: bound == total,
            evidence: evidence(input, isExact: isExact))
    }

    /// The heuristic knows only complete matrices.
    private static func checkComplete(_ cost: [[Int]], _ input: TourInput) throws(TaskFailure) {
        for from in cost.indices {
            for to in cost.indices where from != to && cost[from][to] >= TourSearch.noWay {
                throw .notFound(
                    "no way leads from \"\(input.stops[from])\" to \"\(input.stops[to])\"; with more than "
                        + "\(TourSearch.exactLimit) stops every stop must be reachable from every other")
            }
        }
    }

    private static func evidence(_ input: TourInput, isExact: Bool) -> Evidence {
        let source = input.matrix != nil ? "a matrix" : input.roads != nil ? "a road network" : "coordinates"
        return Evidence(
            inputs: ["\(input.stops.count) stops", source],
            methods: [
                isExact
                    ? "exact: dynamic programming, Held & Karp 1962, J SIAM 10:196"
                    : "nearest neighbour, 2-opt (Croes 1958), Or-opt (Or 1976); bound: 1-trees, Held & Karp 1971",
                input.matrix != nil
                    ? "legs as given"
                    : input.roads != nil
                        ? "legs: Dijkstra 1959" : "legs: haversine, Sinnott 1984, radius 6371.0088 km",
            ],
            assumptions: [
                "every stop is visited once, with no times of opening",
                input.places != nil ? "roads are as long as great circles × detour_factor" : "the legs hold all day",
            ],
            uncertainty: isExact
                ? "none beyond the legs' own" : "the tour may be longer than the best by up to total − lower_bound")
    }
}
