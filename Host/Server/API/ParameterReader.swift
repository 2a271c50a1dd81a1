import HTTPTypes
import Hummingbird
import Kernel

/// Reads the parameters of one operation: texts become what their schema's `type` says, and are checked by it.
struct ParameterReader: Sendable {
    private struct Entry: Sendable {
        var parameter: Operation.Parameter
        var schema: JSONSchema
    }

    private let entries: [Entry]
    private let known: Set<String>
    private let rest: String?

    init(_ operation: Operation) {
        entries = operation.parameters.map { Entry(parameter: $0, schema: OperationGate.compiled($0.schema)) }
        known = Set(operation.parameters.filter { $0.place == .query }.map(\.name))
        rest = operation.rest
    }

    /// - Throws: ``Problem``: 400 with every parameter that is missing, unknown or not as its schema says; 404 where
    /// what
    ///   does not fit is in the path, since there is nothing of that name.
    func read(_ request: Request, _ context: APIContext) throws -> [String: JSONValue] {
        var values: [String: JSONValue] = [:]
        var errors: [JSONValue] = []
        for name in Set(request.uri.queryParameters.map { String($0.key) }) where !known.contains(name) {
            errors.append(Self.error(name, "is not a parameter of this operation"))
        }
        for entry in entries {
            let name = entry.parameter.name
            let texts = try texts(of: entry.parameter, request, context)
            guard !texts.isEmpty else {
                if entry.parameter.isRequired { errors.append(Self.error(name, "is missing")) }
                continue
            }
            guard let value = Self.value(of: texts, entry.parameter.schema) else {
                errors.append(Self.error(name, "stands there twice"))
                continue
            }
            let violations = entry.schema.validate(value)
            if let first = violations.first, entry.parameter.place == .path {
                throw Problem(.notFound, "not_found", "there is nothing of this \(name): it \(first.message)")
            }
            errors += violations.map { Self.error(name, $0.message) }
            if violations.isEmpty { values[name] = value }
        }
        guard errors.isEmpty else {
            let first = ["parameter", "message"].compactMap { errors[0][$0]?.stringValue }.joined(separator: " ")
            throw Problem(.badRequest, "invalid", "wrong parameters: \(first)", errors: errors)
        }
        return values
    }

    private func texts(
        of parameter: Operation.Parameter, _ request: Request, _ context: APIContext
    ) throws -> [String] {
        switch parameter.place {
        case .query: return request.uri.queryParameters[values: parameter.name[...]].map(String.init)
        case .header: return HTTPField.Name(parameter.name).flatMap { request.headers[$0] }.map { [$0] } ?? []
        case .path:
            let found =
                parameter.name == rest
                ? context.parameters.getCatchAll().joined(separator: "/") : context.parameters.get(parameter.name)
            guard let found, !found.isEmpty else { return [] }
            guard let text = Self.decoded(found) else {
                throw Problem(.notFound, "not_found", "the path is not percent-encoded UTF-8")
            }
            return [text]
        }
    }

    /// Once; nil for what is no encoding of a text.
    static func decoded(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let next = rest.popFirst() {
            guard next == UInt8(ascii: "%") else {
                bytes.append(next)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self).lowercased()
            guard let byte = Hex.decode(digits), byte.count == 1 else { return nil }
            bytes += byte
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// An array takes all texts, anything else one.
    private static func value(of texts: [String], _ schema: JSONValue) -> JSONValue? {
        if schema["type"] == "array" {
            return .array(texts.map { scalar($0, schema["items"] ?? [:]) })
        }
        return texts.count == 1 ? scalar(texts[0], schema) : nil
    }

    private static func scalar(_ text: String, _ schema: JSONValue) -> JSONValue {
        switch schema["type"]?.stringValue {
        case "integer": Int64(text).map(JSONValue.integer) ?? .string(text)
        case "boolean": ["true": .bool(true), "false": .bool(false)][text] ?? .string(text)
        default: .string(text)
        }
    }

    private static func error(_ name: String, _ message: String) -> JSONValue {
        ["parameter": .string(name), "message": .string(message)]
    }
}
