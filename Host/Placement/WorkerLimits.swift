/// Limits of one plugin's worker, where they are not those of the settings.
package struct WorkerLimits: Hashable, Sendable {
    /// Address space.
    package var memoryBytes: UInt64?
    /// Processor time in its whole life.
    package var cpuSeconds: UInt64?

    package init(memoryBytes: UInt64? = nil, cpuSeconds: UInt64? = nil) {
        self.memoryBytes = memoryBytes
        self.cpuSeconds = cpuSeconds
    }
}
