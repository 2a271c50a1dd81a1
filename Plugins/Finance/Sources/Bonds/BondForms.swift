package import PluginKit

/// How days become a part of a year.
package enum DayCountConvention: String, Codable, Sendable, CaseIterable {
    case thirty360US = "30/360-us"
    case actualActual = "act/act"
    case actual360 = "act/360"
    case actual365 = "act/365"
    case thirty360E = "30e/360"
}

/// A bond with fixed coupons, and its yield or its clean price.
package struct BondInput: Codable, Sendable, SchemaDescribing {
    package var settlement: String
    package var maturity: String
    package var couponRate: Double
    package var frequency: Int?
    package var dayCount: DayCountConvention?
    package var redemption: Double?
    package var annualYield: Double?
    package var cleanPrice: Double?
    package var faceMinor: Int?

    enum CodingKeys: String, CodingKey {
        case settlement, maturity, frequency, redemption
        case couponRate = "coupon_rate"
        case dayCount = "day_count"
        case annualYield = "annual_yield"
        case cleanPrice = "clean_price"
        case faceMinor = "face_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("settlement", "The day the buyer pays.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("maturity", "The day of redemption.", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
        schema.property("coupon_rate", "A year; 0 is a zero bond.", minimum: 0, maximum: 10)
        schema.property("frequency", "Coupons a year: 1, 2, 4 or 12; 2 if absent.", minimum: 1, maximum: 12)
        schema.property("day_count", "30/360-us if absent.")
        schema.property("redemption", "For 100 of face value; 100 if absent.", minimum: 1e-06, maximum: 1000000.0)
        schema.property(
            "annual_yield",
            "Compounded as often as coupons are paid. Either this or clean_price.",
            minimum: -0.99, maximum: 100)
        schema.property("clean_price", "For 100 of face value.", minimum: 1e-06, maximum: 1000000.0)
        schema.property("face_minor", "Face value bought, for amounts of money.", minimum: 1, maximum: 1e15)
    }
}

/// What the bond pays, for 100 of face value.
package struct BondFlow: Codable, Sendable, SchemaDescribing {
    package var date: String
    package var amount: Double
    package var presentValue: Double

    enum CodingKeys: String, CodingKey {
        case date, amount
        case presentValue = "present_value"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("date", "Unadjusted for holidays.")
        schema.property("amount", "Coupon, and redemption on the last day.")
        schema.property("present_value", "At the yield.")
    }
}

/// Price, yield and sensitivities; all prices for 100 of face value.
package struct BondOutput: Codable, Sendable, SchemaDescribing {
    package var cleanPrice: Double
    package var accruedInterest: Double
    package var dirtyPrice: Double
    package var annualYield: Double
    package var macaulayDuration: Double
    package var modifiedDuration: Double
    package var convexity: Double
    package var priceValueOfBasisPoint: Double
    package var accruedDays: Int
    package var periodDays: Double
    package var previousCoupon: String
    package var nextCoupon: String
    package var dirtyMinor: Int?
    package var accruedMinor: Int?
    package var flows: [BondFlow]
    package var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case convexity, flows, evidence
        case cleanPrice = "clean_price"
        case accruedInterest = "accrued_interest"
        case dirtyPrice = "dirty_price"
        case annualYield = "annual_yield"
        case macaulayDuration = "macaulay_duration"
        case modifiedDuration = "modified_duration"
        case priceValueOfBasisPoint = "price_value_of_basis_point"
        case accruedDays = "accrued_days"
        case periodDays = "period_days"
        case previousCoupon = "previous_coupon"
        case nextCoupon = "next_coupon"
        case dirtyMinor = "dirty_minor"
        case accruedMinor = "accrued_minor"
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("clean_price", "Without accrued interest.")
        schema.property("accrued_interest", "Of the running coupon.")
        schema.property("dirty_price", "What is paid.")
        schema.property("annual_yield", "Compounded as often as coupons are paid.")
        schema.property("macaulay_duration", "In years.")
        schema.property("modified_duration", "Relative fall of the price for a yield that rises by 1.")
        schema.property("convexity", "In years squared.")
        schema.property("price_value_of_basis_point", "Fall of the dirty price for one basis point.")
        schema.property("accrued_days", "By the convention.")
        schema.property("period_days", "Of the running coupon, by the convention.")
        schema.property("previous_coupon", "On or before settlement.")
        schema.property("next_coupon", "After settlement.")
        schema.property("dirty_minor", "To pay for the face value.")
        schema.property("accrued_minor", "Of it, accrued interest.")
        schema.property("flows", "Still to come.")
        schema.property("evidence", "What the figures rest on.")
    }
}
