import CLane

/// The way to a plugin's lane and back, for one life of the plugin: a process, or a thread of this one.
protocol LaneLink: AnyObject, Sendable {
    /// Passes a frame on, in order, without blocking.
    /// - Parameter essential: part of a call that is open already; only the hard bound refuses it.
    /// - Returns: false when what waits already is too much.
    func send(_ frame: [UInt8], essential: Bool) -> Bool

    /// Ends the plugin's process, for a reason that others who live there may want to hear. False where there is none
    /// to end.
    func kill(_ reason: PluginLoss.Cause) -> Bool

    /// After the last frame: the other side shall go. ``LaneOwner/linkEnded(_:cause:)`` follows.
    func finish()

    /// Makes a call's handle stale without the plugin's help, where that is possible.
    func abandon(_ call: CallID)

    /// The process of a worker.
    var processID: Int32? { get }

    /// What a worker that a signal ended left behind; nil without one. Untrusted.
    func crashPage() -> CrashPage?

    /// What the process was given to load, in the order of its lanes.
    var files: [SealedFile] { get }

    /// The plugins of its process, when there are several.
    var companions: [String] { get }

    /// How the plugin stands to the end of its process, once that has come.
    var share: LossShare { get }
}

extension LaneLink {
    func crashPage() -> CrashPage? { nil }
    var files: [SealedFile] { [] }
    var companions: [String] { [] }
    var share: LossShare { .own }
}

/// How a plugin stands to the end of a process that it may have shared.
enum LossShare: Hashable, Sendable {
    /// Nobody else's.
    case own
    /// Another plugin's.
    case companions(plugin: String, PluginLoss.Cause)
    /// Nobody knows whose: so many calls of its companions were open too.
    case anyones(otherCalls: Int)
}

/// Who listens at a link. All calls of one link come one after the other.
protocol LaneOwner: AnyObject, Sendable {
    func receive(_ header: lane_header, _ body: UnsafeRawBufferPointer, from link: any LaneLink)
        throws(ProtocolViolation)

    /// First, for a worker: it is confined well enough, and gets its plugin after this returns.
    func confined(_ report: SandboxReport, processID: Int32)

    /// Last. The link is dead, and nothing of it runs any more.
    func linkEnded(_ link: any LaneLink, cause: PluginLoss.Cause)

    /// A line that the plugin printed.
    func printed(_ line: String)

    /// Calls that are open now.
    var openCalls: Int { get }
}

extension LaneOwner {
    var openCalls: Int { 0 }
}

/// Makes links: one for each life of the plugin.
protocol LaneLauncher: Sendable {
    /// Starts one. Whatever happens next reaches `owner`.
    /// - Returns: nil when the system refuses; `owner` hears nothing then.
    func launch(for owner: any LaneOwner) -> (any LaneLink)?
}
