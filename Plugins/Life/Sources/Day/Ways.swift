import PluginKit

/// Minutes and money between the places of a day, over the given roads.
struct Ways {
    static let home = "home"

    private var minutesBetween: [Pair: (minutes: Int, micros: Int)] = [:]

    private struct Pair: Hashable {
        var from: String
        var to: String
    }

    /// Finds every way between the named places at once, so that a missing one is told before planning.
    init(roads: [Road]?, vehicle: Vehicle?, places: Set<String>) throws(TaskFailure) {
        guard places.count > 1 else { return }
        guard let roads, !roads.isEmpty else {
            throw .invalid("/roads: ways between \(places.sorted().joined(separator: ", ")) are needed")
        }
        let network = try RoadNetwork(roads: roads, vehicle: vehicle)
        guard network.hasTimes else {
            throw .invalid("/roads: every road needs minutes, or give /vehicle/speed_kmh")
        }
        for from in places.sorted() {
            let paths = ShortestPaths(network, from: try network.find(from, "/roads"), by: .time)
            for to in places where to != from {
                guard let legs = paths.path(to: try network.find(to, "/roads")) else {
                    throw .notFound("/roads: no way leads from \"\(from)\" to \"\(to)\"")
                }
                let seconds = legs.reduce(0) { $0 + ($1.leg.seconds ?? 0) }
                minutesBetween[Pair(from: from, to: to)] = ((seconds + 59) / 60, legs.reduce(0) { $0 + $1.leg.micros })
            }
        }
    }

    func minutes(_ from: String, _ to: String) -> Int {
        from == to ? 0 : minutesBetween[Pair(from: from, to: to)]?.minutes ?? 0
    }

    func micros(_ from: String, _ to: String) -> Int {
        from == to ? 0 : minutesBetween[Pair(from: from, to: to)]?.micros ?? 0
    }
}
