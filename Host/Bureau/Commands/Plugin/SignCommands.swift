import ArgumentParser
import Kernel
import Packages

struct KeygenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen", abstract: "Makes a publisher's key pair (Ed25519).")

    @Argument(help: "The key's name: a domain, or a path below it, such as example.org/plugins.")
    var name: String

    @Option(
        name: [.customShort("o"), .customLong("into")],
        help: "The file for the private key, which must not exist (default: NAME.key here, with - for /).")
    var file: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let secret: NoteSecret
        do throws(PackageError) {
            secret = try NoteSecret(publisher: name)
        } catch {
            throw CommandFailure(.usage, error.message.printable)
        }
        let path = FilePath.absolute(file ?? name.replacing("/", with: "-") + ".key")
        try PackageFile.writeSecret(secret.text + "\n", to: path)
        let terminal = Terminal.standard
        if output.json {
            let members: JSONValue = ["key": .string(secret.key.description), "file": .string(path)]
            return terminal.line(members.serialized())
        }
        terminal.line("\(secret.key)")
        terminal.note("the private key is in \(path), keep it; the line above is public")
    }
}

struct SignCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Signs a package, in its place, beside the signatures it has.")

    @Argument(help: "The package.", completion: .file(extensions: ["bureau"]))
    var file: String

    @Option(help: ArgumentHelp("The private key that keygen made.", valueName: "file"))
    var key: String

    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = FilePath.absolute(file)
        let package = try PackageFile.read(path)
        let secret = try PackageFile.secret(FilePath.absolute(key))
        let signed: PluginPackage
        do throws(PackageError) {
            signed = try package.signed(with: secret)
        } catch {
            throw CommandFailure(.badInput, "\(file): \(error.message)")
        }
        if let problem = FilePath.replace(path, with: signed.bytes) { throw CommandFailure(.badInput, problem.text) }
        let manifest = package.manifest
        if output.json {
            let members: JSONValue = [
                "file": .string(path), "id": .string(manifest.id), "version": .string(manifest.version),
                "key": .string(secret.key.description),
            ]
            return Terminal.standard.line(members.serialized())
        }
        Terminal.standard.line("\(manifest.id) \(manifest.version) signed by \(secret.key)")
    }
}

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Checks a package: every byte, and who signed it.",
        discussion: "With --key those keys are trusted, otherwise those of the store (bureau plugin trust).")

    @Argument(help: "The package.", completion: .file(extensions: ["bureau"]))
    var file: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A public key to trust for this question; may be repeated.", valueName: "key"))
    var key: [String] = []

    @OptionGroup var storage: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let package = try PackageFile.read(FilePath.absolute(file))
        var trusted: [TrustedPublisher] = []
        for text in key { trusted.append(TrustedPublisher(key: try PackageFile.key(text), plugin: nil)) }
        if key.isEmpty { trusted = try await PluginShelf.load(storage).trusted }
        let signer: NoteKey
        do throws(PackageError) {
            signer = try package.trustedSigner(by: trusted)
        } catch {
            throw PackageFile.refusal(file, error)
        }
        let manifest = package.manifest
        if output.json {
            let members: JSONValue = [
                "id": .string(manifest.id), "department": .string(manifest.department),
                "version": .string(manifest.version), "signer": .string(signer.description),
                "library": .string(Digest.sha256(package.library).hex),
                "expires": manifest.expires.map { .integer($0) } ?? .null,
            ]
            return Terminal.standard.line(members.serialized())
        }
        Terminal.standard.line("\(manifest.id) \(manifest.version) is whole, and signed by \(signer)")
    }
}
