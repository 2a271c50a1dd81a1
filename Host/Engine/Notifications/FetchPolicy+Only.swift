import Gateway
import Kernel

extension FetchPolicy {
    /// To the host of a URL that the operator named, and nowhere else.
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
