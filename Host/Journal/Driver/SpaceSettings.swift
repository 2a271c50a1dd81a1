/// How much room a store leaves on its medium, and what it does when that runs out.
package struct SpaceSettings: Hashable, Sendable {
    /// Below this, the host admits no new runs; those that run go on.
    package var lowWaterBytes: Int64
    /// A file that takes up room until it is needed: it is removed so that running work and the checkpoint can go on.
    package var ballastBytes: Int64
    /// Below this, after the ballast is gone, nothing is written: what waits, waits.
    package var commitBytes: Int64
    /// Whether writers wait for room, or are refused at once.
    package var isPatient: Bool

    package init(
        lowWaterBytes: Int64 = 0, ballastBytes: Int64 = 0, commitBytes: Int64 = 0, isPatient: Bool = false
    ) {
        self.lowWaterBytes = lowWaterBytes
        self.ballastBytes = ballastBytes
        self.commitBytes = commitBytes
        self.isPatient = isPatient
    }
}

/// The room that a store has.
package struct StorageStatus: Hashable, Sendable {
    package enum State: String, Sendable {
        case ok
        /// New runs are refused.
        case low
        /// Nothing is written until there is room; nothing is lost.
        case full
        /// The medium failed otherwise: nothing is written until a restart.
        case failed
    }

    package var state: State
    package var freeBytes: Int64
    package var lowWaterBytes: Int64
    /// What is kept now; 0 once it was needed.
    package var ballastBytes: Int64
    /// Groups of writers that a full medium refused since the start.
    package var refusedGroups: Int
}

extension StorageStatus {
    /// Measured from beside a host, which alone knows whether it waits for room.
    package init(ofStore folder: String, _ settings: SpaceSettings) {
        self = StoreSpace(folder: folder, settings: settings).status
    }
}
