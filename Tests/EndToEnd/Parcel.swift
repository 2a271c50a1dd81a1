import Foundation
import Kernel
import TestSupport

/// A publisher with a key, and packages made and signed by the command.
struct Parcel {
    let command: Command
    let key: String
    let keyFile: String

    init() throws {
        command = try Command()
        keyFile = command.scratch.folder("example.key")
        let made = try command("plugin", "keygen", "example.org/plugins", "--into", keyFile, "--json")
        guard let key = try made.json()["key"]?.stringValue else { throw Failure(.internal, made.errors) }
        self.key = key
    }

    static func library(_ version: String, _ defines: String...) throws -> String {
        let quoted = ["VERSION=\"\(version)\""] + defines
        return try CompiledPlugin.build("parcel", quoted)
    }

    static let wantsModels = #"WANTS="{\"models\":[\"*\"]}""#

    /// - Returns: the package's path.
    func package(_ library: String, signed: Bool = true, _ options: String...) throws -> String {
        let file = command.scratch.folder("\(UUID()).bureau")
        let packed = try command.run(["plugin", "pack", library, "-o", file, "--json"] + options)
        guard packed.status == 0 else { throw Failure(.internal, packed.errors) }
        if signed { try sign(file) }
        return file
    }

    func sign(_ file: String, _ key: String? = nil) throws {
        let signed = try command("plugin", "sign", file, "--key", key ?? keyFile)
        guard signed.status == 0 else { throw Failure(.internal, signed.errors) }
    }

    func trust() throws {
        let trusted = try command("plugin", "trust", "add", key, "--plugin", "org.example.parcel")
        guard trusted.status == 0 else { throw Failure(.internal, trusted.errors) }
    }

    /// Trusts the key, and installs this version.
    func install(_ version: String) throws {
        try trust()
        let result = try command("plugin", "install", try package(try Self.library(version)))
        guard result.status == 0 else { throw Failure(.internal, result.errors) }
    }

    /// Version and digest of the installed library; nil: nothing is installed.
    func installed(in store: String? = nil) throws -> (version: String, library: String)? {
        let listed = try command.run(["plugin", "list", "--json"] + (store.map { ["--store", $0] } ?? [])).json()
        guard let plugin = listed["plugins"]?.arrayValue?.first, let version = plugin["version"]?.stringValue,
            let library = plugin["library"]?.stringValue
        else { return nil }
        return (version, library)
    }

    func run() throws -> Command.Result { try command("run", "parcel/answer", "--input", "{}", "--json") }

    func libraries(in store: String? = nil) -> [String] {
        let folder = (store ?? command.store) + "/plugins"
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }
}
