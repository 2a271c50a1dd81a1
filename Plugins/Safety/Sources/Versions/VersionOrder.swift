/// How versions of an ecosystem are compared. OSV leaves that to each ecosystem's own rules.
enum VersionOrder: String, Sendable {
    case debian
    case pep440
    case semantic

    /// Nil for an ecosystem whose order is not implemented: nothing is said about its packages rather than something
    /// wrong. The part after a colon is a release ("Debian:12").
    init?(ecosystem: String) {
        switch ecosystem.prefix(while: { $0 != ":" }) {
        case "Debian", "Ubuntu": self = .debian
        case "PyPI": self = .pep440
        case "npm", "SwiftURL", "crates.io", "Go", "Hex": self = .semantic
        default: return nil
        }
    }

    var source: String {
        switch self {
        case .debian: "Debian Policy Manual §5.6.12"
        case .pep440: "PEP 440"
        case .semantic: "Semantic Versioning 2.0.0 §11"
        }
    }

    /// Nil when the text is no version of this kind.
    func parse(_ text: String) -> PackageVersion? {
        guard !text.isEmpty, text.utf8.count <= 256 else { return nil }
        switch self {
        case .debian: return DebianVersion(text).map(PackageVersion.debian)
        case .pep440: return PythonVersion(text).map(PackageVersion.python)
        case .semantic: return SemanticVersion(text).map(PackageVersion.semantic)
        }
    }
}

/// A version of one ecosystem. Two of different ecosystems have no order and are never compared: both come from one
/// ``VersionOrder``.
enum PackageVersion: Hashable, Sendable {
    case debian(DebianVersion)
    case python(PythonVersion)
    case semantic(SemanticVersion)

    static func < (left: Self, right: Self) -> Bool {
        switch (left, right) {
        case (.debian(let left), .debian(let right)): left < right
        case (.python(let left), .python(let right)): left < right
        case (.semantic(let left), .semantic(let right)): left < right
        default: false
        }
    }

    func isSame(as other: Self) -> Bool { !(self < other) && !(other < self) }
}

/// Decimal digits of any length, without value limits: `20230101000000000000` is no overflow.
struct Digits: Hashable, Comparable, Sendable {
    /// Without leading zeros; empty is zero.
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes.drop { $0 == 0x30 }) }

    static let zero = Digits([])

    static func < (left: Self, right: Self) -> Bool {
        left.bytes.count != right.bytes.count
            ? left.bytes.count < right.bytes.count : left.bytes.lexicographicallyPrecedes(right.bytes)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
}
