import PluginKit

/// The way from each stop to each other as whole numbers: metres, seconds or micros.
enum LegMatrix {
    static func make(_ input: TourInput, _ by: RouteWeight) throws(TaskFailure) -> [[Int]] {
        guard [input.matrix != nil, input.roads != nil, input.places != nil].count(where: { $0 }) == 1 else {
            throw .invalid("give exactly one of /matrix, /roads and /places")
        }
        if let matrix = input.matrix { return try given(matrix, input.stops, by) }
        if let roads = input.roads { return try driven(roads, input, by) }
        return try flown(input.places ?? [], input, by)
    }

    private static func given(
        _ matrix: TourInput.Matrix, _ stops: [String], _ by: RouteWeight
    ) throws(TaskFailure) -> [[Int]] {
        try Check.count(matrix.places.count, "/matrix/places", in: 2...200)
        try Check.unique(matrix.places, "/matrix/places")
        try Check.count(matrix.values.count, "/matrix/values", in: matrix.places.count...matrix.places.count)
        let scale: Double = by == .distance ? 1000 : by == .time ? 60 : 1
        for (row, values) in matrix.values.enumerated() {
            try Check.count(values.count, "/matrix/values/\(row)", in: matrix.places.count...matrix.places.count)
            for (column, value) in values.enumerated() where value != -1 {
                try Check.number(value, "/matrix/values/\(row)/\(column)", in: 0...1e9)
            }
        }
        var rows: [Int] = []
        for (index, stop) in stops.enumerated() {
            guard let row = matrix.places.firstIndex(of: stop) else {
                throw .invalid("/stops/\(index): \"\(stop)\" is no place of the matrix")
            }
            rows.append(row)
        }
        return rows.map { from in
            rows.map { to in
                let value = matrix.values[from][to]
                return value == -1 ? TourSearch.noWay : Int((value * scale).rounded())
            }
        }
    }

    private static func driven(_ roads: [Road], _ input: TourInput, _ by: RouteWeight) throws(TaskFailure) -> [[Int]] {
        let network = try RoadNetwork(roads: roads, vehicle: input.vehicle)
        guard by != .time || network.hasTimes else {
            throw .invalid("/by: not every road has minutes; add them, or /vehicle/speed_kmh")
        }
        guard input.stops.count * roads.count <= 4_000_000 else {
            throw .tooLarge("\(input.stops.count) stops on \(roads.count) roads; leave out roads that cannot matter")
        }
        var nodes: [Int] = []
        for (index, stop) in input.stops.enumerated() { nodes.append(try network.find(stop, "/stops/\(index)")) }
        return nodes.map { from in
            let paths = ShortestPaths(network, from: from, by: by)
            return nodes.map { min(paths.weights[$0] ?? TourSearch.noWay, TourSearch.noWay) }
        }
    }

    private static func flown(_ places: [Place], _ input: TourInput, _ by: RouteWeight) throws(TaskFailure) -> [[Int]] {
        try Check.count(places.count, "/places", in: 2...2000)
        try Check.unique(places.map(\.id), "/places")
        let factor = try Check.number(input.detourFactor ?? 1, "/detour_factor", in: 1...5)
        let costs = try RunningCost(input.vehicle)
        guard by != .time || input.vehicle?.speedKmh != nil else {
            throw .invalid("/vehicle/speed_kmh is needed for times between coordinates")
        }
        var points: [(latitude: Double, longitude: Double)] = []
        for (index, stop) in input.stops.enumerated() {
            guard let place = places.firstIndex(where: { $0.id == stop }) else {
                throw .invalid("/stops/\(index): \"\(stop)\" is not one of /places")
            }
            guard let latitude = places[place].latitude, let longitude = places[place].longitude else {
                throw .invalid("/places/\(place) has no latitude and longitude")
            }
            try Check.number(latitude, "/places/\(place)/latitude", in: -90...90, "degrees")
            try Check.number(longitude, "/places/\(place)/longitude", in: -180...180, "degrees")
            points.append((latitude, longitude))
        }
        return points.map { from in
            points.map { to in
                let metres = Int((Haversine.kilometres(from, to) * factor * 1000).rounded())
                return costs.leg(metres: metres, minutes: nil, tollMinor: 0).weight(by) ?? TourSearch.noWay
            }
        }
    }
}
