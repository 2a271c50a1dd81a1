/// How far data may go. A run has one, and keeps the highest that it ever had, unless a person lowers it.
package enum Sensitivity: String, Hashable, Sendable, CaseIterable, Comparable {
    case `public`, `internal`, confidential, restricted

    /// Of what nobody has said anything about.
    package static let usual = Sensitivity.internal

    package static func < (left: Sensitivity, right: Sensitivity) -> Bool { left.rank < right.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package var controls: HandlingControls { HandlingControls(self) }
}

/// What is done with data of a class.
package struct HandlingControls: Hashable, Sendable {
    /// As it is called for people; nil: no control.
    package var accessControl: String?
    /// Content is encrypted at rest.
    package var isSealed: Bool
    /// Each look at content is in the audit log.
    package var isAudited: Bool
    /// Content goes this many days after the run began, unless the store's retention says another number.
    package var expiryDays: Int?
    /// Answers of models are shared with later calls of the same class. What is sealed is not: a cache has it in the
    /// clear.
    package var isCached: Bool

    init(_ sensitivity: Sensitivity) {
        switch sensitivity {
        case .public: accessControl = nil
        case .internal: accessControl = "internal_only"
        case .confidential, .restricted: accessControl = sensitivity.rawValue
        }
        isSealed = sensitivity >= .confidential
        isAudited = sensitivity >= .confidential
        expiryDays = sensitivity == .restricted ? RetentionPolicy.restrictedDays : nil
        isCached = !isSealed
    }

    package var json: JSONValue {
        [
            "access_control": accessControl.map { .string($0) } ?? .null, "encrypt": .bool(isSealed),
            "audit_required": .bool(isAudited), "expires_days": expiryDays.map { .integer(Int64($0)) } ?? .null,
            "cache": .bool(isCached),
        ]
    }
}

/// A class, and why it is that.
package struct Classification: Hashable, Sendable {
    package static let maximumReasons = 8

    package var sensitivity: Sensitivity
    /// In the order in which they were found: `said`, `rule seed.keywords`, `department legal`, `parent`, …
    package var reasons: [String]

    package static let usual = Classification(.usual)

    package init(_ sensitivity: Sensitivity, reasons: [String] = []) {
        self.sensitivity = sensitivity
        self.reasons = reasons
    }

    /// The higher of both. A reason that raises nothing is not kept.
    package mutating func raise(to other: Sensitivity, because reason: @autoclosure () -> String) {
        guard other > sensitivity else { return }
        sensitivity = other
        if reasons.count < Self.maximumReasons { reasons.append(reason()) }
    }
}
