import Kernel

/// Limits and surroundings of all placed plugins. Times in milliseconds.
package struct PlacementSettings: Sendable {
    /// From the request to cancel a call to the end of the worker that ignores it.
    package var graceMilliseconds: UInt64 = 500
    /// From starting a worker to its descriptor; also for `create` and `setup` of one instance.
    package var startMilliseconds: UInt64 = 10_000
    /// For one answer of one instance during a reload: quiesce, save, load, probe, resume.
    package var callbackMilliseconds: UInt64 = 10_000
    /// After this long without a frame, while calls are open, a worker is asked whether it lives.
    package var pingMilliseconds: UInt64 = 20_000
    /// A worker that does not answer that question for this long is ended.
    package var silenceMilliseconds: UInt64 = 60_000
    /// Waits before a restart: doubled at each loss in a row, from the first to the second.
    package var backoffMinimumMilliseconds: UInt64 = 100
    package var backoffMaximumMilliseconds: UInt64 = 30_000
    /// A worker that lived this long starts the row anew.
    package var backoffResetMilliseconds: UInt64 = 10_000
    /// Workers that are started and confined before a plugin needs them.
    package var warmWorkers: Int = 1
    /// What may wait to be sent to one plugin; past it a task is refused as busy.
    package var queueBytes: Int = 32 << 20
    package var pluginFileBytes: UInt64 = 256 << 20
    /// Address space of a worker; an allocation past it fails.
    package var memoryBytes: UInt64 = 512 << 20
    /// Processor time of a worker in its whole life; past it, it is ended.
    package var cpuSeconds: UInt64?
    /// A worker that is confined less than this is given no plugin.
    package var minimumIsolation: IsolationLevel = .standard
    /// Files, by path, that must be what they were when the operator took them; others are refused.
    package var pins: [String: PluginPin] = [:]
    /// Folders from which plugins may load libraries, beside the system's own: by default the Swift runtime's.
    package var libraryFolders: [String] = LibraryFolders.swiftRuntime
    package var hostVersion: String = HostVersion.current
    package var logLevel: LogLevel = .info
    /// What an inline Swift plugin must have been built with, since it shares this process's runtime.
    package var toolchain: String = HostToolchain.name
    /// Lines outside of any call: a plugin's standard output, its set-up, broken rules, losses.
    package var log: @Sendable (_ plugin: String, LogLevel, String) -> Void = { _, _, _ in }

    /// A worker for a plugin is there, confined as reported, and will be given the plugin now.
    package var workerStarted: @Sendable (WorkerStart) -> Void = { _ in }
    /// A plugin was lost, and not by a shutdown. Called before the loss reaches its calls; must not block.
    package var crashed: @Sendable (PluginCrash) -> Void = { _ in }
    /// Spreads restarts.
    package var random: @Sendable () -> UInt64 = { UInt64.random(in: .min ... .max) }

    package init() {}

    /// Doubled at each loss in a row, half of it by chance: many plugins that die of one cause do not come back at
    /// once.
    func backoffMilliseconds(losses: Int) -> UInt64 {
        guard backoffMinimumMilliseconds > 0 else { return 0 }
        let delay = Backoff(
            initialMilliseconds: Int64(clamping: backoffMinimumMilliseconds),
            maximumMilliseconds: Int64(clamping: max(backoffMinimumMilliseconds, backoffMaximumMilliseconds)),
            maximumAttempts: .max
        ).delayMilliseconds(afterAttempt: losses, random: random())
        return UInt64(clamping: delay ?? 0)
    }
}
