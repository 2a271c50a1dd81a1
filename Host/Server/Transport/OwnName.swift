import HTTPTypes
import Kernel

extension TransportSettings {
    /// While everybody may do everything, a web page that the operator happens to look at must not reach this host by
    /// a name of its own that resolves to it: not by a request, not by a socket, and not through a proxy on this
    /// machine, which every local client looks like.
    ///
    /// - Parameter authority: what the request calls this host, with or without a port.
    /// - Throws: 421 for a name that is neither this machine's nor the one of ``publicHost``.
    func checkOwnName(_ authority: String) throws {
        // Nobody gives an address to a page of theirs.
        if authority.hasPrefix("[") { return }
        let host = authority.split(separator: ":").first.map { $0.lowercased() } ?? ""
        guard host != "localhost", host != publicHost, IPAddress(host) == nil else { return }
        throw Problem(
            .init(code: 421, reasonPhrase: "Misdirected Request"), "misdirected",
            "while the secure mode is off, this host answers to localhost, to addresses and to the name of "
                + "server.public_url only")
    }
}
