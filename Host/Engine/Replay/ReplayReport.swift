package import Kernel

/// What a replay found.
package struct ReplayReport: Hashable, Sendable {
    package var run: RunID
    package var task: TaskReference
    package var recordedState: RunState
    package var verdict: RunReplay.Verdict
    /// Recorded steps that the plugin asked for again, and that were equal.
    package var comparedSteps: Int
    package var recordedSteps: Int
    package var pluginID: String
    package var pluginVersion: String
    package var pluginDigest: Digest
    /// False when the plugin is not the file that the run was done with.
    package var isSameBuild: Bool

    package var difference: ReplayDifference? {
        if case .differs(let difference) = verdict { difference } else { nil }
    }
}
