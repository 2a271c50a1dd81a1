import PluginKit

struct PriceBand: Codable, Sendable, Hashable, SchemaDescribing {
    var from: String
    var priceMicrosPerKwh: Int

    enum CodingKeys: String, CodingKey {
        case from
        case priceMicrosPerKwh = "price_micros_per_kwh"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("from", "HH:MM; holds until the next band, around midnight.", pattern: "^[0-9]{2}:[0-9]{2}$")
        schema.property(
            "price_micros_per_kwh", "Millionths of the currency: 0.3127 EUR is 312700. May be negative.",
            minimum: -1e9, maximum: 1e9)
    }
}

struct Device: Codable, Sendable, Hashable, SchemaDescribing {
    var id: String
    var watts: Double
    var minutesPerDay: Int
    var standbyWatts: Double?
    /// When it starts every day; spread evenly if absent.
    var start: String?
    /// A device that may start at any time from here on.
    var earliest: String?
    /// …and must have ended by then.
    var latest: String?

    enum CodingKeys: String, CodingKey {
        case id, watts, start, earliest, latest
        case minutesPerDay = "minutes_per_day"
        case standbyWatts = "standby_watts"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Unique.", minLength: 1, maxLength: 100)
        schema.property("watts", "While it runs; to the milliwatt.", minimum: 0, maximum: 1e6)
        schema.property("minutes_per_day", "That it runs, in one go.", minimum: 0, maximum: 1440)
        schema.property("standby_watts", "In the rest of the day.", minimum: 0, maximum: 1e5)
        schema.property("start", "HH:MM, fixed.")
        schema.property("earliest", "HH:MM, for a device that may be shifted.")
        schema.property("latest", "HH:MM by which it has ended; before earliest: the next day.")
    }
}

struct EnergyUseInput: Codable, Sendable, SchemaDescribing {
    var devices: [Device]
    var days: Int
    var prices: [PriceBand]
    var standingChargeMinorPerDay: Int?
    var gramsCO2PerKwh: Double?
    var minorUnitDigits: Int?

    enum CodingKeys: String, CodingKey {
        case devices, days, prices
        case standingChargeMinorPerDay = "standing_charge_minor_per_day"
        case gramsCO2PerKwh = "grams_co2_per_kwh"
        case minorUnitDigits = "minor_unit_digits"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("devices", "All that draw power.", minItems: 1, maxItems: 1000)
        schema.property("days", "To count.", minimum: 1, maximum: 3660)
        schema.property("prices", "Bands of the day; one band is a flat tariff.", minItems: 1, maxItems: 96)
        schema.property("standing_charge_minor_per_day", "Whatever is used.", minimum: 0, maximum: 1e6)
        schema.property("grams_co2_per_kwh", "Of the supply.", minimum: 0, maximum: 3000)
        schema.property("minor_unit_digits", "2 for cents (default), 0 for yen.", minimum: 0, maximum: 4)
    }
}

struct EnergyUseOutput: Codable, Sendable {
    struct Line: Codable, Sendable {
        var device: String
        var kwh: Double
        var costMinor: Int
        var shareOfKwh: Double
        var standbyKwh: Double
        /// Given or found.
        var start: String?
        /// Against starting at `earliest`.
        var savedMinor: Int?

        enum CodingKeys: String, CodingKey {
            case device, kwh, start
            case costMinor = "cost_minor"
            case shareOfKwh = "share_of_kwh"
            case standbyKwh = "standby_kwh"
            case savedMinor = "saved_minor"
        }
    }

    var lines: [Line]
    var kwh: Double
    /// Rounded once, so it may differ from the sum of the rounded lines.
    var energyCostMinor: Int
    var standingChargeMinor: Int
    var costMinor: Int
    var kgCO2: Double?
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case lines, kwh, evidence
        case energyCostMinor = "energy_cost_minor"
        case standingChargeMinor = "standing_charge_minor"
        case costMinor = "cost_minor"
        case kgCO2 = "kg_co2"
    }
}
