extension EffectRequest {
    /// Reads ``encoded`` back. What no encoding holds (timeouts, chunk credit) is as if it was not given.
    ///
    /// Nil for bytes that no request has.
    package init?(encoded: [UInt8]) {
        guard var reader = ShapeReader(encoded), let request = Self.read(&reader), reader.isAtEnd else { return nil }
        self = request
    }

    private static func read(_ reader: inout ShapeReader) -> EffectRequest? {
        switch reader.kind {
        case .step: .step(shape: reader.bytes())
        case .model: .model(reader.model())
        case .tool: .tool(name: reader.text(), arguments: reader.bytes(), timeoutMilliseconds: 0)
        case .http: .http(reader.http())
        case .stateGet: .stateGet(key: reader.text())
        case .statePut:
            .statePut(key: reader.text(), value: reader.bytes(), expectedRevision: reader.optionalNumber())
        case .stateRemove: .stateRemove(key: reader.text(), expectedRevision: reader.optionalNumber())
        case .stateList: .stateList(prefix: reader.text())
        case .artifactPut: .artifactPut(name: reader.text(), mediaType: reader.text(), bytes: reader.bytes())
        case .artifactGet: .artifactGet(digest: reader.text())
        case .child:
            .child(TaskReference(department: reader.text(), task: reader.text()), input: reader.bytes())
        case .plan: .plan(reader.bytes())
        case .message: .message(department: reader.text(), type: reader.text(), payload: reader.bytes())
        case .approval: .approval(reader.approval())
        case .sleep: .sleep(milliseconds: reader.number())
        case .now: .now
        case .random: .random(count: Int(clamping: reader.number()))
        case .budgetRemaining: .budgetRemaining
        case .budgetReserve: .budgetReserve(Nanodollars(Int64(bitPattern: reader.number())))
        case .budgetRelease: .budgetRelease(ticket: reader.number())
        case .auditNote: .auditNote(type: reader.text(), json: reader.bytes())
        }
    }
}

/// Reads the fields that the encoding of a shape lists. A field that is not there reads as empty, and then the
/// whole is refused.
private struct ShapeReader {
    let kind: EffectKind
    private var rest: ArraySlice<UInt8>
    private var isBroken = false

    init?(_ bytes: [UInt8]) {
        let prefix = Array("bureau/shape/1/".utf8)
        guard bytes.starts(with: prefix), let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
            let number = Int(String(decoding: bytes[prefix.count..<max(end, prefix.count)], as: UTF8.self)),
            let kind = EffectKind(rawValue: number)
        else { return nil }
        self.kind = kind
        rest = bytes[(end + 1)...]
    }

    var isAtEnd: Bool { rest.isEmpty && !isBroken }

    private mutating func take(_ count: UInt64) -> ArraySlice<UInt8> {
        guard count <= UInt64(rest.count) else {
            isBroken = true
            return []
        }
        defer { rest = rest.dropFirst(Int(count)) }
        return rest.prefix(Int(count))
    }

    mutating func number() -> UInt64 { take(8).reduce(0) { $0 << 8 | UInt64($1) } }

    mutating func optionalNumber() -> UInt64? {
        switch take(1).first {
        case 0: return nil
        case 1: return number()
        default:
            isBroken = true
            return nil
        }
    }

    mutating func bytes() -> [UInt8] { Array(take(number())) }

    mutating func text() -> String {
        guard let text = String(validating: take(number()), as: UTF8.self) else {
            isBroken = true
            return ""
        }
        return text
    }

    mutating func model() -> ModelRequest {
        ModelRequest(
            model: text(), messages: bytes(), options: bytes(), maximumOutputTokens: optionalNumber(),
            maximumCost: optionalNumber().map { Nanodollars(Int64(bitPattern: $0)) })
    }

    mutating func http() -> HTTPRequest {
        HTTPRequest(
            method: text(), url: text(), headers: bytes(), body: bytes(), timeoutMilliseconds: nil,
            maximumResponseBytes: optionalNumber())
    }

    mutating func approval() -> ApprovalRequest {
        ApprovalRequest(title: text(), body: text(), content: bytes(), expiresMilliseconds: optionalNumber())
    }
}
