package import Kernel

/// A package whose files are all there, listed and unchanged. Whether its publisher is trusted is a question of its
/// own: ``trustedSigner(by:)``.
package struct PluginPackage: Sendable {
    package static let libraryName = "plugin.so"
    package static let licenseName = "LICENSE"
    package static let billName = "sbom.cdx.json"
    package static let manifestName = "manifest.json"
    package static let signatureName = "manifest.json.sig"

    package let manifest: PackageManifest
    package let manifestBytes: [UInt8]
    package let note: Note?
    package let files: [String: [UInt8]]

    package var library: [UInt8] { files[Self.libraryName] ?? [] }

    /// What is packed: a checked plugin.
    package struct Contents: Sendable {
        package var id: String
        package var department: String
        package var version: String
        package var abiMajor: Int
        package var abiMinor: Int
        package var toolchain: String
        package var architecture: String
        package var library: [UInt8]
        package var needed: [String]
        package var license: [UInt8]?
        package var expires: Int64?

        package init(
            id: String, department: String, version: String, abiMajor: Int, abiMinor: Int, toolchain: String,
            architecture: String, library: [UInt8], needed: [String], license: [UInt8]?, expires: Int64?
        ) {
            self.id = id
            self.department = department
            self.version = version
            self.abiMajor = abiMajor
            self.abiMinor = abiMinor
            self.toolchain = toolchain
            self.architecture = architecture
            self.library = library
            self.needed = needed
            self.license = license
            self.expires = expires
        }
    }

    package init(packing contents: Contents) throws(PackageError) {
        var files = [Self.libraryName: contents.library]
        files[Self.licenseName] = contents.license
        let licenseTitle = contents.license.flatMap { text in
            String(decoding: text, as: UTF8.self).split(separator: "\n").first.map(String.init)
        }
        files[Self.billName] = SoftwareBill.document(
            id: contents.id, department: contents.department, version: contents.version, license: licenseTitle,
            library: Digest.sha256(contents.library), needed: contents.needed, toolchain: contents.toolchain,
            architecture: contents.architecture)
        let listed = files.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
            PackageManifest.File(path: $0.key, size: $0.value.count, digest: Digest.sha256($0.value))
        }
        manifest = PackageManifest(
            id: contents.id, department: contents.department, version: contents.version, abiMajor: contents.abiMajor,
            abiMinor: contents.abiMinor, architecture: contents.architecture, toolchain: contents.toolchain,
            files: listed, expires: contents.expires)
        manifestBytes = try manifest.encoded()
        _ = try PackageManifest(decoding: manifestBytes)
        note = nil
        self.files = files
    }

    /// Reads a package from anywhere: every byte of it is listed, and every listed byte is there.
    package init(reading bytes: [UInt8]) throws(PackageError) {
        var entries: [String: [UInt8]] = [:]
        for entry in try TapeArchive.read(bytes) { entries[entry.name] = entry.bytes }
        guard let text = entries.removeValue(forKey: Self.manifestName) else {
            throw PackageError(.notAPackage, "not a package: it has no \(Self.manifestName)")
        }
        manifestBytes = text
        manifest = try PackageManifest(decoding: text)
        if let signed = entries.removeValue(forKey: Self.signatureName) {
            let read = try Note(publishers: signed)
            guard read.text.utf8.elementsEqual(text) else {
                throw PackageError(.badSignature, "what was signed is not this package's manifest")
            }
            note = read
        } else {
            note = nil
        }
        files = entries
        try checkFiles()
    }

    private init(_ package: PluginPackage, note: Note) {
        manifest = package.manifest
        manifestBytes = package.manifestBytes
        files = package.files
        self.note = note
    }

    private func checkFiles() throws(PackageError) {
        let listed = Set(manifest.files.map(\.path))
        guard listed.count == manifest.files.count else {
            throw PackageError(.wrongManifest, "\(Self.manifestName) lists a file twice")
        }
        if let extra = files.keys.sorted().first(where: { !listed.contains($0) }) {
            throw PackageError(.wrongFiles, "the package holds \(extra), which its manifest does not list")
        }
        for file in manifest.files {
            guard let bytes = files[file.path] else {
                throw PackageError(.wrongFiles, "the package lacks \(file.path), which its manifest lists")
            }
            guard bytes.count == file.size, Digest.sha256(bytes) == file.digest else {
                throw PackageError(.wrongDigest, "\(file.path) is not the file that was packed")
            }
        }
        guard files[Self.libraryName] != nil else {
            throw PackageError(.wrongFiles, "the package lacks \(Self.libraryName)")
        }
    }

    /// Beside the signatures that are there already; one of the same key is replaced.
    package func signed(with secret: NoteSecret) throws(PackageError) -> PluginPackage {
        do throws(NoteError) {
            let fresh = try Note(String(decoding: manifestBytes, as: UTF8.self), signedBy: [secret])
            let all = note?.adding(fresh.signatures) ?? fresh
            guard all.signatures.count <= Note.maximumPublishers else {
                throw NoteError(.malformed, "the package has \(Note.maximumPublishers) signatures, which is the most")
            }
            return PluginPackage(self, note: all)
        } catch {
            throw PackageError(error)
        }
    }

    package var bytes: [UInt8] {
        var entries = files.map { TapeArchive.Entry(name: $0.key, bytes: $0.value) }
        entries.append(TapeArchive.Entry(name: Self.manifestName, bytes: manifestBytes))
        if let note { entries.append(TapeArchive.Entry(name: Self.signatureName, bytes: Array(note.serialized.utf8))) }
        return TapeArchive.write(entries)
    }

    /// Who vouches for the package, of those that the operator trusts for this plugin.
    ///
    /// - Throws: `unsigned`, `untrusted` naming who signed, `wrongPublisher` for a key that is trusted for other
    ///   plugins only, `badSignature`.
    package func trustedSigner(by publishers: [TrustedPublisher]) throws(PackageError) -> NoteKey {
        guard let note else {
            throw PackageError(.unsigned, "\(manifest.id) \(manifest.version) is not signed")
        }
        let signers: [NoteKey]
        do throws(NoteError) { signers = try note.signers(among: publishers.map(\.key)) } catch {
            throw PackageError(error)
        }
        guard !signers.isEmpty else {
            let prints = note.signatures.map { $0.fingerprint }
            throw PackageError(
                .untrusted,
                "\(manifest.id) is signed by \(prints.joined(separator: ", ")), which is not trusted for it: get the "
                    + "publisher's key, which begins so, from a place that you trust, then run "
                    + "bureau plugin trust add KEY --plugin \(manifest.id)")
        }
        let pinned = publishers.filter { $0.plugin == nil || $0.plugin == manifest.id }.map(\.key)
        guard let signer = signers.first(where: pinned.contains) else {
            throw PackageError(
                .wrongPublisher, "\(signers[0].name) is trusted for other plugins, not for \(manifest.id)")
        }
        return signer
    }

    /// Whether this host can use it now.
    ///
    /// - Parameter now: Unix seconds.
    package func checkUsable(architecture: String, abiMajor: Int, abiMinor: Int, now: Int64) throws(PackageError) {
        guard manifest.architecture == architecture else {
            throw PackageError(
                .wrongArchitecture, "the package is for \(manifest.architecture), this machine is \(architecture)")
        }
        guard manifest.abiMajor == abiMajor else {
            throw PackageError(
                .wrongABI,
                "the plugin speaks ABI \(manifest.abiMajor).\(manifest.abiMinor), this host \(abiMajor).\(abiMinor)")
        }
        if let expires = manifest.expires, expires <= now {
            throw PackageError(.expired, "the package expired at Unix second \(expires): get a newer one")
        }
    }
}

/// A key that the operator trusts, for one plugin or for all.
package struct TrustedPublisher: Hashable, Sendable {
    package var key: NoteKey
    /// A plugin's id; nil: any.
    package var plugin: String?

    package init(key: NoteKey, plugin: String?) {
        self.key = key
        self.plugin = plugin
    }
}

/// The name of this machine's architecture in packages.
package enum Architecture {
    package static var current: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "unknown"
        #endif
    }
}
