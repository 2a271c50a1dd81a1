import Kernel

/// One leaf before it has a place: its type and what it says.
///
/// Members are a list, not a dictionary: the writer makes some for every change, and only the cross-check looks
/// them up by name.
struct LeafContent: Sendable {
    typealias Member = (key: String, value: JSONValue)

    var type: String
    private var members: [Member]
    /// The member `now`: all that can change of a run.
    var now: [Member]?

    /// A member without a value is left out.
    init(_ type: String, _ members: KeyValuePairs<String, JSONValue?>, now: [Member]? = nil) {
        self.type = type
        self.members = Self.present(members)
        self.now = now
    }

    /// As read back.
    init(_ type: String, fields: [String: JSONValue]) {
        self.type = type
        members = fields.map { $0 }
    }

    static func present(_ members: KeyValuePairs<String, JSONValue?>) -> [Member] {
        var present: [Member] = []
        present.reserveCapacity(members.count + 4)
        for (key, value) in members {
            // `condition ? nil : text(name)` is null, not nothing: JSON's null has a literal too.
            guard let value else { continue }
            if case .null = value { continue }
            present.append((key, value))
        }
        return present
    }

    var fields: [String: JSONValue] {
        var fields = Dictionary(members, uniquingKeysWith: { $1 })
        if let now { fields["now"] = .object(Dictionary(now, uniquingKeysWith: { $1 })) }
        return fields
    }

    /// The bytes at a place in the log, as `CanonicalJSON` writes them.
    func bytes(index: Int64, timestamp: String) throws(CanonicalError) -> [UInt8] {
        var writer = LeafWriter()
        let place: [Member] = [("seq", .integer(index)), ("ts", .string(timestamp)), ("type", .string(type))]
        writer.write(members + place, now: now)
        if writer.fits { return writer.bytes }
        return try CanonicalJSON.encode(.object(fields.merging(place, uniquingKeysWith: { $1 })))
    }
}

/// Writes a flat object of names, numbers, flags and lists, and one or two such objects in it: the shape of every usual
/// leaf.
/// What else a leaf may hold, and whatever might not fit the profile of `Kernel/Audit`, it leaves to `CanonicalJSON`.
private struct LeafWriter {
    private(set) var bytes: [UInt8] = []
    private var isPlain = true

    init() { bytes.reserveCapacity(1_024) }

    /// False when the bytes must not be used.
    var fits: Bool { isPlain && bytes.count <= CanonicalJSON.maximumBytes }

    mutating func write(_ members: [LeafContent.Member], now: [LeafContent.Member]? = nil) {
        var pending = now
        bytes.append(UInt8(ascii: "{"))
        for member in members.sorted(by: { $0.key < $1.key }) {
            if let now = pending, member.key > "now" {
                writeNow(now)
                pending = nil
            }
            writeKey(member.key)
            write(member.value)
        }
        if let pending { writeNow(pending) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func writeNow(_ members: [LeafContent.Member]) {
        writeKey("now")
        write(members)
    }

    private mutating func writeKey(_ key: String) {
        if bytes.last != UInt8(ascii: "{") { bytes.append(UInt8(ascii: ",")) }
        isPlain = isPlain && (1...CanonicalJSON.maximumKeyBytes).contains(key.utf8.count)
        bytes.append(UInt8(ascii: "\""))
        for byte in key.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                bytes.append(byte)
            default: isPlain = false
            }
        }
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func write(_ value: JSONValue) {
        switch value {
        case .bool(let flag): bytes.append(contentsOf: (flag ? "true" : "false").utf8)
        case .integer(let number):
            isPlain = isPlain && number.magnitude <= UInt64(CanonicalJSON.maximumInteger)
            bytes.append(contentsOf: String(number).utf8)
        case .string(var text):
            bytes.append(UInt8(ascii: "\""))
            let isPlainText = text.withUTF8 { utf8 in
                bytes.append(contentsOf: utf8)
                return utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            }
            isPlain = isPlain && isPlainText
            bytes.append(UInt8(ascii: "\""))
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                write(element)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let members): write(members.map { ($0.key, $0.value) })
        case .null, .double: isPlain = false
        }
    }
}
