package import Kernel

/// `/cache` of `gateway.json`:
///
///     "cache": {"mode": "deterministic", "seconds": 86400, "bytes": 1073741824, "folder": "cache"}
///
/// `mode` is `deterministic` (temperature 0 or a seed), `always` or `off`. Without the member nothing is cached.
package struct CacheEntry: Hashable, Sendable {
    package var rule: CacheRule
    /// Keeps answers over a restart; relative to the file's own folder. Nil: memory only.
    package var folder: String?

    /// - Throws: `.invalid`, with the place in the file of which `place` is the start.
    package init?(_ value: JSONValue?, at place: JSONPointer) throws(Failure) {
        guard let value else { return nil }
        var reader = try MemberReader(value, at: place)
        var rule = CacheRule()
        if let mode = try reader.choice("mode", of: CacheRule.Mode.allCases.map { ($0.rawValue, $0) }) {
            rule.mode = mode
        }
        rule.secondsToLive = try reader.integer("seconds", in: 1...31_536_000) ?? rule.secondsToLive
        rule.maximumBytes = try reader.integer("bytes", in: (1 << 16)...(1 << 40)) ?? rule.maximumBytes
        rule.maximumEntryBytes = min(
            try reader.integer("entry_bytes", in: 1024...(32 << 20)) ?? rule.maximumEntryBytes, rule.maximumBytes)
        folder = try reader.string("folder")
        try reader.finish()
        self.rule = rule
    }
}
