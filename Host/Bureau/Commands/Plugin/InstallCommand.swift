import ArgumentParser
import Engine
import Journal
import Kernel
import Packages
import Placement
import Server

struct InstallOptions: ParsableArguments {
    @Argument(help: "The package.", completion: .file(extensions: ["bureau"]))
    var file: String

    @Flag(help: "Take a package that nobody signed.")
    var allowUnsigned = false

    @Flag(help: "Take a version that is older than one that was installed before, or the same with other contents.")
    var allowDowngrade = false

    @OptionGroup var inspection: InspectionOptions
    @OptionGroup var storage: StoreOptions
    @OptionGroup var output: OutputOptions
}

struct InstallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install", abstract: "Installs a package into the store.",
        discussion: """
            The package must be signed by a key that is trusted for it (bureau plugin trust add). What the plugin asks
            for is shown; bureau departments enable grants it. No network is used.
            """)

    @OptionGroup var options: InstallOptions

    func run() async throws { try await PackageInstall(options: options, isUpgrade: false).run() }
}

struct UpgradeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upgrade", abstract: "Replaces an installed plugin by another version.",
        discussion: """
            As install. A version that asks for more than was granted waits until bureau departments enable grants it.
            bureau plugin rollback goes back.
            """)

    @OptionGroup var options: InstallOptions

    func run() async throws { try await PackageInstall(options: options, isUpgrade: true).run() }
}

private struct PackageInstall {
    let options: InstallOptions
    let isUpgrade: Bool

    private struct Outcome: Sendable {
        var record: InstallRecord
        var verdict: InstallJudge.Verdict
        var wants: Manifest.Wants
        var standing: GrantStanding
    }

    func run() async throws(CommandFailure) {
        let package = try PackageFile.read(FilePath.absolute(options.file))
        // Asked first without holding the store, so that a refusal leaves no trace and comes beside a running host.
        _ = try judge(package, try await PluginShelf.load(options.storage))
        let outcome = try await PluginShelf.changing(options.storage) { shelf, journal throws(CommandFailure) in
            try await install(package, on: shelf, journal)
        }
        show(outcome)
    }

    private func judge(_ package: PluginPackage, _ shelf: PluginShelf) throws(CommandFailure) -> InstallJudge.Verdict {
        do throws(PackageError) {
            return try InstallJudge(
                allowsUnsigned: options.allowUnsigned, allowsDowngrade: options.allowDowngrade, isUpgrade: isUpgrade
            ).judge(package, for: shelf)
        } catch {
            throw PackageFile.refusal(options.file, error)
        }
    }

    private func install(
        _ package: PluginPackage, on shelf: PluginShelf, _ journal: SQLiteJournal
    ) async throws(CommandFailure) -> Outcome {
        let verdict = try judge(package, shelf)
        let manifest = package.manifest
        let placement = try options.inspection.placement()
        try await requireFree(manifest.department, placement)
        let descriptor = try await PackageFile.inspect(try shelf.keep(package.library), placement)
        guard descriptor.id == manifest.id, descriptor.manifest.department == manifest.department,
            descriptor.version == manifest.version
        else {
            throw CommandFailure(
                .pluginRefused,
                "\(options.file): the library says it is \(descriptor.id.printable) \(descriptor.version.printable), "
                    + "the package \(manifest.id) \(manifest.version)")
        }
        let record = InstallRecord(
            action: verdict.action, department: manifest.department, plugin: manifest.id, version: manifest.version,
            library: verdict.library, package: Digest.sha256(package.manifestBytes),
            signer: verdict.signer?.description, by: Environment.user)
        let isUnchanged = verdict.isUnchanged
        let (stored, grants) = try await journal.commit { journal throws(JournalError) in
            (
                isUnchanged ? record : try journal.installAppend(record),
                try journal.grants(department: record.department)
            )
        }
        let inForce = grants.last.flatMap { $0.isRevoked ? nil : $0.grant }
        return Outcome(
            record: isUnchanged ? verdict.before ?? record : stored, verdict: verdict,
            wants: descriptor.manifest.wants,
            standing: GrantStanding(
                of: descriptor.manifest.wants, plugin: descriptor.id, inForce: inForce,
                readOnlyTools: ReadOnlyTools.names))
    }

    /// The departments that came with the command are upgraded with it.
    private func requireFree(_ department: String, _ placement: Placement) async throws(CommandFailure) {
        for path in Installation.plugins {
            // A file that is refused offers no department.
            guard let bundled = try? await placement.inspect(path), bundled.manifest.department == department else {
                continue
            }
            throw CommandFailure(
                .pluginRefused, "\(options.file): department \(department) came with bureau, and changes with it")
        }
    }

    private func show(_ outcome: Outcome) {
        let record = outcome.record, terminal = Terminal.standard
        if options.output.json {
            var members = record.json.objectValue ?? [:]
            members["unchanged"] = .bool(outcome.verdict.isUnchanged)
            members["previous"] = outcome.verdict.before.map { .string($0.version) } ?? .null
            members["asks"] = .array(outcome.wants.summary(readOnlyTools: ReadOnlyTools.names).map { .string($0) })
            members["grant"] = outcome.standing.json
            return terminal.line(JSONValue.object(members).serialized())
        }
        let name = "\(record.department) \(record.version)"
        if outcome.verdict.isUnchanged {
            terminal.line("\(name) is installed already, \(record.signedBy)")
        } else if let before = outcome.verdict.before {
            terminal.line("upgraded \(name), \(record.signedBy); it was \(before.version)")
        } else {
            terminal.line("installed \(name), \(record.signedBy)")
        }
        GrantView(wants: outcome.wants, standing: outcome.standing).lines(style: terminal.outputStyle)
            .forEach { terminal.line($0) }
        if outcome.standing.isMissing { terminal.line("\nnext: bureau departments enable \(record.department)") }
    }
}
