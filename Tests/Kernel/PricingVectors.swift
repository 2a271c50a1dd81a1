/// Sums of tokens at picodollars per token, checked against LiteLLM 1.109.1's `generic_cost_per_token` and genai-prices
/// 0.2.3, or by hand.
enum PricingVectors {
    struct Vector: Sendable, CustomStringConvertible {
        var id: String
        var lines: [(tokens: Int64, picodollarsPerToken: UInt64)]
        var factor: (numerator: UInt32, denominator: UInt32)
        var picodollars: Int128
        var nanodollars: Int64
        var description: String { id }
    }

    static let all: [Vector] = [
        .init(
            id: "V01", lines: [(1_000, 3_000_000), (500, 15_000_000)], factor: (1, 1),
            picodollars: 10_500_000_000, nanodollars: 10_500_000),
        .init(
            id: "V02", lines: [(50, 3_000_000), (100_000, 300_000), (2_000, 3_750_000), (800, 15_000_000)],
            factor: (1, 1),
            picodollars: 49_650_000_000, nanodollars: 49_650_000),
        .init(
            id: "V03", lines: [(9, 5_000_000), (600_000, 6_250_000), (400_000, 10_000_000)], factor: (1, 1),
            picodollars: 7_750_045_000_000, nanodollars: 7_750_045_000),
        .init(
            id: "V04", lines: [(10, 5_500_000), (66_360, 550_000), (32_435, 6_875_000), (5_120, 27_500_000)],
            factor: (1, 1),
            picodollars: 400_343_625_000, nanodollars: 400_343_625),
        .init(
            id: "V05", lines: [(86, 1_250_000), (1_920, 125_000), (300, 10_000_000)], factor: (1, 1),
            picodollars: 3_347_500_000, nanodollars: 3_347_500),
        .init(
            id: "V06", lines: [(1_000, 1_250_000), (2_000, 10_000_000)], factor: (1, 1),
            picodollars: 21_250_000_000, nanodollars: 21_250_000),
        .init(
            id: "V08", lines: [(272_000, 2_500_000), (1_000, 15_000_000)], factor: (1, 1),
            picodollars: 695_000_000_000, nanodollars: 695_000_000),
        .init(
            id: "V09", lines: [(272_001, 5_000_000), (1_000, 22_500_000)], factor: (1, 1),
            picodollars: 1_382_505_000_000, nanodollars: 1_382_505_000),
        .init(
            id: "V11", lines: [(6_000, 5_000_000), (4_000, 500_000), (1_000, 30_000_000)], factor: (1, 1),
            picodollars: 62_000_000_000, nanodollars: 62_000_000),
        .init(
            id: "V14", lines: [(5_005, 2_500_000), (257_955, 250_000), (1_744, 15_000_000)], factor: (1, 1),
            picodollars: 103_161_250_000, nanodollars: 103_161_250),
        .init(
            id: "V15", lines: [(324, 2_000_000), (1_859, 12_000_000)], factor: (1, 1),
            picodollars: 22_956_000_000, nanodollars: 22_956_000),
        .init(
            id: "V16a", lines: [(199_999, 2_000_000), (1_000, 6_000_000)], factor: (1, 1),
            picodollars: 405_998_000_000, nanodollars: 405_998_000),
        .init(
            id: "V16b", lines: [(200_000, 4_000_000), (1_000, 12_000_000)], factor: (1, 1),
            picodollars: 812_000_000_000, nanodollars: 812_000_000),
        .init(
            id: "V18", lines: [(1_000, 1_500_000), (500, 7_500_000)], factor: (1, 1),
            picodollars: 5_250_000_000, nanodollars: 5_250_000),
        .init(
            id: "V19", lines: [(1_000, 3_000_000), (500, 15_000_000)], factor: (11, 10),
            picodollars: 11_550_000_000, nanodollars: 11_550_000),
        .init(
            id: "V20", lines: [(1_000, 3_000_000), (500, 15_000_000), (3, 10_000_000_000)], factor: (1, 1),
            picodollars: 40_500_000_000, nanodollars: 40_500_000),
        .init(
            id: "V21a", lines: [(1, 37_500)], factor: (1, 1),
            picodollars: 37_500, nanodollars: 38),
        .init(
            id: "V22a", lines: [(1_000, 1_320_000), (1_000, 3_960_000)], factor: (1, 1),
            picodollars: 5_280_000_000, nanodollars: 5_280_000),
        .init(
            id: "V22b", lines: [(1_000, 660_000), (1_000, 1_980_000)], factor: (1, 1),
            picodollars: 2_640_000_000, nanodollars: 2_640_000),
        .init(
            id: "V28a", lines: [(18, 1_000_000), (7_502, 1_250_000), (386, 5_000_000)], factor: (1, 1),
            picodollars: 11_325_500_000, nanodollars: 11_325_500),
        .init(
            id: "R1", lines: [(4_000, 1_250_000), (1_000, 10_000_000)], factor: (1, 1),
            picodollars: 15_000_000_000, nanodollars: 15_000_000),
    ]
}
