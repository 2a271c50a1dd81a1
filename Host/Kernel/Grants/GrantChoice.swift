/// What the operator takes away from the wishes before granting them.
package struct GrantChoice: Hashable, Sendable {
    /// Where a list is named, only these of it.
    package var only: [Permissions.List: [String]] = [:]
    /// Nothing of these lists.
    package var denied: Set<Permissions.List> = []
    package var stateBytes: Int64?
    package var concurrency: Int?
    package var memoryBytes: Int64?
    package var cpuSeconds: Int?
    /// `*` among the hosts is granted.
    package var allowsAnyHost = false

    package init() {}

    package var isEverything: Bool {
        var rest = self
        rest.allowsAnyHost = false
        return rest == GrantChoice()
    }

    /// - Throws: `.invalid` for more than is asked, `.denied` for any host without the explicit word.
    package func applied(to asked: Manifest.Wants) throws(Failure) -> Manifest.Wants {
        var granted = asked
        for list in Permissions.List.allCases {
            if let only = only[list] { granted[list] = only }
            if denied.contains(list) { granted[list] = [] }
        }
        granted.stateBytes = stateBytes ?? asked.stateBytes
        granted.concurrency = concurrency ?? asked.concurrency
        granted.memoryBytes = memoryBytes ?? asked.memoryBytes
        granted.cpuSeconds = cpuSeconds ?? asked.cpuSeconds
        try Self.check(granted, asked: asked, allowsAnyHost: allowsAnyHost)
        return granted
    }

    /// What is granted must be asked for; any host at all needs to be said aloud.
    package static func check(
        _ granted: Manifest.Wants, asked: Manifest.Wants, allowsAnyHost: Bool
    ) throws(Failure) {
        do throws(ManifestError) {
            _ = try Manifest.Wants(json: granted.json)
        } catch {
            throw Failure(.invalid, "the grant is refused: \(error.description)")
        }
        for list in Permissions.List.allCases {
            let extra = asked.extra(in: granted)[list]
            guard extra.isEmpty else {
                throw Failure(
                    .invalid, "the department does not ask for \(list.rawValue) \(extra.joined(separator: ", "))")
            }
        }
        if !allowsAnyHost, granted.hosts.contains(where: { (try? HostPattern($0))?.isAny ?? false }) {
            throw Failure(
                .denied,
                "the department asks to fetch from any host: grant some with --only hosts=NAME, none with "
                    + "--deny hosts, or all of them with --allow-any-host")
        }
    }
}
