package import Kernel

/// OpenAPI 3.0 has a dialect of JSON Schema of its own: null is a flag, there are no constants, no boolean schemas.
extension OpenAPIDocument {
    package var json30: JSONValue {
        guard case .object(var document) = Self.older(json) else { return json }
        document["openapi"] = "3.0.3"
        if case .object(var info)? = document["info"] {
            info["license"] = ["name": "MIT"]
            document["info"] = .object(info)
        }
        // 3.0 knows scopes of OAuth alone: they stay in the descriptions.
        if case .object(let paths)? = document["paths"] {
            document["paths"] = .object(paths.mapValues(Self.withoutScopes))
        }
        return .object(document)
    }

    private static func withoutScopes(_ path: JSONValue) -> JSONValue {
        .object(
            (path.objectValue ?? [:]).mapValues { operation in
                guard case .object(var members) = operation, let security = members["security"]?.arrayValue else {
                    return operation
                }
                members["security"] = .array(
                    security.map { .object(($0.objectValue ?? [:]).mapValues { _ in [] }) })
                return .object(members)
            })
    }

    private static func older(_ value: JSONValue) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map(older))
        case .object(let members):
            var changed: [String: JSONValue] = [:]
            for (name, member) in members { changed[name] = name == "example" ? member : older(member) }
            return nullable(changed)
        default: return value
        }
    }

    private static func nullable(_ members: [String: JSONValue]) -> JSONValue {
        var members = members
        if let types = members["type"]?.arrayValue {
            let others = types.filter { $0 != "null" }
            if others.count == 1 { members["type"] = others[0] }
            members["nullable"] = .bool(types.count > others.count)
        }
        if let options = members["anyOf"]?.arrayValue, options.contains(["type": "null"]) {
            let others = options.filter { $0 != ["type": "null"] }
            members["nullable"] = true
            // Beside a reference nothing else counts.
            members["anyOf"] = nil
            members["allOf"] = .array(others)
        }
        return .object(members)
    }
}
