/// The public name of a run: a UUID version 7 (RFC 9562), so names sort by creation time.
package struct RunID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// - Parameters:
    ///   - unixMilliseconds: creation time; the low 48 bits are kept.
    ///   - random: 10 random bytes; version and variant bits are overwritten.
    package init(unixMilliseconds: Int64, random: [UInt8]) {
        precondition(random.count == 10)
        var bytes = (0..<6).map { UInt8(truncatingIfNeeded: unixMilliseconds >> (40 - 8 * $0)) } + random
        bytes[6] = bytes[6] & 0x0F | 0x70
        bytes[8] = bytes[8] & 0x3F | 0x80
        self.bytes = bytes
    }

    /// Nil unless there are exactly 16 bytes.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        self.bytes = bytes
    }

    /// The usual form with hyphens, lower case only.
    package init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == [8, 4, 4, 4, 12], let bytes = Hex.decode(parts.joined()) else { return nil }
        self.bytes = bytes
    }

    package var createdAt: Instant {
        Instant(unixMilliseconds: bytes.prefix(6).reduce(Int64(0)) { $0 << 8 | Int64($1) })
    }

    package var description: String {
        let hex = Hex.encode(bytes)
        return String(unsafeUninitializedCapacity: 36) { text in
            var index = 0
            for (position, digit) in hex.utf8.enumerated() {
                if position == 8 || position == 12 || position == 16 || position == 20 {
                    text[index] = 45
                    index += 1
                }
                text[index] = digit
                index += 1
            }
            return index
        }
    }

    package static func < (left: RunID, right: RunID) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

/// Grows by one at every claim, rescue, cancel and resume of a run. A writer with an older fence is refused.
package struct Fence: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let value: Int64
    package init(_ value: Int64) { self.value = value }
    package var next: Fence { Fence(value + 1) }
    package var description: String { String(value) }
    package static func < (left: Fence, right: Fence) -> Bool { left.value < right.value }
}

/// Milliseconds since 1970-01-01 UTC. The kernel never reads a clock: instants are passed in.
package struct Instant: Hashable, Sendable, Comparable {
    package let unixMilliseconds: Int64
    package init(unixMilliseconds: Int64) { self.unixMilliseconds = unixMilliseconds }
    package func advanced(byMilliseconds milliseconds: Int64) -> Instant {
        let (sum, overflow) = unixMilliseconds.addingReportingOverflow(milliseconds)
        return Instant(unixMilliseconds: overflow ? (milliseconds < 0 ? .min : .max) : sum)
    }
    package static func < (left: Instant, right: Instant) -> Bool { left.unixMilliseconds < right.unixMilliseconds }
}

/// A department's, task's, agent's or step's name as it appears in commands and URLs.
package enum Name {
    package static let maximumBytes = 64

    /// Lower-case letters, digits, hyphen, underscore and dot, starting with a letter or digit: safe in a path,
    /// a URL, a shell and a metric label.
    package static func isValid(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard let first = bytes.first, bytes.count <= maximumBytes, isAlphanumeric(first) else { return false }
        return bytes.allSatisfy { isAlphanumeric($0) || $0 == 45 || $0 == 46 || $0 == 95 }
    }

    /// For whom a run, a call or a budget is: what people sign in with, or a name such as a service's.
    package static func isUser(_ text: String) -> Bool { isValid(text) || EmailAddress.isValid(text) }

    /// How refusals say what ``isUser(_:)`` takes.
    package static let userForm = "an e-mail address, or a name of lower-case letters, digits, '.', '_' and '-'"

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte)
    }
}

/// `department/task`, as typed by people: `business/launch-case`.
package struct TaskReference: Hashable, Sendable, CustomStringConvertible {
    package let department: String
    package let task: String

    package init(department: String, task: String) {
        self.department = department
        self.task = task
    }

    /// Nil unless both parts are valid names.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, parts.allSatisfy(Name.isValid) else { return nil }
        self.init(department: parts[0], task: parts[1])
    }

    package var description: String { "\(department)/\(task)" }
}
