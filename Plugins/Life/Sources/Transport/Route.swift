import PluginKit

struct RouteInput: Codable, Sendable, SchemaDescribing {
    var roads: [Road]
    var from: String
    var to: String
    var by: RouteWeight?
    var vehicle: Vehicle?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("roads", "The network.", minItems: 1, maxItems: 100_000)
        schema.property("from", "A place of the network.", minLength: 1, maxLength: 100)
        schema.property("to", "A place of the network.", minLength: 1, maxLength: 100)
        schema.property("by", "What is least; time if every road has one, else distance.")
        schema.property("vehicle", "For the cost.")
    }
}

struct RouteOutput: Codable, Sendable {
    struct Way: Codable, Sendable {
        var by: RouteWeight
        var places: [String]
        var distanceKm: Double
        var minutes: Double?
        var costMicros: Int

        enum CodingKeys: String, CodingKey {
            case by, places, minutes
            case distanceKm = "distance_km"
            case costMicros = "cost_micros"
        }
    }

    var way: Way
    /// The best ways by the other measures.
    var alternatives: [Way]
    var evidence: Evidence
}

enum Route {
    static func find(_ input: RouteInput) throws(TaskFailure) -> RouteOutput {
        let network = try RoadNetwork(roads: input.roads, vehicle: input.vehicle)
        let from = try network.find(input.from, "/from"), to = try network.find(input.to, "/to")
        let by = input.by ?? (network.hasTimes ? .time : .distance)
        guard by != .time || network.hasTimes else {
            throw .invalid("/by: not every road has minutes; add them, or /vehicle/speed_kmh")
        }
        var ways: [RouteOutput.Way] = []
        for weight in [by] + RouteWeight.allCases.filter({ $0 != by && ($0 != .time || network.hasTimes) }) {
            ways.append(try way(network, from, to, weight))
        }
        return RouteOutput(
            way: ways[0], alternatives: Array(ways.dropFirst()),
            evidence: Evidence(
                inputs: ["\(network.names.count) places", "\(input.roads.count) roads", "by \(by.rawValue)"],
                methods: ["shortest path: Dijkstra 1959, Numer Math 1:269, exact in metres, seconds and micros"],
                assumptions: [
                    "the network is complete and its times hold at the hour of travel",
                    "each road's cost is rounded to a millionth of the currency",
                ],
                uncertainty: "the way is exact for the network; real times vary with traffic, which is not known here"))
    }

    private static func way(
        _ network: RoadNetwork, _ from: Int, _ to: Int, _ by: RouteWeight
    ) throws(TaskFailure) -> RouteOutput.Way {
        let paths = ShortestPaths(network, from: from, by: by)
        guard let legs = paths.path(to: to) else {
            let reached = paths.weights.count { $0 != nil }
            throw .notFound(
                "no way leads from \"\(network.names[from])\" to \"\(network.names[to])\"; "
                    + "\(reached) of \(network.names.count) places can be reached")
        }
        return RouteOutput.Way(
            by: by, places: [network.names[from]] + legs.map { network.names[$0.to] },
            distanceKm: Double(legs.reduce(0) { $0 + $1.leg.metres }) / 1000,
            minutes: network.hasTimes ? Double(legs.reduce(0) { $0 + ($1.leg.seconds ?? 0) }) / 60 : nil,
            costMicros: legs.reduce(0) { $0 + $1.leg.micros })
    }
}
