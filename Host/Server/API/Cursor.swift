import Crypto
import HTTPTypes
import Kernel

/// Where a page ended, as a text that means nothing to its reader: bound to the operation, what was asked, and who
/// asked, by a code that only this host can make. A restart makes a new key, and old cursors then fail.
struct CursorKeeper: Sendable {
    private static let codeBytes = 16
    private static let positionBytes = 8

    private let key = SymmetricKey(size: .bits256)

    func cursor(after position: Int64, for call: APICall) -> JSONValue {
        let bytes = withUnsafeBytes(of: position.bigEndian) { Array($0) }
        return .string(Hex.encode(bytes + code(bytes, call)))
    }

    /// - Throws: 400 for any other text than a cursor of this operation, caller and filter.
    func position(_ text: String?, for call: APICall) throws -> Int64? {
        guard let text else { return nil }
        guard let bytes = Hex.decode(text), bytes.count == Self.positionBytes + Self.codeBytes else { throw invalid }
        let position = Array(bytes.prefix(Self.positionBytes))
        guard ConstantTime.isEqual(Array(bytes.dropFirst(Self.positionBytes)), code(position, call)) else {
            throw invalid
        }
        return position.reduce(0) { $0 << 8 | Int64($1) }
    }

    private var invalid: Problem {
        Problem(
            .badRequest, "invalid_cursor",
            "the cursor is not one that this host made for this question; begin again without it")
    }

    private func code(_ position: [UInt8], _ call: APICall) -> [UInt8] {
        var asked = call.parameters
        asked["cursor"] = nil
        asked["limit"] = nil
        let question: JSONValue = [
            "operation": .string(call.operation.id), "tenant": .init(call.caller.tenant), "of": .string(call.caller.id),
            "reach": .integer(Int64(call.reach.rawValue)), "asked": .object(asked),
        ]
        let code = HMAC<SHA256>.authenticationCode(for: position + question.bytes, using: key)
        return Array(Array(code).prefix(Self.codeBytes))
    }
}
