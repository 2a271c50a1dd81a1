import Kernel

/// The gateway's own words for what both protocols say (`bureau/model.h`).
enum Neutral {
    static func text(_ text: String, cache: JSONValue? = nil) -> JSONValue {
        part(["type": "text", "text": .string(text)], cache)
    }

    /// - Parameter path: where the image stands in the request.
    static func image(
        mediaType: String, base64: String, cache: JSONValue? = nil, at path: String
    ) throws(CallProblem) -> JSONValue {
        guard ChatImage.mediaTypes.contains(mediaType) else {
            let taken = ChatImage.mediaTypes.sorted().joined(separator: ", ")
            throw .unsupported(path, "\(mediaType) is not taken; there are: \(taken)")
        }
        guard !base64.isEmpty, Base64.decode(base64) != nil else {
            throw .invalid(path, "must have the image in base64")
        }
        return part(["type": "image", "media_type": .string(mediaType), "data_base64": .string(base64)], cache)
    }

    static func noURL(_ path: String) -> CallProblem {
        .unsupported(path, "this host fetches no images; send it in base64")
    }

    /// What is nothing but text is a string, which every provider takes.
    static func content(_ parts: [JSONValue]) -> JSONValue {
        let texts = parts.compactMap { part in part["cache"] == nil ? part["text"]?.stringValue : nil }
        return texts.count == parts.count ? .string(texts.joined(separator: "\n")) : .array(parts)
    }

    static func tool(name: String, description: String?, parameters: JSONValue?) -> JSONValue {
        var tool: [String: JSONValue] = ["name": .string(name)]
        if let description { tool["description"] = .string(description) }
        if let parameters { tool["parameters"] = parameters }
        return .object(tool)
    }

    private static func part(_ members: [String: JSONValue], _ cache: JSONValue?) -> JSONValue {
        .object(members.merging(cache.map { ["cache": $0] } ?? [:]) { $1 })
    }
}
