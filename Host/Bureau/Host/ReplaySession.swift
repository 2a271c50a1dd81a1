import Engine
import Kernel
import Placement

/// A plugin in a worker of its own, placed for replays: no host, no store, no network behind it.
struct ReplaySession {
    private let replayer: Replayer
    private let place: (any PlacedPlugin)?

    /// - Parameter tasks: what will be replayed, all of one department.
    static func open(
        for tasks: [TaskReference], plugin: String?, _ options: HostOptions, localSteps: RunReplay.LocalSteps
    ) async throws(CommandFailure) -> ReplaySession {
        guard let task = tasks.first else { throw CommandFailure(.notFound, "there is nothing to replay") }
        if Replayer.isPlan(task) { return ReplaySession(replayer: .plans(), place: nil) }
        let placement = try Catalogue.placement(options)
        let descriptor = try await descriptor(for: task.department, plugin, options, placement)
        do {
            let place = try await placement.place(descriptor, as: .worker)
            return ReplaySession(replayer: Replayer(place: place, localSteps: localSteps), place: place)
        } catch {
            throw CommandFailure(.pluginRefused, "plugin \(descriptor.path): \(error.message)")
        }
    }

    private static func descriptor(
        for department: String, _ plugin: String?, _ options: HostOptions, _ placement: Placement
    ) async throws(CommandFailure) -> PluginDescriptor {
        guard let plugin else {
            let entry = try await Catalogue.load(options).department(department)
            guard let descriptor = entry.descriptor else {
                throw CommandFailure(.pluginRefused, "plugin \(entry.path) was refused")
            }
            return descriptor
        }
        let path = FilePath.absolute(plugin)
        let descriptor: PluginDescriptor
        do {
            descriptor = try await placement.inspect(path)
        } catch {
            throw CommandFailure(.pluginRefused, "plugin \(path): \(error.message)")
        }
        let offered = descriptor.manifest.department
        guard offered == department else {
            throw CommandFailure(.usage, "plugin \(path) is of department \(offered), the run is of \(department)")
        }
        return descriptor
    }

    func replay(_ recording: RunRecording) async -> ReplayResult {
        do {
            return ReplayResult(run: recording.run, outcome: .success(try await replayer.replay(recording)))
        } catch {
            return ReplayResult(run: recording.run, outcome: .failure(error))
        }
    }

    func close() async { await place?.shutdown() }
}

/// One replay as the command shows it.
struct ReplayResult: Sendable {
    var run: RunRecord
    var outcome: Result<ReplayReport, EngineError>

    /// As in `--json`.
    var verdict: String {
        switch outcome {
        case .failure: "refused"
        case .success(let report):
            switch report.verdict {
            case .equal: "equal"
            case .equalUntilCut: "equal_until_cut"
            case .differs: "different"
            }
        }
    }

    /// The first difference, or why there is nothing more to compare, in one line.
    var remark: String {
        switch outcome {
        case .failure(let error): error.message
        case .success(let report):
            switch report.verdict {
            case .equal: ""
            case .equalUntilCut(let why): why
            case .differs(let difference): difference.message
            }
        }
    }
}
