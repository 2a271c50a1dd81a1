import Foundation
import Journal
import Kernel
import TestSupport
import Testing

/// I11: over days on which the clock is set, a daily schedule fires as often as its policy declares, in all zones that
/// set theirs in 2026.
@Suite("Schedules over the days when clocks are set")
struct ScheduleZoneTests {
    private struct Change {
        var zone: String
        /// Seconds since 1970: the first second after it.
        var at: Int64
        var before: Int64
        var after: Int64
    }

    /// Found by looking at the offset hour by hour: none of the code that searches for fires.
    private func changes() throws -> [Change] {
        let folder = "/usr/share/zoneinfo"
        let directory = ZoneDirectory()
        let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        var found: [Change] = []
        for name in names.sorted() where !name.hasPrefix("posix/") && !name.hasPrefix("right/") {
            guard let zone = try? directory.rules(name) else { continue }
            func offset(_ second: Int64) -> Int64 { zone.offsetSeconds(at: Instant(unixMilliseconds: second * 1_000)) }
            // 2026 in UTC.
            for hour in stride(from: Int64(1_767_225_600), to: 1_798_761_600, by: 3_600)
            where offset(hour) != offset(hour + 3_600) {
                var low = hour, high = hour + 3_600
                while high - low > 1 {
                    let middle = (low + high) / 2
                    if offset(middle) == offset(hour) { low = middle } else { high = middle }
                }
                found.append(Change(zone: name, at: high, before: offset(low), after: offset(high)))
            }
        }
        return found
    }

    @Test("the count is the declared one")
    func counts() async throws {
        let store = try await TestStore()
        let changes = try changes()
        #expect(Set(changes.map(\.zone)).count > 100, "tzdata is missing or has no transitions")
        for change in changes {
            let isGap = change.after > change.before
            // In the middle of what is missing, or comes twice, on the local clock before.
            let middle = change.at + (change.before + change.after) / 2
            let time = (middle % 86_400 + 86_400) % 86_400
            let policies: [(gap: GapPolicy, fold: FoldPolicy, count: Int)] =
                isGap
                ? [(.skip, .both, 0), (.end, .both, 1), (.shift, .both, 1)]
                : [(.skip, .first, 1), (.skip, .second, 1), (.skip, .both, 2)]
            let word = change.zone.lowercased().filter(\.isLetter).prefix(40)
            let names = policies.indices.map { "\(word).\(change.at).\($0)" }
            setClock(store, change.at - 12 * 3_600)
            try await store.journal.write { tx throws(JournalError) in
                for (name, policy) in zip(names, policies) {
                    let definition = ScheduleDefinition(
                        task: TaskReference(department: "d", task: "t"),
                        expression: "\(time % 60) \(time / 60 % 60) \(time / 3_600) * * *", zone: change.zone,
                        gap: policy.gap, fold: policy.fold,
                        policy: SchedulePolicy(misfire: .catchUp(atMost: 9), overlap: .allow))
                    _ = try tx.scheduleSet(name, definition, expected: nil, by: "test")
                }
            }
            // The next day's fire is a day away, but for the hour that the clock is set.
            setClock(store, change.at + 12 * 3_600)
            let counts = try await store.journal.write { tx throws(JournalError) in
                var counts: [Int] = []
                for name in names {
                    _ = try tx.scheduleLook(name, revision: 1, refusal: nil) { record, _, input, _ in
                        NewRun(id: .sample(), tenant: "t", task: record.definition.task, input: input)
                    }
                    counts.append(try tx.scheduleFires(name, before: nil, limit: 10).count)
                }
                return counts
            }
            #expect(counts == policies.map(\.count), "\(change.zone) at \(change.at)")
        }
        #expect(try await store.mismatches() == [])
    }

    private func setClock(_ store: TestStore, _ seconds: Int64) {
        store.clock.advance(byMilliseconds: seconds * 1_000 - store.clock.now.unixMilliseconds)
    }
}
