/// Five steps from very low to very high, and NIST SP 800-30 rev. 1's table I-2, which joins two of them.
package enum RiskLevel: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
    case veryLow = "very-low"
    case low, moderate, high
    case veryHigh = "very-high"

    package static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// 1 to 5; what is outside counts as its end.
    init(step: Int) { self = Self.allCases[min(max(step, 1), 5) - 1] }

    static func of(likelihood: RiskLevel, impact: RiskLevel) -> RiskLevel {
        let table: [[Int]] = [
            [1, 1, 1, 2, 2],
            [1, 2, 2, 2, 3],
            [1, 2, 3, 3, 4],
            [1, 2, 3, 4, 5],
            [1, 2, 3, 4, 5],
        ]
        return RiskLevel(step: table[likelihood.rank][impact.rank])
    }
}

/// How soon each class is answered and mended.
package enum IncidentPriority: String, Codable, Hashable, Sendable, CaseIterable {
    case p1 = "P1"
    case p2 = "P2"
    case p3 = "P3"
    case p4 = "P4"

    init(_ risk: RiskLevel) {
        self =
            switch risk {
            case .veryHigh: .p1
            case .high: .p2
            case .moderate: .p3
            case .low, .veryLow: .p4
            }
    }

    var responseMinutes: Int {
        switch self {
        case .p1: 15
        case .p2: 30
        case .p3: 120
        case .p4: 480
        }
    }

    var resolutionMinutes: Int {
        switch self {
        case .p1: 240
        case .p2: 480
        case .p3: 1440
        case .p4: 2880
        }
    }
}
