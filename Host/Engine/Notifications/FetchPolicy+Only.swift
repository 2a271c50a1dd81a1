import Gateway
import Journal
import Kernel

extension FetchPolicy {
    /// To the host of a URL that somebody named, and nowhere else.
    static func only(_ url: String, _ fetches: FetchSettings) throws(Failure) -> FetchPolicy {
        let url = try FetchURL(url)
        let only: HostPattern
        do {
            only = try HostPattern("\(url.host):\(url.port)")
        } catch {
            throw Failure(.invalid, "\(url): \(error.description)")
        }
        return FetchPolicy(
            asked: [only], granted: [only], plainHosts: fetches.plainHosts, privateHosts: fetches.privateHosts)
    }
}

extension WebhookRecord {
    /// One that takes the events of a single tenant is that tenant's, whose people name its URL: what the operator lets
    /// departments reach inside, and without TLS, is not theirs to probe.
    func fetches(of operators: FetchSettings) -> FetchSettings {
        guard filter.tenants.count == 1 else { return operators }
        var own = operators
        (own.plainHosts, own.privateHosts) = ([], [])
        return own
    }
}
