import FoundationEssentials
import PluginKit

/// An effect as it was asked for: its kind, what its answer depends on, and how the fake world performs it.
struct FakeEffect: Sendable {
    var kind: String
    /// As a host encodes it (`Host/Kernel/Effects/EffectShape.swift`): its SHA-256 is the shape in a fixture.
    var shape: Data
    var parts: [EffectPart]
    var chunkCredit: UInt64 = 0
    /// - Parameter step: the step's name.
    var perform: @Sendable (_ step: String) -> EffectOutcome

    init(_ kind: String, _ parts: [EffectPart], perform: @escaping @Sendable (_ step: String) -> EffectOutcome) {
        self.kind = kind
        self.parts = parts
        self.perform = perform
        let number = Self.kinds.firstIndex(of: kind).map(String.init) ?? kind
        shape = parts.reduce(into: Data("bureau/shape/1/\(number)\n".utf8)) { $1.encode(into: &$0) }
    }

    var shapeDigest: String { SHA256.hexadecimal(of: shape) }

    /// The request for people, as a fixture has it.
    var json: JSONValue {
        .object(Dictionary(parts.map { ($0.name, $0.json) }, uniquingKeysWith: { first, _ in first }))
    }

    /// In the order of their numbers, which never change.
    private static let kinds = [
        "step", "model", "tool", "http", "state.get", "state.put", "state.remove", "state.list", "artifact.put",
        "artifact.get", "child", "plan", "message", "approval", "sleep", "now", "random", "budget.remaining",
        "budget.reserve", "budget.release", "audit.note",
    ]
}

/// One field of a request.
enum EffectPart: Sendable {
    case text(String, String)
    /// A document, or whatever bytes it is.
    case bytes(String, Data)
    case number(String, UInt64)
    case optional(String, UInt64?)

    /// 0 is "not given".
    static func given(_ name: String, _ number: UInt64) -> EffectPart { .optional(name, number == 0 ? nil : number) }

    var name: String {
        switch self {
        case .text(let name, _), .bytes(let name, _), .number(let name, _), .optional(let name, _): name
        }
    }

    /// Bytes and texts with their lengths before them, so that no two lists of parts look the same.
    func encode(into data: inout Data) {
        switch self {
        case .text(_, let text): EffectPart.bytes("", Data(text.utf8)).encode(into: &data)
        case .bytes(_, let bytes):
            EffectPart.number("", UInt64(bytes.count)).encode(into: &data)
            data += bytes
        case .number(_, let number): withUnsafeBytes(of: number.bigEndian) { data.append(contentsOf: $0) }
        case .optional(_, let number):
            data.append(number == nil ? 0 : 1)
            if let number { EffectPart.number("", number).encode(into: &data) }
        }
    }

    var json: JSONValue {
        switch self {
        case .text(_, let text): .string(text)
        case .bytes(_, let bytes): Self.readable(bytes)
        case .number(_, let number): Self.json(number)
        case .optional(_, let number): number.map(Self.json) ?? .null
        }
    }

    private static func json(_ number: UInt64) -> JSONValue {
        Int64(exactly: number).map { .integer($0) } ?? .string(String(number))
    }

    /// The document that the bytes spell, or the text, or how many they are and their digest.
    static func readable(_ bytes: Data) -> JSONValue {
        if let document = try? JSONDecoder().decode(JSONValue.self, from: bytes) { return document }
        if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
        return ["bytes": .integer(Int64(bytes.count)), "sha256": .string(SHA256.hexadecimal(of: bytes))]
    }
}
