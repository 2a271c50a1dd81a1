import Audit
import Engine
import HostConfiguration
import Identity
import Journal
import Kernel

/// Looks for what keeps a host from working, without changing anything. Each check is a method that says what it saw.
struct Doctor: Sendable {
    /// The checks by name, in the order in which they are made: what others rest on comes first.
    static let checks: [(name: String, words: String)] = [
        ("settings", "bureau.yaml, the environment: read without an error, and nobody but its owner writes them"),
        ("secrets", "files with keys and tokens are their owner's alone"),
        ("machine", "memory, disk, limits of the process, the clock"),
        ("programs", "bureau-worker, bureau-egress, git"),
        ("store", "readable, of this schema, sound; who holds it"),
        ("port", "free, or a host of Bureau answers there"),
        ("exposure", "the API is not open to a network without users; the list of origins is well formed"),
        ("certificate", "in force, and of its key"),
        ("plugins", "accepted, granted, not in quarantine, confined as asked"),
        ("models", "the gateway file is sound, its keys are there, its providers answer"),
        ("audit", "checkpoints keep up, inside and outside of the store"),
        ("work", "runs that failed or stand still, dead letters, consumers that lag, stopped budgets"),
        ("backups", "there is one, and it is young"),
        ("log", "the end of the log has no errors"),
    ]

    let options: HostOptions
    let look: DoctorOptions
    let now: Instant

    var configuration: Configuration { options.settings }
    var folder: String { options.storage.folder }

    /// - Parameter isWanted: which of ``checks`` are made.
    func examine(_ isWanted: (String) -> Bool, progress: (String) -> Void) async -> Findings {
        var all: [Finding] = []
        for (name, _) in Self.checks where isWanted(name) {
            progress(name)
            let found = await examine(name)
            all += found.isEmpty ? [Finding(name, .ok, "nothing wrong")] : found
        }
        return Findings(all: all)
    }

    private func examine(_ name: String) async -> [Finding] {
        switch name {
        case "settings": settings()
        case "secrets": secrets()
        case "machine": machine()
        case "programs": programs()
        case "store": await store()
        case "port": await port()
        case "exposure": exposure()
        case "certificate": certificate()
        case "plugins": await plugins()
        case "models": await models()
        case "audit": await audit()
        case "work": await work()
        case "backups": backups()
        case "log": log()
        default: []
        }
    }

    // MARK: Settings

    private func settings() -> [Finding] {
        let loaded = Configured.loaded
        var found: [Finding] = []
        found += loaded.problems.map { Finding("settings", .failure, $0.description) }
        found += loaded.configuration.notes.map { Finding("settings", .warning, $0.description) }
        if let url = loaded.configuration[Settings.databaseURL], !url.hasPrefix("sqlite:"),
            !loaded.configuration.isGiven(Settings.storeFolder.setting)
        {
            found.append(
                Finding(
                    "settings", .failure,
                    "DATABASE_URL names PostgreSQL, and this build keeps its store in a folder",
                    advice: "DATABASE_URL=sqlite:///FOLDER, or BUREAU_STORE"))
        }
        if let file = loaded.file, let reason = FileOwner.distrust(file) {
            found.append(Finding("settings", .warning, "\(file) \(reason)", advice: "chmod o-w, chown"))
        }
        if found.isEmpty { found.append(Finding("settings", .ok, loaded.file.map { "read from \($0)" } ?? "defaults")) }
        return found
    }

    private func secrets() -> [Finding] {
        let identity = IdentityFiles(storeFolder: folder)
        let files =
            [FilePath.join(folder, "keys.vault-key"), identity.operatorToken, identity.keys]
            + [SubjectFiles.beside(folder).keys, HostSettings.auditPlace(storeFolder: folder).keyPath]
            + [HostContexts.path]
            + [Configured.loaded.variables, configuration.path(Settings.certificateKey)].compactMap { $0 }
        return files.compactMap { path in
            FileOwner.exposure(path).map { Finding("secrets", .failure, "\(path) \($0)", advice: "chmod 600 \(path)") }
        }
    }

    private func exposure() -> [Finding] {
        var found: [Finding] = []
        let host = configuration[Settings.host]
        if !HostClient.isLoopback("http://\(host.contains(":") ? "[\(host)]" : host)"), !configuration[Settings.secure]
        {
            found.append(
                Finding(
                    "exposure", .failure,
                    "server.host is \(host), and security.secure is off: whoever reaches it may do all",
                    advice: "listen on 127.0.0.1, or turn security.secure on"))
        }
        // Variables of others that are wrong do not stop the host; a page that cannot log in should say why.
        for name in Settings.corsOrigins.setting.environment {
            for origin in (Environment.value(name) ?? "").split(separator: ",") {
                let text = String(origin.drop(while: \.isWhitespace))
                if let problem = Origin.problem(text) {
                    found.append(Finding("exposure", .failure, "\(name) \(problem)"))
                }
            }
        }
        return found
    }
}
