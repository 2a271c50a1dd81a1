package import Kernel

/// The columns of one row, read from left to right. A column that does not hold what its table promises marks the
/// row as broken instead of stopping the host; the session turns that into `.storage`.
struct SQLRow {
    private let values: [SQLValue]
    private var next = 0
    /// The first column that did not hold what was asked for.
    private(set) var brokenColumn: Int?

    init(_ values: [SQLValue]) { self.values = values }

    private mutating func take() -> SQLValue {
        defer { next += 1 }
        return next < values.count ? values[next] : .null
    }

    private mutating func broken() { brokenColumn = brokenColumn ?? next - 1 }

    /// What was read last does not go with what was read before.
    mutating func refuse() { broken() }

    mutating func optionalInteger() -> Int64? {
        switch take() {
        case .integer(let number): return number
        case .null: return nil
        default:
            broken()
            return nil
        }
    }

    mutating func optionalText() -> String? {
        switch take() {
        case .text(let text): return text
        case .null: return nil
        default:
            broken()
            return nil
        }
    }

    mutating func optionalBlob() -> [UInt8]? {
        switch take() {
        case .blob(let bytes): return bytes
        case .null: return nil
        default:
            broken()
            return nil
        }
    }

    private mutating func required<Value>(_ value: Value?, _ fallback: Value) -> Value {
        if value == nil { broken() }
        return value ?? fallback
    }

    mutating func integer() -> Int64 { required(optionalInteger(), 0) }
    mutating func int() -> Int { Int(integer()) }
    mutating func text() -> String { required(optionalText(), "") }
    mutating func blob() -> [UInt8] { required(optionalBlob(), []) }
    mutating func flag() -> Bool {
        let number = integer()
        if number != 0 && number != 1 { broken() }
        return number == 1
    }

    mutating func instant() -> Instant { Instant(unixMilliseconds: integer()) }
    mutating func optionalInstant() -> Instant? { optionalInteger().map(Instant.init(unixMilliseconds:)) }
    mutating func money() -> Nanodollars { Nanodollars(integer()) }

    mutating func digest() -> Digest {
        required(Digest(checking: blob()), Digest(bytes: Array(repeating: 0, count: 32)))
    }

    mutating func optionalDigest() -> Digest? {
        guard let bytes = optionalBlob() else { return nil }
        let digest = Digest(checking: bytes)
        if digest == nil { broken() }
        return digest
    }

    mutating func runID() -> RunID { required(RunID(bytes: blob()), RunID.nobody) }

    mutating func optionalRunID() -> RunID? {
        guard let bytes = optionalBlob() else { return nil }
        return required(RunID(bytes: bytes), RunID.nobody)
    }

    mutating func raw<Value: RawRepresentable>(_ fallback: Value) -> Value where Value.RawValue == Int {
        required(Value(rawValue: int()), fallback)
    }

    mutating func wants() -> Manifest.Wants {
        let document = try? JSONParser.parse(text())
        return required(document.flatMap { try? Manifest.Wants(json: $0) }, Manifest.Wants())
    }

    mutating func action() -> InstallRecord.Action { required(InstallRecord.Action(rawValue: text()), .removed) }
    mutating func origin() -> Grant.Origin { required(Grant.Origin(rawValue: text()), .enable) }
}

extension RunID {
    /// Stands in for an unreadable column, whose row is refused as a whole, and for the run of an event that none
    /// caused.
    package static let nobody = RunID(unixMilliseconds: 0, random: Array(repeating: 0, count: 10))
}

/// Arguments from the values of the kernel.
extension SQLValue {
    static func optional(_ number: Int64?) -> SQLValue { number.map(SQLValue.integer) ?? .null }
    static func optional(_ text: String?) -> SQLValue { text.map(SQLValue.text) ?? .null }
    static func optional(_ bytes: [UInt8]?) -> SQLValue { bytes.map(SQLValue.blob) ?? .null }
    static func optional(_ instant: Instant?) -> SQLValue { optional(instant?.unixMilliseconds) }
    static func int(_ number: Int) -> SQLValue { .integer(Int64(number)) }
    static func flag(_ flag: Bool) -> SQLValue { .integer(flag ? 1 : 0) }
    static func run(_ id: RunID) -> SQLValue { .blob(id.bytes) }
    static func digest(_ digest: Digest) -> SQLValue { .blob(digest.bytes) }
    static func money(_ amount: Nanodollars) -> SQLValue { .integer(amount.value) }
    static func instant(_ instant: Instant) -> SQLValue { .integer(instant.unixMilliseconds) }
}
