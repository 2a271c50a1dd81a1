import Engine
import Glibc
import HostConfiguration
import Kernel
import Logging
import Server

extension Configuration {
    /// What is logged at least.
    var logLevel: Logger.Level {
        self[Settings.debug] ? .debug : Logger.Level(rawValue: self[Settings.logLevel]) ?? .warning
    }

    var tuning: HostTuning {
        HostTuning(
            maximumActiveRuns: self[Settings.maximumRuns], defaultTimeoutSeconds: self[Settings.runTimeout])
    }
}

/// Takes up changed settings while a host serves: at SIGHUP, and when a file that was read changes.
struct LiveSettings: Sendable {
    let runtime: HostRuntime
    /// What the command line said goes over every file, whenever it is read.
    let flags: [String: GivenText]
    let started: Configuration

    private static let look: Duration = .seconds(1)

    func follow() async {
        let causes = AsyncStream<String> { continuation in
            let tasks = [
                Task {
                    for await _ in Signals.hangups() { continuation.yield("signal") }
                },
                Task {
                    var seen = FileStamp(Configured.loaded)
                    while (try? await Task.sleep(for: Self.look)) != nil {
                        let found = FileStamp(Configured.loaded)
                        if found != seen { continuation.yield("file") }
                        seen = found
                    }
                },
            ]
            continuation.onTermination = { _ in tasks.forEach { $0.cancel() } }
        }
        var holding = started
        for await cause in causes {
            if let taken = await take(cause, over: holding) { holding = taken }
        }
    }

    /// - Returns: what holds now; nil when it stays as it was.
    private func take(_ cause: String, over holding: Configuration) async -> Configuration? {
        let terminal = Terminal.standard
        let fresh: Configuration
        do {
            fresh = try Configured.reload().adding(flags)
        } catch {
            error.all.forEach { terminal.error($0.description.printable) }
            terminal.error("the settings stay as they were")
            return nil
        }
        let changed = holding.changes(to: fresh)
        guard !changed.isEmpty else {
            if cause == "signal" { terminal.note("bureau: the settings are as they were") }
            return nil
        }
        let live = changed.filter { $0.reload == .live }.map(\.key)
        let waiting = changed.filter { $0.reload == .restart }.map(\.key)
        let change = ConfigurationChange(live: live, waiting: waiting, digest: fresh.digest, cause: cause)
        do {
            try await runtime.reconfigure(fresh.tuning, change)
        } catch {
            terminal.error("the settings stay as they were: \(error.message.printable)")
            return nil
        }
        HostLog.level = fresh.logLevel
        if !live.isEmpty { terminal.note("bureau: holds now: \(live.joined(separator: ", "))") }
        if !waiting.isEmpty { terminal.note("bureau: needs a restart: \(waiting.joined(separator: ", "))") }
        return fresh
    }
}

/// Whether files are the same as before, without reading them.
private struct FileStamp: Equatable {
    private struct One: Equatable {
        var file: UInt
        var bytes: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let all: [One?]

    init(_ loaded: LoadedConfiguration) {
        all = [loaded.file, loaded.variables].map { path in
            var status = stat()
            guard let path, stat(path, &status) == 0 else { return nil }
            return One(
                file: status.st_ino, bytes: status.st_size, seconds: status.st_mtim.tv_sec,
                nanoseconds: status.st_mtim.tv_nsec)
        }
    }
}
