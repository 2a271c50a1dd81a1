import Engine
import HTTPTypes
package import Kernel

/// What the operations say of themselves, as OpenAPI 3.1, and as 3.0 for tools that know no newer. Made from the same
/// values that serve, so it cannot say anything else.
package struct OpenAPIDocument: Sendable {
    private static let summary = """
        Runs departments as agents, holds them to budgets, and keeps a log that can prove nothing was altered. Errors \
        are problem details (RFC 9457) with a stable code. Every path is served under /v1, /v2 and /v3 too; without a \
        prefix it is the newest. POSTs that create take Idempotency-Key.
        """

    let operations: [Operation]

    /// 3.1.
    package var json: JSONValue {
        var components: [String: JSONValue] = [:]
        var paths: [String: [String: JSONValue]] = [:]
        var tags: [String] = []
        for operation in operations {
            if !tags.contains(operation.tag) { tags.append(operation.tag) }
            paths[operation.template, default: [:]][operation.method.rawValue.lowercased()] =
                Self.hoisted(Self.item(operation), into: &components)
        }
        _ = Self.hoisted(Schema.problem, into: &components)
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Bureau", "version": .string(HostRuntime.version), "description": .string(Self.summary),
                "license": ["name": "MIT", "identifier": "MIT"],
            ],
            "servers": [["url": "/"], ["url": "/v3"], ["url": "/v2"], ["url": "/v1"]],
            "tags": .array(tags.map { ["name": .string($0)] }),
            "paths": .object(paths.mapValues { .object($0) }),
            "components": [
                "schemas": .object(components),
                "securitySchemes": [
                    "bearer": [
                        "type": "http", "scheme": "bearer", "description": "A token of POST /auth/login, or a key",
                    ],
                    "apiKey": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
                ],
                "responses": ["Problem": Self.problem("What was refused, and why")],
            ],
        ]
    }

    // MARK: One operation

    private static func item(_ operation: Operation) -> JSONValue {
        var item: [String: JSONValue] = [
            "operationId": .string(operation.id), "summary": .string(operation.summary),
            "tags": [.string(operation.tag)], "responses": responses(of: operation),
            "security": security(of: operation),
        ]
        let parameters = operation.parameters.map(parameter) + extraParameters(of: operation)
        if !parameters.isEmpty { item["parameters"] = .array(parameters) }
        if let body = operation.body {
            var content: [String: JSONValue] = ["schema": body.schema]
            content["example"] = body.example
            item["requestBody"] = [
                "required": .bool(body.missing == nil), "content": ["application/json": .object(content)],
            ]
        }
        if operation.isForOperators { item["x-bureau-operators-only"] = true }
        if !operation.isVersioned { item["servers"] = [["url": "/"]] }
        if case .needs(let resource, let verb) = operation.access {
            item["description"] = .string("Needs \(Permission(resource, verb)).")
        }
        return .object(item)
    }

    /// Scopes are listed with every scheme, as 3.1 has it.
    private static func security(of operation: Operation) -> JSONValue {
        switch operation.access {
        case .open: return []
        case .signedIn: return [["bearer": []], ["apiKey": []]]
        case .needs(let resource, let verb):
            let scopes: JSONValue = [.string(Permission(resource, verb).description)]
            return [["bearer": scopes], ["apiKey": scopes]]
        }
    }

    private static func parameter(_ parameter: Operation.Parameter) -> JSONValue {
        [
            "name": .string(parameter.name), "in": .string(parameter.place.rawValue),
            "description": .string(parameter.summary), "required": .bool(parameter.isRequired),
            "schema": parameter.schema,
        ]
    }

    private static func extraParameters(of operation: Operation) -> [JSONValue] {
        guard operation.takesKey else { return [] }
        return [
            parameter(
                .header(
                    "Idempotency-Key", "The client's name for the request: sent again, it is done once",
                    ["type": "string", "pattern": "^[!-~]{1,200}$"]))
        ]
    }

    private static func responses(of operation: Operation) -> JSONValue {
        var responses: [String: JSONValue] = [:]
        for answer in operation.answers {
            var response: [String: JSONValue] = ["description": .string(answer.summary)]
            var content: [String: JSONValue] = [:]
            for type in [answer.mediaType].compactMap(\.self) + answer.otherMediaTypes {
                let isJSON = type == "application/json"
                content[type] = isJSON ? ["schema": answer.schema ?? [:]] : ["schema": ["type": "string"]]
            }
            if !content.isEmpty { response["content"] = .object(content) }
            responses[String(answer.status)] = .object(response)
        }
        for (status, summary) in refusals(of: operation) where responses[status] == nil {
            responses[status] = operation.refusal == nil ? problem(summary) : ["description": .string(summary)]
        }
        responses["default"] =
            operation.refusal == nil
            ? ["$ref": "#/components/responses/Problem"] : ["description": "A refusal in the protocol's own words"]
        return .object(responses)
    }

    /// Those that a client of this operation should expect.
    private static func refusals(of operation: Operation) -> [(String, String)] {
        var refusals: [(String, String)] = []
        if !operation.parameters.isEmpty || operation.body != nil {
            refusals.append(("400", "The request is not one that can be read"))
        }
        if case .open = operation.access {} else { refusals.append(("401", "It is not known who asks")) }
        if case .needs = operation.access { refusals.append(("403", "Who asks may not")) }
        if operation.parameters.contains(where: { $0.place == .path }) {
            refusals.append(("404", "There is nothing of that name for who asks"))
        }
        if operation.body != nil {
            refusals += [
                ("413", "The body is too long"), ("415", "The body is not JSON"),
                ("422", "The body does not have the expected form: errors says where"),
            ]
        }
        if operation.takesKey || operation.method == .put || operation.method == .delete {
            refusals.append(("409", "The state of things does not allow it"))
        }
        refusals.append(("503", "The host starts, ends, or cannot reach its store"))
        return refusals
    }

    private static func problem(_ summary: String) -> JSONValue {
        [
            "description": .string(summary),
            "content": ["application/problem+json": ["schema": ["$ref": "#/components/schemas/Problem"]]],
        ]
    }

    // MARK: Components

    /// A schema with a title becomes a component, and a reference to it.
    private static func hoisted(_ value: JSONValue, into components: inout [String: JSONValue]) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { hoisted($0, into: &components) })
        case .object(let members):
            var changed: [String: JSONValue] = [:]
            for (name, member) in members {
                // What is an example is no schema, whatever it looks like.
                changed[name] = name == "example" ? member : hoisted(member, into: &components)
            }
            guard let title = members["title"]?.stringValue, members["type"] != nil else { return .object(changed) }
            components[title] = .object(changed)
            return ["$ref": .string("#/components/schemas/\(title)")]
        default: return value
        }
    }
}
