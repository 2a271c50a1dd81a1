package import Kernel

/// What a package says of itself: the text that is signed.
package struct PackageManifest: Hashable, Sendable {
    package static let format: Int64 = 1
    package static let maximumBytes = CanonicalJSON.maximumBytes

    package struct File: Hashable, Sendable {
        package var path: String
        package var size: Int
        package var digest: Digest
    }

    package var id: String
    package var department: String
    package var version: String
    package var abiMajor: Int
    package var abiMinor: Int
    package var architecture: String
    package var toolchain: String
    /// All other files but the signature, by name.
    package var files: [File]
    /// Unix seconds.
    package var expires: Int64?

    package var name: String { "\(department)-\(version)-\(architecture).bureau" }

    package func encoded() throws(PackageError) -> [UInt8] {
        var members: [String: JSONValue] = [
            "format": .integer(Self.format), "id": .string(id), "department": .string(department),
            "version": .string(version), "arch": .string(architecture), "toolchain": .string(toolchain),
            "abi": ["major": .integer(Int64(abiMajor)), "minor": .integer(Int64(abiMinor))],
            "files": .array(
                files.map {
                    ["path": .string($0.path), "size": .integer(Int64($0.size)), "sha256": .string($0.digest.hex)]
                }),
        ]
        if let expires { members["expires"] = .integer(expires) }
        do throws(CanonicalError) {
            return try CanonicalJSON.encode(.object(members)) + [0x0A]
        } catch {
            throw PackageError(.wrongManifest, "the package's manifest cannot be written: \(error)")
        }
    }

    package init(
        id: String, department: String, version: String, abiMajor: Int, abiMinor: Int, architecture: String,
        toolchain: String, files: [File], expires: Int64?
    ) {
        self.id = id
        self.department = department
        self.version = version
        self.abiMajor = abiMajor
        self.abiMinor = abiMinor
        self.architecture = architecture
        self.toolchain = toolchain
        self.files = files
        self.expires = expires
    }

    package init(decoding bytes: [UInt8]) throws(PackageError) {
        func wrong(_ what: String) -> PackageError { PackageError(.wrongManifest, "manifest.json \(what)") }
        guard bytes.last == 0x0A else { throw wrong("does not end with a newline") }
        let document: JSONValue
        do throws(CanonicalError) {
            document = try CanonicalJSON.decode(bytes.dropLast())
        } catch {
            throw wrong("is not canonical JSON: \(error)")
        }
        func text(_ key: String) throws(PackageError) -> String {
            guard let text = document[key]?.stringValue, (1...256).contains(text.utf8.count) else {
                throw wrong("needs the text \"\(key)\"")
            }
            return text
        }
        guard document["format"]?.integerValue == Self.format else {
            throw wrong("has another format than \(Self.format): a newer host may read it")
        }
        guard let major = document["abi"]?["major"]?.integerValue, let minor = document["abi"]?["minor"]?.integerValue
        else { throw wrong("needs \"abi\" with major and minor") }
        self.init(
            id: try text("id"), department: try text("department"), version: try text("version"),
            abiMajor: Int(major), abiMinor: Int(minor), architecture: try text("arch"),
            toolchain: try text("toolchain"), files: try Self.files(document["files"]),
            expires: document["expires"]?.integerValue)
        guard SemanticVersion(version) != nil else { throw wrong("version \"\(version)\" is not semantic") }
        guard id.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else { throw wrong("id is not of plain characters") }
        guard Name.isValid(department) else { throw wrong("department \"\(department)\" is no department's name") }
        // Whatever else it says, or says in another type, would be signed and not understood.
        guard try encoded() == bytes else { throw wrong("says more than this host understands") }
    }

    private static func files(_ list: JSONValue?) throws(PackageError) -> [File] {
        var files: [File] = []
        for item in list?.arrayValue ?? [] {
            guard let path = item["path"]?.stringValue, let size = item["size"]?.integerValue, size >= 0,
                let digest = item["sha256"]?.stringValue.flatMap(Digest.init(hex:)), TapeArchive.isSafe(path)
            else { throw PackageError(.wrongManifest, "manifest.json lists file \(files.count + 1) wrongly") }
            files.append(File(path: path, size: Int(size), digest: digest))
        }
        return files
    }
}
