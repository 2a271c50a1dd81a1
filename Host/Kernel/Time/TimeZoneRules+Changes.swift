extension TimeZoneRules {
    /// The local clock is set forward (a gap) or back (a fold). Seconds since 1970-01-01 00:00 UTC and east of UTC.
    struct Change: Hashable, Sendable {
        var at: Int64
        var before: Int64
        var after: Int64
    }

    /// The first change of the offset after `seconds`; nil when there is none any more.
    func nextChange(after seconds: Int64) -> Change? {
        changes(around: seconds).first { $0.at > seconds }
    }

    /// The latest change of the offset at or before `seconds`; nil when the first offset still holds.
    func lastChange(through seconds: Int64) -> Change? {
        changes(around: seconds).last { $0.at <= seconds }
    }

    /// In order; at least the nearest on both sides where there are any.
    private func changes(around seconds: Int64) -> [Change] {
        var moments: [Int64] = []
        let index = transitions.partitioningIndex { $0.at > seconds }
        // A transition may only rename the zone, or mark summer without moving the clock: look further then.
        if let earlier = transitions[..<index].last(where: { isChange($0.at) }) { moments.append(earlier.at) }
        if let later = transitions[index...].first(where: { isChange($0.at) }) { moments.append(later.at) }
        let tableEnd = transitions.last?.at ?? .min
        if let rule, moments.count < 2 || seconds >= tableEnd {
            let year = CivilDate(daysSinceEpoch: Int(max(seconds, tableEnd).floorDivided(by: 86_400))).year
            moments += (year - 1...year + 1).flatMap(rule.changes).filter { $0 > tableEnd && isChange($0) }
        }
        return moments.sorted().map { Change(at: $0, before: offset(at: $0 - 1), after: offset(at: $0)) }
    }

    private func isChange(_ seconds: Int64) -> Bool { offset(at: seconds - 1) != offset(at: seconds) }
}

extension Array {
    /// The first index whose element belongs to the second part; the array is partitioned by it.
    func partitioningIndex(_ belongsInSecond: (Element) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if belongsInSecond(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
