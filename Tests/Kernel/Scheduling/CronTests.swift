import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Cron expressions")
struct CronTests {
    private static let epoch = Instant(unixMilliseconds: 0)

    private func recurrence(_ text: String, _ clock: WallClock = WallClock()) throws -> Recurrence {
        try Recurrence(text, clock: clock, anchor: Self.epoch)
    }

    private func seconds(_ instants: [Instant]) -> [Int64] { instants.map { $0.unixMilliseconds / 1_000 } }

    @Test("next and previous fires are those of croniter", arguments: CronCase.croniter)
    func croniter(_ row: CronCase) throws {
        let recurrence = try recurrence(row.expression)
        var times: [Int64] = []
        var instant = Instant(unixMilliseconds: row.from * 1_000)
        for _ in row.times {
            let found = row.direction == .next ? recurrence.next(after: instant) : recurrence.previous(before: instant)
            instant = try #require(found)
            times.append(instant.unixMilliseconds / 1_000)
        }
        #expect(times == row.times, "\(row.expression)")
    }

    @Test("POSIX crontab's own example: the 1st and 15th of each month, and every Monday")
    func eitherDay() throws {
        // "0 0 1,15 * 1 would run a command on the first and fifteenth of each month, as well as on every Monday."
        let days = try recurrence("0 0 1,15 * 1").preview(after: TimeZoneTests.utc("2026-05-31", 12), count: 7)
        let dates = ["2026-06-01", "2026-06-08", "2026-06-15", "2026-06-22", "2026-06-29", "2026-07-01", "2026-07-06"]
        #expect(days == (try dates.map { try TimeZoneTests.utc($0) }))
        // `*` leaves the decision to the other field, and so does `?`.
        #expect(
            try recurrence("0 0 * * 1").preview(after: Self.epoch, count: 50)
                == recurrence("0 0 ? * MON").preview(after: Self.epoch, count: 50))
    }

    @Test(
        "special days",
        arguments: [
            ("0 0 L 2 *", "2028-01-01", "2028-02-29"), ("0 0 L-3 4 *", "2026-01-01", "2026-04-27"),
            // 15 August 2026 is a Saturday, 15 November a Sunday.
            ("0 0 15W 8 *", "2026-08-01", "2026-08-14"), ("0 0 15W 11 *", "2026-11-01", "2026-11-16"),
            // 1 August is a Saturday and 31 May a Sunday: the nearest weekday stays in its month.
            ("0 0 1W 8 *", "2026-07-31", "2026-08-03"), ("0 0 31W 5 *", "2026-05-01", "2026-05-29"),
            ("0 0 LW 5 *", "2026-05-01", "2026-05-29"), ("0 0 * * 5L", "2026-11-01", "2026-11-27"),
            ("0 0 * * mon#2", "2026-11-03", "2026-11-09"), ("0 0 * * FRI-SUN", "2026-11-23", "2026-11-27"),
            ("0 0 * 2 MON#5", "2026-01-01", "2044-02-29"), ("0 0 29 2 *", "2096-03-01", "2104-02-29"),
            ("@yearly", "2026-01-01", "2027-01-01"), ("@weekly", "2026-11-21", "2026-11-22"),
        ])
    func specialDays(expression: String, after: String, expected: String) throws {
        #expect(try recurrence(expression).next(after: TimeZoneTests.utc(after)) == TimeZoneTests.utc(expected))
    }

    @Test(
        "errors name the field, the character and what to write",
        arguments: [
            ("61 * * * *", "minute", 1, "write 0 to 59"), ("0 24 * * *", "hour", 3, "write 0 to 23"),
            ("0 0 * FOO *", "month", 7, "write 1 to 12 or JAN to DEC"), ("0 22-2 * * *", "hour", 3, "22-23,0-2"),
            ("*/90 * * * *", "minute", 3, "@every"), ("*/0 * * * *", "minute", 3, "a step from 1"),
            ("1,,2 * * * *", "minute", 3, "remove the comma"), ("0 0 * * L", "day of the week", 9, "5L or FRIL"),
            ("0 0 * * 1#6", "day of the week", 9, "1 to 5"), ("0 0 32W * *", "day of the month", 5, "such as 15W"),
            ("0 0 L-31 * *", "day of the month", 5, "0 to 30"), ("0 ? * * *", "hour", 3, "write *"),
            ("0 0 30 2 *", "day of the month", 5, "never fire"), ("0 0 31 4,6,9,11 *", "day of the month", 5, "exists"),
            ("0 0 30W 2 *", "day of the month", 5, "never fire"), ("5- * * * *", "minute", 3, "a value is missing"),
        ])
    func errors(expression: String, field: String, position: Int, advice: String) throws {
        let error = try #require(throws: CronError.self) { try recurrence(expression) }
        #expect(error.field?.rawValue == field && error.position == position, "\(error)")
        #expect(error.message.contains(advice), "\(error)")
    }

    @Test(
        "other forms are refused with advice",
        arguments: [
            ("", "0 fields"), ("0 0 * *", "4 fields"), ("0 0 0 * * * *", "7 fields"), ("@reboot", "event trigger"),
            ("@dayly", "@daily"), ("@daily 5", "@daily"), ("TZ=Europe/Berlin 0 0 * * *", "the schedule's zone"),
            ("@every", "such as"), ("@every 5x", "1h30m"), ("@every 10ms", "1h30m"), ("@every 30m1h", "1h30m"),
            ("@every 400d", "366d"), ("é * * * *", "ASCII"), (String(repeating: "1,", count: 200), "ASCII"),
        ])
    func refused(expression: String, advice: String) throws {
        let error = try #require(throws: CronError.self) { try recurrence(expression) }
        #expect(error.description.contains(advice), "\(error)")
    }

    @Test(
        "expressions are said in plain words",
        arguments: [
            ("0 9 * * MON-FRI", "every weekday at 09:00 UTC"), ("*/15 * * * *", "every 15 minutes UTC"),
            ("* * * * *", "every minute UTC"), ("*/10 * * * * *", "every 10 seconds UTC"),
            ("5 * * * *", "at minute 5 of every hour UTC"), ("0 */2 * * *", "every 2 hours UTC"),
            ("@daily", "every day at 00:00 UTC"), ("30 8 LW * *", "on the last weekday of the month at 08:30 UTC"),
            ("15 14 1 JAN,JUL *", "on day 1 of the month in January and July at 14:15 UTC"),
            ("0 0,12 1,15 * 5", "on days 1 and 15 of the month or every Friday at 00:00 and 12:00 UTC"),
            ("*/5 9-17 * * 1-5", "every 5 minutes of hours 9–17, every weekday UTC"),
            ("0 6 * * MON#2,5L", "on the second Monday of the month and on the last Friday of the month at 06:00 UTC"),
            ("@every 1h30m", "every 1 hour and 30 minutes"), ("@every 24h", "every day"),
        ])
    func words(expression: String, words: String) throws { #expect(try recurrence(expression).words == words) }

    @Test("an interval counts from its anchor and knows no clock on a wall")
    func intervals() throws {
        let anchor = Instant(unixMilliseconds: 1_234)
        let every = try Recurrence("@every 90s", clock: WallClock(), anchor: anchor)
        #expect(every.next(after: anchor)?.unixMilliseconds == 91_234)
        #expect(every.next(after: Instant(unixMilliseconds: -5))?.unixMilliseconds == 91_234)
        #expect(every.next(after: Instant(unixMilliseconds: 91_234))?.unixMilliseconds == 181_234)
        #expect(every.previous(before: Instant(unixMilliseconds: 181_234))?.unixMilliseconds == 91_234)
        #expect(every.previous(before: Instant(unixMilliseconds: 91_234)) == nil)
        for extreme in [Int64.min, .max] {
            _ = every.next(after: Instant(unixMilliseconds: extreme))
            _ = every.previous(before: Instant(unixMilliseconds: extreme))
        }
    }

    @Test("no instant makes a search run away, trap or go back")
    func extremes() throws {
        let hourly = try recurrence("0 * * * *")
        #expect(hourly.next(after: Instant(unixMilliseconds: .max)) == nil)
        #expect(hourly.previous(before: Instant(unixMilliseconds: .min)) == nil)
        let end = try #require(hourly.previous(before: TimeZoneTests.utc("9999-12-31", 23)))
        #expect(hourly.preview(after: end, count: 5).count == 1, "the last hour that has a four-digit year")
        #expect(hourly.preview(after: Self.epoch, count: 5_000).count == Recurrence.maximumPreview)
    }
}

@Suite("Cron and the clock of a zone")
struct CronZoneTests {
    private static let hour: Int64 = 3_600_000

    private func fires(
        _ expression: String, _ zone: String, _ gap: GapPolicy = .end, _ fold: FoldPolicy = .first, on date: String
    ) throws -> [String] {
        let clock = WallClock(zone: try TimeZoneTests.zone(zone), gap: gap, fold: fold)
        let recurrence = try Recurrence(expression, clock: clock, anchor: Instant(unixMilliseconds: 0))
        let day = try #require(CivilDate(date))
        let end = clock.zone.start(of: day.adding(days: 1))
        var last = clock.zone.start(of: day).advanced(byMilliseconds: -1)
        var times: [String] = []
        while let next = recurrence.next(after: last), next < end {
            let minutes = next.unixMilliseconds / 60_000 % 1_440
            times.append("\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)")
            last = next
        }
        return times
    }

    @Test("in a gap: no fire, one at the jump, or as late as the gap is long (all in UTC)")
    func gap() throws {
        let day = "2026-03-29"
        #expect(try fires("30 2 * * *", "Europe/Berlin", .skip, on: day) == [])
        #expect(try fires("30 2 * * *", "Europe/Berlin", .end, on: day) == ["1:00"])
        #expect(try fires("30 2 * * *", "Europe/Berlin", .shift, on: day) == ["1:30"])
        #expect(try fires("0,30 2,3 * * *", "Europe/Berlin", .end, on: day) == ["1:00", "1:30"])
        #expect(try fires("0,30 2,3 * * *", "Europe/Berlin", .shift, on: day) == ["1:00", "1:30"])
        // A gap of half an hour, and one that swallows midnight.
        #expect(try fires("15 2 * * *", "Australia/Lord_Howe", .shift, on: "2026-10-04") == ["15:45"])
        #expect(try fires("30 0 * * *", "Asia/Beirut", .end, on: "2022-03-27") == ["22:00"])
    }

    @Test("in a fold: the first, the second or both")
    func fold() throws {
        let day = "2026-10-25"
        #expect(try fires("30 2 * * *", "Europe/Berlin", .end, .first, on: day) == ["0:30"])
        #expect(try fires("30 2 * * *", "Europe/Berlin", .end, .second, on: day) == ["1:30"])
        #expect(try fires("30 2 * * *", "Europe/Berlin", .end, .both, on: day) == ["0:30", "1:30"])
        #expect(try fires("0 2 * * *", "Europe/Berlin", .end, .second, on: day) == ["1:00"])
        #expect(try fires("0 3 * * *", "Europe/Berlin", .end, .second, on: day) == ["2:00"])
    }

    @Test("what fires every hour fires every hour, on days of 23, 24 and 25 hours")
    func everyHour() throws {
        for (day, count) in [("2026-03-29", 23), ("2026-03-30", 24), ("2026-10-25", 25)] {
            for gap in GapPolicy.allCases {
                for fold in FoldPolicy.allCases {
                    #expect(try fires("30 * * * *", "Europe/Berlin", gap, fold, on: day).count == count)
                }
            }
        }
    }

    @Test("a time that a policy always skips is found to come never")
    func neverInZone() throws {
        let clock = WallClock(zone: try TimeZoneTests.zone("Europe/Berlin"), gap: .skip)
        let recurrence = try Recurrence("30 2 * 3 SUNL", clock: clock, anchor: Instant(unixMilliseconds: 0))
        #expect(recurrence.next(after: try TimeZoneTests.utc("2000-01-01")) == nil)
    }

    /// Every local minute, asked one by one what it stands for.
    private func slow(
        hours: Set<Int>, _ clock: WallClock, from lower: Instant, to upper: Instant
    ) -> [Instant] {
        var found: Set<Instant> = []
        var day = clock.zone.date(at: lower).adding(days: -1)
        let last = clock.zone.date(at: upper).adding(days: 1)
        while day <= last {
            for hour in hours {
                for minute in [0, 30] {
                    let second = hour * 3_600 + minute * 60
                    switch (clock.zone.resolve(day, secondOfDay: second), clock.gap, clock.fold) {
                    case (.once(let instant), _, _): found.insert(instant)
                    case (.twice(let first, _), _, .first): found.insert(first)
                    case (.twice(_, let second), _, .second): found.insert(second)
                    case (.twice(let first, let second), _, .both): found.formUnion([first, second])
                    case (.never(let jump), .end, _): found.insert(jump)
                    case (.never(let jump), .shift, _):
                        let before = clock.zone.offsetSeconds(at: jump.advanced(byMilliseconds: -1))
                        let local = Int64(day.daysSinceEpoch) * 86_400 + Int64(second)
                        found.insert(Instant(unixMilliseconds: (local - before) * 1_000))
                    case (.never, .skip, _): break
                    }
                }
            }
            day = day.adding(days: 1)
        }
        return found.filter { lower < $0 && $0 < upper }.sorted()
    }

    @Test("around each change of 2026 in every zone, fires are those of a search minute by minute, forth and back")
    func allZones() throws {
        var changes = 0
        for name in TimeZone.knownTimeZoneIdentifiers {
            guard let zone = try? TimeZoneTests.zone(name) else { continue }
            var at = try TimeZoneTests.utc("2026-01-01")
            let end = try TimeZoneTests.utc("2027-01-01")
            while at < end {
                let next = at.advanced(byMilliseconds: 6 * Self.hour)
                if zone.offsetSeconds(at: at) != zone.offsetSeconds(at: next) {
                    changes += 1
                    for gap in GapPolicy.allCases {
                        for fold in FoldPolicy.allCases {
                            try check(WallClock(zone: zone, gap: gap, fold: fold), around: at)
                        }
                    }
                }
                at = next
            }
        }
        #expect(changes > 200, "\(changes) changes seen")
    }

    private func check(_ clock: WallClock, around instant: Instant) throws {
        let lower = instant.advanced(byMilliseconds: -20 * Self.hour)
        let upper = instant.advanced(byMilliseconds: 20 * Self.hour)
        let expected = slow(hours: [0, 1, 2, 3, 23], clock, from: lower, to: upper)
        let recurrence = try Recurrence("0,30 0-3,23 * * *", clock: clock, anchor: instant)
        #expect(
            recurrence.preview(after: lower, count: expected.count) == expected,
            "\(clock.zone.name) \(clock.gap) \(clock.fold)")
        var last = upper
        var back: [Instant] = []
        while let previous = recurrence.previous(before: last), previous > lower {
            back.append(previous)
            last = previous
        }
        #expect(back.reversed() == expected, "\(clock.zone.name) \(clock.gap) \(clock.fold)")
    }
}
