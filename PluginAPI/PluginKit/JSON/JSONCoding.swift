package import FoundationEssentials

/// JSON as it crosses the boundary: sorted keys, so that the shape of a journaled request is stable.
package enum JSONCoding {
    // Configured once and never changed: encoders and decoders are safe to share from then on.
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    package static func encode(_ value: some Encodable, _ what: String) throws(TaskFailure) -> Data {
        do {
            return try encoder.encode(value)
        } catch {
            throw TaskFailure(.internal, "\(what) cannot be encoded as JSON: \(reason(error))")
        }
    }

    package static func decode<T: Decodable>(
        _ type: T.Type, from data: Data, _ what: String, failing status: FailureStatus
    ) throws(TaskFailure) -> T {
        do {
            return try decoder.decode(type, from: data)
        } catch {
            throw TaskFailure(status, "\(what) does not decode as \(type): \(reason(error))")
        }
    }

    private static func reason(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, let context):
            return "\(path(context.codingPath)) has no \"\(key.stringValue)\""
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            return "\(path(context.codingPath)): \(context.debugDescription)"
        case EncodingError.invalidValue(let value, let context):
            return "\(path(context.codingPath)): \(context.debugDescription) (\(value))"
        default:
            return String(describing: error)
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.isEmpty ? "the document" : keys.map { "/" + $0.stringValue }.joined()
    }
}
