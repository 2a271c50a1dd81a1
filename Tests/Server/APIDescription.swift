import Foundation
import Kernel
import TestSupport
import Testing

/// The OpenAPI document as tests use it: what is there, and whether an answer is what it promises.
struct APIDescription: Sendable {
    struct Operation: Sendable {
        var id: String
        var method: String
        /// With `{names}`.
        var path: String
        var item: JSONValue

        var isOpen: Bool { item["security"] == [] }
        var isForOperators: Bool { item["x-bureau-operators-only"] == true }
        /// `runs.read`; nil for open ones.
        var permission: String? { item["security"]?.arrayValue?.first?["bearer"]?.arrayValue?.first?.stringValue }
        var isStream: Bool {
            item["responses"]?["200"]?["content"]?.objectValue?.keys.contains("text/event-stream") == true
        }
        var parameters: [JSONValue] { item["parameters"]?.arrayValue ?? [] }
        var example: JSONValue? { item["requestBody"]?["content"]?["application/json"]?["example"] }

        /// - Parameter values: by parameter; a name that is not there otherwise.
        func filled(_ values: [String: String] = [:], usual: String = "unknown") -> String {
            var filled = path
            for part in path.split(separator: "/") where part.hasPrefix("{") {
                let name = String(part.dropFirst().dropLast())
                filled = filled.replacingOccurrences(of: String(part), with: values[name] ?? usual)
            }
            return filled
        }
    }

    let document: JSONValue
    let operations: [Operation]

    init(_ document: JSONValue) {
        self.document = document
        var operations: [Operation] = []
        for (path, item) in (document["paths"]?.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
            for (method, operation) in (item.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) {
                operations.append(
                    Operation(
                        id: operation["operationId"]?.stringValue ?? "", method: method.uppercased(), path: path,
                        item: operation))
            }
        }
        self.operations = operations
    }

    subscript(_ id: String) -> Operation? { operations.first { $0.id == id } }

    /// Literal parts before parameters, as the router goes.
    func operation(_ method: String, _ path: String) -> Operation? {
        let parts = Self.parts(path)
        return operations.filter { $0.method == method && Self.fits(parts, Self.parts($0.path), $0) }
            .min { Self.wildness($0) < Self.wildness($1) }
    }

    private static func parts(_ path: String) -> [Substring] {
        var parts = (path.split(separator: "?", maxSplits: 1).first ?? "").split(separator: "/")
        if let first = parts.first, ["v1", "v2", "v3"].contains(first), parts.count > 1,
            !["chat", "messages", "models"].contains(parts[1])
        {
            parts.removeFirst()
        }
        return parts
    }

    private static func fits(_ parts: [Substring], _ template: [Substring], _ operation: Operation) -> Bool {
        let isOpenEnded = ["node", "tile", "model"].contains { template.last == "{\($0)}" }
        guard parts.count == template.count || (isOpenEnded && parts.count >= template.count) else { return false }
        return zip(parts, template).allSatisfy { $1.hasPrefix("{") || $0 == $1 }
    }

    private static func wildness(_ operation: Operation) -> Int {
        operation.path.split(separator: "/").filter { $0.hasPrefix("{") }.count
    }

    /// That an answer is one of those that are described, and has the form that is promised, with no member that is
    /// not.
    func check(_ response: LoopbackClient.Response, to method: String, _ path: String) throws {
        guard let operation = operation(method, path), !response.body.isEmpty else { return }
        let described = operation.item["responses"]?[String(response.status)] ?? operation.item["responses"]?["default"]
        let type = response.headers["content-type"]?.split(separator: ";").first.map(String.init) ?? ""
        guard type == "application/json" || type == "application/problem+json" else { return }
        guard let target = resolved(described)?["content"]?[type]?["schema"] else { return }
        var whole = document.objectValue ?? [:]
        whole["allOf"] = [target]
        let schema = try JSONSchema(Self.closed(.object(whole)))
        let violations = schema.validate(try response.json())
        let said = String(decoding: response.body.prefix(600), as: UTF8.self)
        #expect(
            violations.isEmpty, "\(method) \(path) \(response.status): \(violations.prefix(3)) in \(said)")
    }

    private func resolved(_ value: JSONValue?) -> JSONValue? {
        guard let reference = value?["$ref"]?.stringValue else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0?[String($1)] ?? .null }
    }

    /// A member that nobody promised is a mistake of the description.
    private static func closed(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(closed))
        case .object(let members):
            var changed = members.mapValues(closed)
            if members["type"] == "object", members["properties"]?.objectValue != nil,
                members["additionalProperties"] == nil
            {
                changed["additionalProperties"] = false
            }
            return .object(changed)
        default: return value
        }
    }
}
