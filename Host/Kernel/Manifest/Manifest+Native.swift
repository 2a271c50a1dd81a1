extension Manifest {
    package static let maximumNativeFunctions = 256

    /// A C function of the plugin's library that becomes the tool `name` without glue.
    package struct NativeFunction: Hashable, Sendable {
        package var name: String
        package var signature: NativeSignature
        package var summary: String
        package var timeoutSeconds: Int?
    }

    /// Reads `native`: `[{"symbol", "signature", "name", "summary", "timeout_seconds"}]`. The name starts with the
    /// department's, so that no plugin can take another's tool. `symbol`, where it stands, repeats the signature's.
    static func native(_ root: ManifestReader) throws(ManifestError) -> [NativeFunction] {
        guard (root.members.exactValue(forKey: "native") ?? .null) != .null else { return [] }
        let elements = try root.array("native")
        let place = root.pointer.appending("native")
        guard elements.count <= maximumNativeFunctions else {
            throw ManifestError(place, "must have at most \(maximumNativeFunctions) functions")
        }
        let prefix = try root.name("department") + "."
        var functions: [NativeFunction] = []
        for (index, element) in elements.enumerated() {
            let reader = try ManifestReader(element, at: place.appending(index))
            let function = try nativeFunction(reader, prefix: prefix)
            guard !functions.contains(where: { $0.name == function.name }) else {
                throw ManifestError(reader.pointer.appending("name"), "repeats the tool \"\(function.name)\"")
            }
            functions.append(function)
        }
        return functions
    }

    private static func nativeFunction(
        _ reader: ManifestReader, prefix: String
    ) throws(ManifestError) -> NativeFunction {
        let name = try reader.name("name")
        guard name.utf8.starts(with: prefix.utf8), name.utf8.count > prefix.utf8.count else {
            throw ManifestError(reader.pointer.appending("name"), "must start with \"\(prefix)\"")
        }
        let text = try reader.text("signature")
        let signature: NativeSignature
        do {
            signature = try NativeSignature(text)
        } catch {
            throw ManifestError(reader.pointer.appending("signature"), "is refused: \(error)")
        }
        if reader.members.exactValue(forKey: "symbol") != nil {
            let symbol = try reader.text("symbol")
            guard symbol.utf8.elementsEqual(signature.symbol.utf8) else {
                throw ManifestError(reader.pointer.appending("symbol"), "is not the signature's \(signature.symbol)")
            }
        }
        return NativeFunction(
            name: name, signature: signature, summary: try reader.text("summary"),
            timeoutSeconds: try reader.optionalInteger("timeout_seconds", in: 1...3_600))
    }
}
