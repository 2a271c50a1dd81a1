import PluginKit

/// A directed graph whose roads have a length, a time and a cost, all whole numbers: metres, seconds, micros.
struct RoadNetwork {
    struct Leg: Hashable {
        var metres: Int
        var seconds: Int?
        var micros: Int

        func weight(_ weight: RouteWeight) -> Int? {
            switch weight {
            case .distance: metres
            case .time: seconds
            case .cost: micros
            }
        }
    }

    struct Arc {
        var to: Int
        var leg: Leg
    }

    static let maximumRoads = 100_000

    private(set) var names: [String] = []
    private(set) var arcs: [[Arc]] = []
    private(set) var hasTimes = true
    private var indexes: [[UInt8]: Int] = [:]

    init(roads: [Road], vehicle: Vehicle?) throws(TaskFailure) {
        try Check.count(roads.count, "/roads", in: 1...Self.maximumRoads)
        let costs = try RunningCost(vehicle)
        for (number, road) in roads.enumerated() {
            let place = "/roads/\(number)"
            guard !road.from.isEmpty, !road.to.isEmpty else { throw .invalid("\(place) has an end without a name") }
            let kilometres = try Check.number(road.distanceKm, "\(place)/distance_km", in: 0...50_000, "km")
            let minutes = try road.minutes.map { value throws(TaskFailure) in
                try Check.number(value, "\(place)/minutes", in: 0...100_000, "minutes")
            }
            let toll = try Check.integer(road.tollMinor ?? 0, "\(place)/toll_minor", in: 0...10_000_000)
            let leg = costs.leg(metres: Int((kilometres * 1000).rounded()), minutes: minutes, tollMinor: toll)
            if leg.seconds == nil { hasTimes = false }
            let from = index(of: road.from), to = index(of: road.to)
            arcs[from].append(Arc(to: to, leg: leg))
            if road.oneWay != true { arcs[to].append(Arc(to: from, leg: leg)) }
        }
    }

    private mutating func index(of name: String) -> Int {
        let key = Array(name.utf8)
        if let known = indexes[key] { return known }
        indexes[key] = names.count
        names.append(name)
        arcs.append([])
        return names.count - 1
    }

    func find(_ name: String, _ pointer: String) throws(TaskFailure) -> Int {
        guard let index = indexes[Array(name.utf8)] else {
            throw .invalid("\(pointer): no road leads to or from \"\(name)\"")
        }
        return index
    }
}

/// Money for a way, rounded to a micro for each road.
struct RunningCost {
    /// Micros per kilometre, times 100,000.
    private let perKmScaled: Int128
    private let speedKmh: Double?

    init(_ vehicle: Vehicle?) throws(TaskFailure) {
        let consumption = try Check.number(
            vehicle?.consumptionPer100Km ?? 0, "/vehicle/consumption_per_100_km", in: 0...1000)
        let price = try Check.integer(
            vehicle?.priceMicrosPerUnit ?? 0, "/vehicle/price_micros_per_unit", in: 0...10_000_000)
        let wear = try Check.integer(vehicle?.wearMicrosPerKm ?? 0, "/vehicle/wear_micros_per_km", in: 0...50_000_000)
        if let speed = vehicle?.speedKmh { try Check.number(speed, "/vehicle/speed_kmh", in: 1...1000, "km/h") }
        guard (vehicle?.consumptionPer100Km == nil) == (vehicle?.priceMicrosPerUnit == nil) else {
            throw .invalid("/vehicle: consumption_per_100_km and price_micros_per_unit belong together")
        }
        perKmScaled = Int128((consumption * 1000).rounded()) * Int128(price) + Int128(wear) * 100_000
        speedKmh = vehicle?.speedKmh
    }

    func leg(metres: Int, minutes: Double?, tollMinor: Int) -> RoadNetwork.Leg {
        let seconds =
            minutes.map { Int(($0 * 60).rounded()) }
            ?? speedKmh.map { Int((Double(metres) / 1000 / $0 * 3600).rounded()) }
        let running = (Int128(metres) * perKmScaled + 50_000_000) / 100_000_000
        return RoadNetwork.Leg(metres: metres, seconds: seconds, micros: Int(running) + tollMinor * 10_000)
    }
}
