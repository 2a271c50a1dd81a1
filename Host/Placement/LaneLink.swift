import CLane

/// The way to a plugin's lane and back, for one life of the plugin: a process, or a thread of this one.
protocol LaneLink: AnyObject, Sendable {
    /// Passes a frame on, in order, without blocking.
    /// - Parameter essential: part of a call that is open already; only the hard bound refuses it.
    /// - Returns: false when what waits already is too much.
    func send(_ frame: [UInt8], essential: Bool) -> Bool

    /// Ends the plugin's process. False where there is none to end.
    func kill() -> Bool

    /// After the last frame: the other side shall go. ``LaneOwner/linkEnded(_:cause:)`` follows.
    func finish()

    /// Makes a call's handle stale without the plugin's help, where that is possible.
    func abandon(_ call: CallID)

    /// The process of a worker.
    var processID: Int32? { get }

    /// What a worker that a signal ended left behind; nil without one. Untrusted.
    func crashPage() -> CrashPage?
}

extension LaneLink {
    func crashPage() -> CrashPage? { nil }
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
}

/// Makes links: one for each life of the plugin.
protocol LaneLauncher: Sendable {
    /// The file that it loads.
    var plugin: SealedFile { get }

    /// Starts one. Whatever happens next reaches `owner`.
    /// - Returns: nil when the system refuses; `owner` hears nothing then.
    func launch(for owner: any LaneOwner) -> (any LaneLink)?
}
