package import Kernel

/// One plugin file, loaded somewhere: in a worker process or inline in this one. The engine sees only this, so
/// moving a plugin from one place to the other is a setting.
///
/// A placed plugin outlives its processes: when a worker dies, its open calls end with ``CallEvent/lost(_:)``, and
/// the next ``begin(_:on:sink:)`` starts a new worker (after a back-off) and makes the instances anew.
package protocol PlacedPlugin: AnyObject, Sendable {
    var descriptor: PluginDescriptor { get }
    var kind: PlacementKind { get }

    /// Makes an instance (an agent) with its configuration, a JSON object.
    func createInstance(configuration: [UInt8]) async throws(PlacementError) -> InstanceID

    /// Ends an instance. Its open calls end as cancelled.
    func destroyInstance(_ instance: InstanceID) async

    /// Starts a task. Never fails directly: whatever happens arrives at `sink`, which gets exactly one terminal
    /// event, later than this call's return, also when the plugin crashes, exits, hangs or lies.
    ///
    /// - Parameter sink: called on the placement's thread, in order; must not block.
    func begin(_ start: TaskStart, on instance: InstanceID, sink: @escaping CallSink) -> CallID

    /// Answers an operation. A stale call or operation is ignored.
    func deliver(_ event: OperationEvent, to operation: OperationID, of call: CallID)

    /// Asks the plugin to end the call; past the grace period the placement ends it.
    func cancel(_ call: CallID, reason: Status)

    func statistics() -> PlacementStatistics

    /// Asks an instance what a reload needs to know of it, or to do.
    /// - Throws: `notRunning`, and then nothing was asked; `lost` when the plugin ends, or does not answer in
    ///   `callbackMilliseconds`, for which its worker is ended.
    func ask(_ question: ReloadQuestion, of instance: InstanceID) async throws(PlacementError) -> ReloadAnswer

    /// Ends the processes and threads. Open calls end as lost.
    func shutdown() async
}

package typealias CallSink = @Sendable (CallEvent) -> Void

package struct InstanceID: Hashable, Sendable {
    package let value: UInt32
    package init(_ value: UInt32) { self.value = value }
}

/// One open call at one placed plugin. Never reused.
package struct CallID: Hashable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

package struct OperationID: Hashable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// What a plugin needs to begin a task; `bureau_task` in `bureau/plugin.h`.
package struct TaskStart: Sendable {
    package var task: String
    package var input: [UInt8]
    package var attempt: UInt32
    package var idempotencyKey: String
    package var runID: String
    /// Nil: no deadline. The placement enforces it: cancel, grace period, then kill.
    package var timeoutMilliseconds: UInt64?

    package init(
        task: String, input: [UInt8], attempt: UInt32, idempotencyKey: String, runID: String,
        timeoutMilliseconds: UInt64?
    ) {
        self.task = task
        self.input = input
        self.attempt = attempt
        self.idempotencyKey = idempotencyKey
        self.runID = runID
        self.timeoutMilliseconds = timeoutMilliseconds
    }
}

/// What reaches the engine from one call, in order.
package enum CallEvent: Sendable {
    case effect(OperationID, EffectStart)
    /// The end of a local step that was opened with ``OperationEvent/compute(ticket:)``.
    case record(OperationID, ticket: UInt64, Result<[UInt8], Failure>)
    case cancelOperation(OperationID)
    case grant(OperationID, chunks: UInt64)
    case emitted(EmitKind, [UInt8])
    case logged(LogLevel, String)
    /// Terminal: the plugin completed the call (or refused it in `begin`).
    case completed(Result<[UInt8], Failure>)
    /// Terminal: the plugin is gone.
    case lost(PluginLoss)
}

package enum EmitKind: UInt32, Sendable { case progress = 1, partial = 2 }
package enum LogLevel: Int32, Sendable { case debug = 0, info, warning, error }

/// How an operation goes on or ends; `bureau_event` in `bureau/operation.h`.
package enum OperationEvent: Sendable {
    case chunk([UInt8])
    case done(EffectResult, replayed: Bool)
    /// `value` is the service's number, e.g. the current revision of a conflict.
    case failed(Failure, value: UInt64, replayed: Bool)
    case cancelled
    case compute(ticket: UInt64)
}

/// Why a plugin is gone, in words that name it.
package struct PluginLoss: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Cause: Hashable, Sendable, CustomStringConvertible {
        case signal(Int32)
        case exit(Int32)
        case hung(milliseconds: UInt64)
        /// Calls were open, it did not answer, and it used no processor time.
        case silent(milliseconds: UInt64)
        case garbage(String)
        case closed
        case startFailed(String)
        /// It shared its process with another plugin, for whose sake the process ended.
        case companion(plugin: String, String)
        /// The kernel does not let a worker be confined as the operator asks.
        case notConfined(String)

        package var description: String {
            switch self {
            case .signal(let number): "was ended by signal \(number) (\(SignalName.of(number)))"
            case .exit(let code): "exited by itself with code \(code)"
            case .hung(let milliseconds): "did not end its task within the deadline and \(milliseconds) ms of grace"
            case .silent(let milliseconds): "did not answer for \(milliseconds) ms and used no processor time"
            case .garbage(let text): "broke the worker protocol: \(text)"
            case .closed: "was shut down"
            case .startFailed(let text): "could not be started: \(text)"
            case .companion(let plugin, let text): "shared its process with plugin \(plugin), which \(text)"
            case .notConfined(let text): "was not started: \(text)"
            }
        }
    }

    package var plugin: String
    package var version: String
    package var generation: Int
    package var cause: Cause
    /// Where it died, when a signal ended it and its handler could say so.
    package var crash: CrashReport?
    /// How the call that hears of this loss stands to it.
    package var blame = Blame.guilty

    package init(plugin: String, version: String, generation: Int, cause: Cause) {
        self.plugin = plugin
        self.version = version
        self.generation = generation
        self.cause = cause
    }

    package var description: String {
        let what = crash.map { "was ended by \($0.headline)" } ?? cause.description
        return "plugin \(plugin) \(version), generation \(generation), \(what)"
    }
}

/// The verified facts of a plugin file.
package struct PluginDescriptor: Hashable, Sendable {
    package var path: String
    package var digest: Digest
    package var id: String
    package var version: String
    package var toolchain: String
    package var abiMajor: Int
    package var abiMinor: Int
    package var manifest: Manifest

    package init(
        path: String, digest: Digest, id: String, version: String, toolchain: String, abiMajor: Int, abiMinor: Int,
        manifest: Manifest
    ) {
        self.path = path
        self.digest = digest
        self.id = id
        self.version = version
        self.toolchain = toolchain
        self.abiMajor = abiMajor
        self.abiMinor = abiMinor
        self.manifest = manifest
    }
}

package struct PlacementStatistics: Hashable, Sendable {
    package var processID: Int32?
    package var generation: Int
    package var restarts: Int
    package var instances: Int
    package var openCalls: Int
    /// Of the worker process; nil inline.
    package var residentBytes: Int64?
    package var proportionalBytes: Int64?
    package var cpuMilliseconds: Int64?
    package var misbehaviours: Int
    package var lastLoss: String?
    /// Of the newest worker; nil inline.
    package var isolation: SandboxReport?
    /// The largest resident memory of the process so far.
    package var peakResidentBytes: Int64?
    /// Losses that were no shutdown.
    package var crashes = 0
    /// The plugins that live in the process, when it is shared: its memory and processor time are of all of them.
    package var companions: [String] = []

    package init(
        processID: Int32? = nil, generation: Int = 1, restarts: Int = 0, instances: Int = 0, openCalls: Int = 0,
        residentBytes: Int64? = nil, proportionalBytes: Int64? = nil, cpuMilliseconds: Int64? = nil,
        misbehaviours: Int = 0, lastLoss: String? = nil, isolation: SandboxReport? = nil, crashes: Int = 0,
        companions: [String] = []
    ) {
        self.processID = processID
        self.generation = generation
        self.restarts = restarts
        self.instances = instances
        self.openCalls = openCalls
        self.residentBytes = residentBytes
        self.proportionalBytes = proportionalBytes
        self.cpuMilliseconds = cpuMilliseconds
        self.misbehaviours = misbehaviours
        self.lastLoss = lastLoss
        self.isolation = isolation
        self.crashes = crashes
        self.companions = companions
    }
}

/// Why a file is not a plugin that this host can run.
package struct PlacementError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        case unreadable, notELF, wrongArchitecture, malformed, missingEntry, wrongABI, brokenManifest
        case calledHostBeforeSetup, loadFailed, createFailed, setupFailed, instanceGone, workerMissing, notConfined
        /// No process is up, so there is nothing to ask.
        case notRunning
        /// The plugin was asked, and went or did not answer.
        case lost
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
