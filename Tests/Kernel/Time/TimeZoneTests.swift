import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Time zones")
struct TimeZoneTests {
    static func zone(_ name: String) throws -> TimeZoneRules {
        let data = try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/\(name)"))
        return try TimeZoneRules(name: name, tzif: Array(data))
    }

    static func utc(_ date: String, _ hour: Int = 0, _ minute: Int = 0) throws -> Instant {
        let days = try #require(CivilDate(date)).daysSinceEpoch
        return Instant(unixMilliseconds: Int64(days) * 86_400_000 + Int64(hour * 60 + minute) * 60_000)
    }

    private func hours(of date: String, in zone: TimeZoneRules) throws -> Double {
        let day = try #require(CivilDate(date))
        let length = zone.start(of: day.adding(days: 1)).unixMilliseconds - zone.start(of: day).unixMilliseconds
        return Double(length) / 3_600_000
    }

    @Test(
        "days have the length that the zone gives them",
        arguments: [
            ("Europe/Berlin", "2026-03-29", 23.0), ("Europe/Berlin", "2026-10-25", 25),
            ("Europe/Berlin", "2026-10-26", 24), ("America/New_York", "2026-03-08", 23),
            ("America/New_York", "2026-11-01", 25), ("Australia/Lord_Howe", "2026-04-05", 24.5),
            ("Australia/Lord_Howe", "2026-10-04", 23.5), ("Asia/Kathmandu", "2026-03-29", 24),
            ("Pacific/Apia", "2011-12-30", 0), ("Europe/Berlin", "2099-03-29", 23),
        ])
    func dayLengths(name: String, date: String, hours: Double) throws {
        #expect(try self.hours(of: date, in: Self.zone(name)) == hours)
    }

    @Test("offsets are those of tzdata, before, between and after the file's transitions")
    func offsets() throws {
        let kathmandu = try Self.zone("Asia/Kathmandu"), howe = try Self.zone("Australia/Lord_Howe")
        #expect(kathmandu.offsetSeconds(at: try Self.utc("2026-01-01")) == 20_700)
        #expect(kathmandu.offsetSeconds(at: try Self.utc("1985-12-31", 12)) == 19_800)
        #expect(howe.offsetSeconds(at: try Self.utc("2026-01-01")) == 39_600)
        #expect(howe.offsetSeconds(at: try Self.utc("2026-07-01")) == 37_800)
        #expect(howe.offsetSeconds(at: try Self.utc("2150-07-01")) == 37_800, "by the footer's rule")
        let berlin = try Self.zone("Europe/Berlin")
        #expect(berlin.offsetSeconds(at: try Self.utc("1800-01-01")) == 3_208, "local mean time")
        #expect(berlin.offsetSeconds(at: try Self.utc("2026-03-29", 0, 59)) == 3_600)
        #expect(berlin.offsetSeconds(at: try Self.utc("2026-03-29", 1)) == 7_200)
    }

    @Test("a local time happens once, twice or never")
    func localTimes() throws {
        let berlin = try Self.zone("Europe/Berlin")
        let spring = try #require(CivilDate("2026-03-29")), autumn = try #require(CivilDate("2026-10-25"))
        let half = 2 * 3_600 + 1_800
        #expect(berlin.resolve(spring, secondOfDay: half) == .never(jumpAt: try Self.utc("2026-03-29", 1)))
        #expect(
            berlin.resolve(autumn, secondOfDay: half)
                == .twice(try Self.utc("2026-10-25", 0, 30), try Self.utc("2026-10-25", 1, 30)))
        #expect(berlin.resolve(autumn, secondOfDay: 12 * 3_600) == .once(try Self.utc("2026-10-25", 11)))
        // Beirut's clock jumps at midnight: the day begins at one.
        let beirut = try Self.zone("Asia/Beirut")
        let day = try #require(CivilDate("2022-03-27"))
        #expect(beirut.start(of: day) == (try Self.utc("2022-03-26", 22)))
        #expect(beirut.date(at: beirut.start(of: day)) == day)
    }

    @Test(
        "any instant has the offset that Foundation's own tables give",
        arguments: [
            "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Sao_Paulo",
            "Africa/Casablanca", "Asia/Tokyo", "Europe/Dublin",
        ])
    func oracle(name: String) throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let rules = try Self.zone(name), found = TimeZone(identifier: name)
        let oracle = try #require(found)
        for _ in 0..<2_000 {
            let seconds = Int64.random(in: 100_000_000...1_790_000_000, using: &random)
            let expected = oracle.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds)))
            let instant = Instant(unixMilliseconds: seconds * 1_000)
            #expect(rules.offsetSeconds(at: instant) == Int64(expected), "\(seconds), seed \(seed)")
        }
    }

    @Test("a file that is cut short or altered is refused or read, and never stops the host")
    func brokenFiles() throws {
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin")))
        for count in 0..<bytes.count {
            #expect(throws: TimeZoneError.self) { try TimeZoneRules(name: "x", tzif: Array(bytes.prefix(count))) }
        }
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let instant = try Self.utc("2026-06-01")
        for _ in 0..<2_000 {
            var altered = bytes
            altered[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if let rules = try? TimeZoneRules(name: "x", tzif: altered) { _ = rules.date(at: instant) }
        }
        #expect(throws: TimeZoneError.self) { try TimeZoneRules(name: "x", tzif: Array("TZif".utf8)) }
    }

    @Test("the rule after the last transition takes every form of RFC 9636, and nothing else")
    func footers() {
        for text in [
            "UTC0", "<+0545>-5:45", "CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0",
            "EST5EDT,0/0,J365/25", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "IST-1GMT0,M10.5.0,M3.5.0/1",
        ] { #expect(POSIXZoneRule(text) != nil, "\(text)") }
        for text in ["", "C-1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M10.5.0", "CET-1x", "CET-200", "UTC0,M3.5.0"] {
            #expect(POSIXZoneRule(text) == nil, "\(text)")
        }
    }

    @Test("dates count as the calendar does")
    func dates() throws {
        #expect(CivilDate(daysSinceEpoch: 0).description == "1970-01-01")
        #expect(try #require(CivilDate("2026-11-21")).weekday == 6)
        for days in stride(from: -800_000, through: 800_000, by: 37) {
            let date = CivilDate(daysSinceEpoch: days)
            #expect(date.daysSinceEpoch == days)
            #expect(CivilDate(year: date.year, month: date.month, day: date.day) == date)
        }
        for text in ["2026-02-29", "2026-13-01", "26-01-01", "2026-1-01", "2026-00-10", "+026-01-01"] {
            #expect(CivilDate(text) == nil)
        }
    }
}
