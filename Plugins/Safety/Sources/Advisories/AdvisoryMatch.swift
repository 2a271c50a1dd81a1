/// Whether a version is affected, by the evaluation that the OSV schema defines ("Evaluation").
enum AdvisoryMatch {
    enum Verdict: Hashable, Sendable {
        case affected(fixed: [String])
        case safe
        /// A version that its ecosystem's rules cannot read: the place of the doubt.
        case unreadable(String)
    }

    static func verdict(on version: String, of affected: OSVAdvisory.Affected, order: VersionOrder) -> Verdict {
        if affected.versions.contains(version) { return .affected(fixed: fixes(in: affected)) }
        guard !affected.ranges.isEmpty else { return .safe }
        guard let own = order.parse(version) else { return .unreadable(version) }
        for range in affected.ranges {
            var events: [(event: OSVAdvisory.Event, version: PackageVersion?)] = []
            for event in range {
                let isBound = (event.kind == .introduced && event.version == "0") || event.version == "*"
                let parsed = isBound ? nil : order.parse(event.version)
                if parsed == nil, !isBound { return .unreadable(event.version) }
                events.append((event, parsed))
            }
            if isAffected(own, events) { return .affected(fixed: fixes(in: affected)) }
        }
        return .safe
    }

    private static func isAffected(
        _ own: PackageVersion, _ events: [(event: OSVAdvisory.Event, version: PackageVersion?)]
    ) -> Bool {
        let limits = events.filter { $0.event.kind == .limit }
        if !limits.isEmpty, !limits.contains(where: { limit in limit.version.map { own < $0 } ?? true }) {
            return false
        }
        let sorted = events.filter { $0.event.kind != .limit }.sorted { left, right in
            guard let right = right.version else { return false }
            guard let left = left.version else { return true }
            return left < right
        }
        var isAffected = false
        for (event, version) in sorted {
            switch event.kind {
            case .introduced: if version.map({ !(own < $0) }) ?? true { isAffected = true }
            case .fixed: if let version, !(own < version) { isAffected = false }
            case .lastAffected: if let version, version < own { isAffected = false }
            case .limit: break
            }
        }
        return isAffected
    }

    private static func fixes(in affected: OSVAdvisory.Affected) -> [String] {
        affected.ranges.flatMap { $0 }.filter { $0.kind == .fixed }.map(\.version)
    }

    /// "Debian:12" fits an inventory of release 12 and, when the release is not known, every Debian one.
    static func isSame(_ advisory: String, _ component: String, release: String?) -> Bool {
        let parts = advisory.split(separator: ":", maxSplits: 1).map(String.init)
        guard parts.first == component else { return false }
        guard parts.count > 1, let release else { return true }
        return parts[1] == release || parts[1].hasPrefix(release + ":")
    }
}
