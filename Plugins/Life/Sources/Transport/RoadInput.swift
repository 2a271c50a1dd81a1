import PluginKit

struct Place: Codable, Sendable, Hashable, SchemaDescribing {
    var id: String
    var latitude: Double?
    var longitude: Double?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique.", minLength: 1, maxLength: 100)
        schema.property("latitude", "Degrees, north positive.", minimum: -90, maximum: 90)
        schema.property("longitude", "Degrees, east positive.", minimum: -180, maximum: 180)
    }
}

struct Road: Codable, Sendable, Hashable, SchemaDescribing {
    var from: String
    var to: String
    var distanceKm: Double
    var minutes: Double?
    var tollMinor: Int?
    var oneWay: Bool?

    enum CodingKeys: String, CodingKey {
        case from, to, minutes
        case distanceKm = "distance_km"
        case tollMinor = "toll_minor"
        case oneWay = "one_way"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("distance_km", "To the metre.", minimum: 0, maximum: 50_000)
        schema.property("minutes", "To the second; from speed_kmh if absent.", minimum: 0, maximum: 100_000)
        schema.property("toll_minor", "Toll or fare, in cents.", minimum: 0, maximum: 1e7)
        schema.property("one_way", "Only from from to to.")
    }
}

/// What a kilometre costs.
struct Vehicle: Codable, Sendable, Hashable, SchemaDescribing {
    var consumptionPer100Km: Double?
    var priceMicrosPerUnit: Int?
    var wearMicrosPerKm: Int?
    var speedKmh: Double?

    enum CodingKeys: String, CodingKey {
        case consumptionPer100Km = "consumption_per_100_km"
        case priceMicrosPerUnit = "price_micros_per_unit"
        case wearMicrosPerKm = "wear_micros_per_km"
        case speedKmh = "speed_kmh"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("consumption_per_100_km", "Litres or kWh.", minimum: 0, maximum: 1000)
        schema.property("price_micros_per_unit", "Of a litre or kWh; 1.759 EUR is 1759000.", minimum: 0, maximum: 1e7)
        schema.property("wear_micros_per_km", "Tyres, service, a flat rate.", minimum: 0, maximum: 5e7)
        schema.property("speed_kmh", "Where a road has no minutes.", minimum: 1, maximum: 1000)
    }
}

enum RouteWeight: String, Codable, CaseIterable, Sendable {
    case distance, time, cost
}
