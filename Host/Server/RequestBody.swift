import Hummingbird
import Kernel

/// Reads request bodies strictly: bounded, JSON without duplicates, and checked against a schema, all errors at once.
struct BodyReader: Sendable {
    /// Where nobody says another limit: of what is always short.
    static let usualBytes = 1 << 20
    static let maximumDepth = 32

    let schema: JSONSchema
    /// What no body at all means; nil: it is refused.
    var missing: JSONValue?

    init(schema: JSONSchema, missing: JSONValue? = nil) {
        self.schema = schema
        self.missing = missing
    }

    /// - Parameter schema: one that stands in this program.
    init(own schema: JSONValue, missing: JSONValue? = nil) throws {
        do {
            self.init(schema: try JSONSchema(schema), missing: missing)
        } catch {
            throw Problem(.internalServerError, "internal", "the host's own schema is broken: \(error.description)")
        }
    }

    /// - Parameter maximum: how many bytes there may be.
    /// - Throws: ``Problem``: 413, 400 for what is no JSON, 422 with every violation.
    func read(_ request: Request, atMost maximum: Int = BodyReader.usualBytes) async throws -> JSONValue {
        let bytes = try await Self.collect(request, atMost: maximum)
        if bytes.isEmpty, let missing { return missing }
        let document: JSONValue
        do throws(JSONError) {
            document = try JSONParser.parse(
                bytes, limits: .init(maximumBytes: maximum, maximumDepth: Self.maximumDepth))
        } catch {
            throw Problem(.badRequest, "invalid_json", "the body is not JSON: \(error.description)")
        }
        let violations = schema.validate(document)
        guard violations.isEmpty else {
            throw Problem(
                .unprocessableContent, "invalid_body", "the body does not have the expected form",
                errors: violations.map { $0.json(under: "") })
        }
        return document
    }

    /// The whole body, or 413 as soon as it is too long.
    static func collect(_ request: Request, atMost maximum: Int = BodyReader.usualBytes) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in request.body {
            guard bytes.count + part.readableBytes <= maximum else {
                throw Problem(.contentTooLarge, "body_too_large", "the body has more than \(maximum) bytes")
            }
            bytes += part.readableBytesView
        }
        return bytes
    }
}
