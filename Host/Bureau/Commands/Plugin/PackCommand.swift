import ArgumentParser
import Kernel
import Packages
import Placement

struct PackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pack", abstract: "Makes one reproducible file of a plugin, to sign and to ship.")

    @Argument(help: "A project's folder with a plugin.json, or a built library.")
    var source = "."

    @Option(name: .shortAndLong, help: "The file to write (default: NAME-VERSION-ARCH.bureau here).")
    var output: String?

    @Option(help: ArgumentHelp("A text file with the licence (default: as plugin.json says).", valueName: "file"))
    var license: String?

    @Option(help: ArgumentHelp("Refused from this Unix second on.", valueName: "seconds"))
    var expires: Int64?

    @OptionGroup var inspection: InspectionOptions

    // Not `OutputOptions`, whose place `-o` takes here.
    @Flag(help: "Write JSON to standard output and nothing else.")
    var json = false

    func run() async throws {
        let path = FilePath.absolute(source)
        let project = FilePath.isFolder(path) ? try PluginProject.load(path) : nil
        if let project, !FilePath.exists(project.library) {
            throw CommandFailure(
                .badInput,
                "\(project.library) is not built: run \(project.build.joined(separator: " ")) in \(path)")
        }
        let licensePath = license.map(FilePath.absolute) ?? project?.license
        let text = try licensePath.map { file throws(CommandFailure) in
            try PackageFile.contents(file, maximumBytes: PackageFile.maximumTextBytes)
        }
        let package = try await PackageFile.pack(
            library: project?.library ?? path, license: text, expires: expires, try inspection.placement())
        let target = FilePath.absolute(output ?? package.manifest.name)
        let bytes = package.bytes
        if let problem = FilePath.replace(target, with: bytes) { throw CommandFailure(.badInput, problem.text) }
        let terminal = Terminal.standard
        if json {
            let members: JSONValue = [
                "file": .string(target), "id": .string(package.manifest.id),
                "department": .string(package.manifest.department), "version": .string(package.manifest.version),
                "bytes": .integer(Int64(bytes.count)), "sha256": .string(Digest.sha256(bytes).hex),
            ]
            return terminal.line(members.serialized())
        }
        terminal.line("\(target)  \(bytes.count) bytes, sha256 \(Digest.sha256(bytes))")
        if text == nil { terminal.note("note: without a licence; --license adds one") }
        terminal.note("next: bureau plugin sign \(FilePath.name(target)) --key KEYFILE")
    }
}

/// For commands that have a plugin described, without a host.
struct InspectionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The least that the worker which looks at the plugin must be confined: none, basic, standard or strict.",
            valueName: "level"))
    var minIsolation: IsolationLevel = .standard

    func placement() throws(CommandFailure) -> Placement {
        var settings = PlacementSettings()
        settings.minimumIsolation = minIsolation
        do {
            return try Placement(workerPath: Installation.worker, settings: settings)
        } catch {
            throw CommandFailure(.pluginRefused, error.message)
        }
    }
}
