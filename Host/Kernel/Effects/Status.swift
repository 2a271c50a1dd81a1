/// A status as it crosses the boundary, with the values of `bureau/base.h`. Unknown negative values read as
/// ``internal``.
package struct Status: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int32
    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let ok = Status(rawValue: 0)
    package static let invalid = Status(rawValue: -1)
    package static let unsupported = Status(rawValue: -2)
    package static let denied = Status(rawValue: -3)
    package static let budget = Status(rawValue: -4)
    package static let cancelled = Status(rawValue: -5)
    package static let deadline = Status(rawValue: -6)
    package static let busy = Status(rawValue: -7)
    package static let stale = Status(rawValue: -8)
    package static let stateVersion = Status(rawValue: -9)
    package static let io = Status(rawValue: -10)
    package static let `internal` = Status(rawValue: -11)
    package static let notFound = Status(rawValue: -12)
    package static let conflict = Status(rawValue: -13)
    package static let tooLarge = Status(rawValue: -14)
    package static let replay = Status(rawValue: -15)

    private static let names = [
        "ok", "invalid", "unsupported", "denied", "budget", "cancelled", "deadline", "busy", "stale",
        "state_version", "io", "internal", "not_found", "conflict", "too_large", "replay",
    ]

    /// The stable word used in JSON and logs.
    package var name: String {
        let index = -Int(rawValue)
        return Self.names.indices.contains(index) ? Self.names[index] : "internal"
    }

    package init?(name: String) {
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        self.init(rawValue: -Int32(index))
    }
}

/// A failure as plugins, the journal and people see it.
package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
    package var status: Status
    package var message: String

    package init(_ status: Status, _ message: String) {
        self.status = status
        self.message = message
    }

    package var description: String { "\(status.name): \(message)" }
}

/// The end of an effect, as recorded and as delivered.
package struct EffectResult: Hashable, Sendable {
    /// The service's number: a revision, a ticket, an HTTP status, milliseconds.
    package var value: UInt64
    package var data: [UInt8]
    /// The service's text: a media type, a run id, headers.
    package var text: String
    package var usage: TokenUsage?

    package init(value: UInt64 = 0, data: [UInt8] = [], text: String = "", usage: TokenUsage? = nil) {
        self.value = value
        self.data = data
        self.text = text
        self.usage = usage
    }
}

/// Tokens of one model call by class, and the cost. Nil is "the provider did not say", which is not zero.
/// `input` excludes cached reads and cache writes; `output` includes reasoning.
package struct TokenUsage: Hashable, Sendable {
    package var input: Int64?
    package var cachedRead: Int64?
    package var cacheWrite: Int64?
    package var cacheWriteOneHour: Int64?
    package var output: Int64?
    package var reasoning: Int64?
    package var cost: Nanodollars

    package init(
        input: Int64? = nil, cachedRead: Int64? = nil, cacheWrite: Int64? = nil, cacheWriteOneHour: Int64? = nil,
        output: Int64? = nil, reasoning: Int64? = nil, cost: Nanodollars = .zero
    ) {
        self.input = input
        self.cachedRead = cachedRead
        self.cacheWrite = cacheWrite
        self.cacheWriteOneHour = cacheWriteOneHour
        self.output = output
        self.reasoning = reasoning
        self.cost = cost
    }
}
