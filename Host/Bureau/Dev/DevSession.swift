import Engine
import Kernel
import Placement

/// The author's loop without its triggers: builds, loads, runs. One of these at a time; its caller sees to that.
actor DevSession {
    /// A build that takes longer shows what it does.
    private static let quietBuild: Duration = .seconds(1)
    private static let redraw: Duration = .milliseconds(200)

    private let folder: String
    private let choice: Trial.Choice
    private let options: HostOptions
    private let reporter: DevReporter
    private let crashes: CrashDesk
    private var project: PluginProject
    private var host: DevHost?
    /// The last result, and what it was the result of.
    private var last: (trial: Trial, result: TrialResult)?

    init(_ project: PluginProject, _ choice: Trial.Choice, _ options: HostOptions, _ reporter: DevReporter) {
        folder = project.folder
        self.project = project
        self.choice = choice
        self.options = options
        self.reporter = reporter
        crashes = CrashDesk { reporter.tell(.crashed($0)) }
    }

    /// Builds, and on success loads and runs. Cancelling the task ends the build or the run.
    /// - Returns: how a command that does this once ends.
    func cycle(changed: [String]) async -> ExitStatus {
        // The description itself may be what changed.
        do throws(CommandFailure) {
            project = try PluginProject.load(folder)
        } catch {
            reporter.tell(.problem(error.lines))
            return error.status
        }
        reporter.tell(.buildStarted(changed: changed))
        do throws(CommandFailure) {
            guard let report = try await build() else { return .cancelled }
            reporter.tell(.buildFinished(report))
            guard report.isSuccess else { return .pluginRefused }
        } catch {
            reporter.tell(.problem(error.lines))
            return error.status
        }
        if let status = await load() { return status }
        return Task.isCancelled ? .cancelled : await run()
    }

    /// Runs the trial on the generation that serves.
    func run() async -> ExitStatus {
        do throws(CommandFailure) {
            guard let host, let status = await host.status, let manifest = status.descriptor?.manifest else {
                throw CommandFailure(.pluginRefused, "there is no generation that serves yet")
            }
            let trial = try choice.resolve(project, manifest)
            let run = TrialRun(host: host, crashes: crashes, reporter: reporter)
            guard let result = try await run.perform(trial) else {
                reporter.tell(.runCancelled)
                return .cancelled
            }
            // A crash has no result to compare; the next one is compared with what was before it.
            let before = result.crash == nil ? last.flatMap { $0.trial == trial ? $0.result : nil } : nil
            reporter.tell(
                .runFinished(
                    result, generation: status.generation,
                    difference: before.map { TrialDifference(from: $0, to: result) }))
            guard result.crash == nil else { return .runFailed }
            last = (trial, result)
            return ExitStatus(result.run)
        } catch {
            reporter.tell(.runRefused(error.lines))
            return error.status
        }
    }

    func shutdown() async {
        await host?.runtime.shutdown()
        host = nil
    }

    // MARK: Building

    /// - Returns: nil when it was cancelled.
    private func build() async throws(CommandFailure) -> BuildReport? {
        let start = ContinuousClock.now
        let elapsed: @Sendable () -> Int64 = { Int64(start.duration(to: .now) / .milliseconds(1)) }
        let process = try BuildProcess(project.build, folder: folder)
        let feed = BuildFeed(reporter)
        let ticking = Task { [reporter] in
            try await Task.sleep(for: Self.quietBuild)
            feed.show()
            while true {
                reporter.tick(buildMilliseconds: elapsed())
                try await Task.sleep(for: Self.redraw)
            }
        }
        defer { ticking.cancel() }
        // Not in this task: a stream ends early for a task that is cancelled, and the build's end must be awaited.
        let reading = Task { await feed.read(process) }
        let ending = await withTaskCancellationHandler {
            await reading.value
        } onCancel: {
            process.cancel()
        }
        guard !Task.isCancelled else {
            reporter.tell(.buildCancelled)
            return nil
        }
        let (lines, dropped) = feed.collected
        return BuildReport(
            ending: ending, milliseconds: elapsed(), lines: lines, droppedLines: dropped,
            program: project.build.first ?? "the build")
    }

    // MARK: Loading

    /// - Returns: nil when the trial can be run.
    private func load() async -> ExitStatus? {
        do throws(CommandFailure) {
            guard FilePath.exists(project.library) else {
                throw CommandFailure(
                    .pluginRefused,
                    "the build succeeded, but there is no \(project.library); \"library\" in "
                        + "\(PluginProject.fileName) names what it makes")
            }
            guard let host else { return try await open() }
            switch try await host.reload() {
            case .unchanged: reporter.tell(.unchanged(generation: await host.status?.generation ?? 1))
            case .replaced(let report):
                reporter.tell(
                    .reloaded(
                        department: report.department, generation: report.generation,
                        version: report.to?.version ?? "", milliseconds: report.milliseconds))
            case .needsFreshHost(let reason):
                reporter.tell(.loadFailed(reason: [reason, "starting the host anew"], serving: nil))
                await shutdown()
                return try await open()
            }
            return nil
        } catch {
            reporter.tell(.loadFailed(reason: error.lines, serving: await host?.status?.generation))
            return error.status
        }
    }

    private func open() async throws(CommandFailure) -> ExitStatus? {
        let start = ContinuousClock.now
        let opened = try await DevHost.open(
            options, library: project.library, reading: InputReader.folder(choice.input) ?? folder, crashes: crashes,
            reporter: reporter)
        host = opened
        reporter.tell(
            .loaded(
                department: opened.department, version: await opened.status?.descriptor?.version ?? "",
                milliseconds: Int64(start.duration(to: .now) / .milliseconds(1))))
        return nil
    }
}
