package import Kernel

/// Finds the addresses of a name. Errors: `notFound`, `busy`, `io`.
package typealias HostResolver = @Sendable (_ name: String) async throws(Failure) -> [IPAddress]

/// The operator's limits and exceptions for fetches.
package struct FetchSettings: Sendable {
    /// Hosts that may be reached without TLS.
    package var plainHosts: [HostPattern]
    /// Hosts that may lie on this machine or an internal network.
    package var privateHosts: [HostPattern]
    /// For all hops together, when a request names no limit; and the most that it may name.
    package var defaultTimeoutMilliseconds = 30_000
    package var largestTimeoutMilliseconds = 300_000
    package var connectTimeoutMilliseconds = 10_000
    /// When a request names no limit, and the most that it may name: an answer is one frame on the lane and one row.
    package var defaultResponseBytes = 4 << 20
    package var largestResponseBytes = 12 << 20
    package var headerBytes = 64 << 10
    /// Of one department at the same time; more of them wait.
    package var concurrentFetches = 8
    /// Certificates to trust instead of the system's, as a PEM file.
    package var certificateFile: String?
    package var resolver: HostResolver

    package init(
        plainHosts: [HostPattern] = [], privateHosts: [HostPattern] = [],
        resolver: @escaping HostResolver = SystemResolver.shared.addresses
    ) {
        self.plainHosts = plainHosts
        self.privateHosts = privateHosts
        self.resolver = resolver
    }
}
