import Kernel
import TestSupport
import Testing

@Suite("Budget windows and rules")
struct BudgetRulesTests {
    private func window(_ period: BudgetPeriod, _ instant: Instant) throws -> BudgetWindow {
        let zone = try period.zone.map { try TimeZoneTests.zone($0) } ?? .utc
        return period.window(containing: instant, in: zone)
    }

    private func dates(_ period: BudgetPeriod, _ date: String) throws -> [String] {
        let zone = try TimeZoneTests.zone("Etc/UTC")
        let window = period.window(containing: try TimeZoneTests.utc(date, 12), in: zone)
        return [zone.date(at: window.opens).description, zone.date(at: window.closes).description]
    }

    @Test("B5: a day in Berlin has 23 hours in March and 25 in October")
    func days() throws {
        let day = BudgetPeriod.calendar(.day, zone: "Europe/Berlin")
        for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)] as [(String, Int64)] {
            let window = try window(day, try TimeZoneTests.utc(date, 12))
            #expect(window.closes.unixMilliseconds - window.opens.unixMilliseconds == hours * 3_600_000)
        }
    }

    @Test("B6: a month that begins on the 31st begins on the last day of a shorter one")
    func anchors() throws {
        let month = BudgetPeriod.calendar(.month, zone: "UTC", anchor: 31)
        #expect(try dates(month, "2026-02-15") == ["2026-01-31", "2026-02-28"])
        #expect(try dates(month, "2026-02-28") == ["2026-02-28", "2026-03-31"])
        #expect(try dates(month, "2028-03-01") == ["2028-02-29", "2028-03-31"])
        #expect(try dates(.calendar(.month, zone: "UTC"), "2026-12-31") == ["2026-12-01", "2027-01-01"])
        #expect(try dates(.calendar(.quarter, zone: "UTC", anchor: 15), "2026-04-14") == ["2026-01-15", "2026-04-15"])
        #expect(try dates(.calendar(.year, zone: "UTC"), "2026-04-14") == ["2026-01-01", "2027-01-01"])
        #expect(try dates(.calendar(.week, zone: "UTC"), "2026-11-22") == ["2026-11-16", "2026-11-23"])
    }

    @Test("every instant lies in its window, and windows follow one another without gap or overlap")
    func contiguity() throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for name in ["Europe/Berlin", "Pacific/Apia", "Asia/Beirut", "Australia/Lord_Howe", "America/Sao_Paulo"] {
            let zone = try TimeZoneTests.zone(name)
            for unit in BudgetPeriod.Unit.allCases {
                let anchor = unit == .day || unit == .week ? 1 : Int.random(in: 1...31, using: &random)
                let period = BudgetPeriod.calendar(unit, zone: name, anchor: anchor)
                for _ in 0..<200 {
                    let now = Instant(
                        unixMilliseconds: Int64.random(in: 0...4_000_000_000_000, using: &random))
                    let window = period.window(containing: now, in: zone)
                    #expect(window.opens <= now && now < window.closes, "\(name) \(period), seed \(seed)")
                    let next = period.window(containing: window.closes, in: zone)
                    #expect(next.opens == window.closes, "\(name) \(period) \(now), seed \(seed)")
                }
            }
        }
    }

    @Test("periods, rollovers and accounts are read back as they were written, and nothing else is")
    func spelling() throws {
        let run = RunID(unixMilliseconds: 7, random: Array(repeating: 9, count: 10))
        for period in [
            BudgetPeriod.lifetime, .calendar(.month, zone: "Europe/Berlin"), .calendar(.year, zone: "UTC", anchor: 31),
            .fixed(from: Instant(unixMilliseconds: 5), milliseconds: 60_000),
        ] {
            #expect(BudgetPeriod(period.description) == period)
            for node in [
                BudgetNode.organisation, .agent(tenant: "t", department: "d", "a"), .user(tenant: "t", "u"), .run(run),
                .user(tenant: "t", "ada+x@example.org"),
            ] {
                let account = BudgetAccount(node: node, period: period)
                #expect(BudgetAccount(account.description) == account)
            }
        }
        for text in [
            "", "month", "month@", "day:2@UTC", "month:32@UTC", "month:01@UTC", "fixed:0+1", "month@../etc", "x@UTC",
        ] {
            #expect(BudgetPeriod(text) == nil, "\(text)")
        }
        for text in [
            "agent:a/b", "user:x", "tenant:", "department:a/b/c", "organisation:x", "agent:a/b/c/d", "user:t/a/b@c.d",
            "user:t/a#b@c.d", "user:t/A@c.d", "user:a@b.c/u", "tenant:a@b.c",
        ] {
            #expect(BudgetNode(text) == nil, "\(text)")
        }
        #expect(BudgetWords.rollover("unused:50usd") == .unused(upTo: Nanodollars(50_000_000_000)))
        #expect(BudgetWords.amount("0.000000001USD") == Nanodollars(1) && BudgetWords.amount("1e3") == nil)
        #expect(BudgetWords.thresholds("80,95") == [80, 95] && BudgetWords.thresholds("95,80") == nil)
        #expect(BudgetWords.period("36h", zone: "UTC")?.description == "fixed:0+129600000")
    }

    private func issue(_ rollover: BudgetRollover, left: Int64, skipped: Int = 0) -> Int64 {
        let limit = BudgetLimit(
            period: .calendar(.day, zone: "UTC"), amount: Nanodollars(100), rollover: rollover)
        let last = BudgetBalance(issued: Nanodollars(100), held: .zero, spent: Nanodollars(100 - left))
        return limit.issue(after: last, skipped: skipped).value
    }

    @Test("what is left of a window goes on as the limit says, also over windows without a charge")
    func rollover() {
        #expect(issue(.none, left: 40) == 100)
        #expect(issue(.unused(upTo: Nanodollars(30)), left: 40) == 130)
        #expect(issue(.unused(upTo: Nanodollars(1_000)), left: 40, skipped: 2) == 340)
        #expect(issue(.unused(upTo: Nanodollars(150)), left: 40, skipped: 1_000_000) == 250)
        #expect(issue(.unused(upTo: Nanodollars(30)), left: -10) == 100)
        #expect(issue(.debt, left: -30) == 70)
        #expect(issue(.debt, left: -250) == -150)
        #expect(issue(.debt, left: -250, skipped: 1) == -50)
        #expect(issue(.debt, left: -250, skipped: 5) == 100)
        #expect(issue(.debt, left: 40) == 100)
    }

    @Test("a threshold is passed once, exactly at its percentage, however large the amounts")
    func thresholds() {
        let limit = Nanodollars(3)
        func crossed(_ before: Int64, _ after: Int64, _ limit: Nanodollars) -> [Int] {
            BudgetBalance.crossed(
                [50, 80, 95, 100], from: BudgetBalance(issued: limit, held: .zero, spent: Nanodollars(before)),
                to: BudgetBalance(issued: limit, held: Nanodollars(after - before), spent: Nanodollars(before)))
        }
        #expect(crossed(0, 1, limit) == [])
        #expect(crossed(0, 2, limit) == [50])
        #expect(crossed(2, 3, limit) == [80, 95, 100])
        #expect(crossed(3, 4, limit) == [])
        let large = Nanodollars(.max)
        #expect(crossed(0, .max, large) == [50, 80, 95, 100])
        #expect(crossed(0, .max / 2, large) == [])
    }

    @Test("each kind of entry takes from one account what it gives to another, and movements end where they should")
    func doubleEntry() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<2_000 {
            var sums = LedgerSums()
            let hold = Nanodollars(Int64.random(in: 0...1_000, using: &random))
            let actual = Nanodollars(Int64.random(in: 0...1_500, using: &random))
            let corrected = Nanodollars(Int64.random(in: 0...1_500, using: &random))
            let end = [HoldEnd.settle(actual), .release, .ambiguous][Int.random(in: 0...2, using: &random)]
            let spent: Nanodollars =
                switch end {
                case .settle(let amount): amount
                case .release: .zero
                case .ambiguous: hold
                }
            let parts =
                LedgerMovement.issuing(Nanodollars(5_000), instead: .zero) + LedgerMovement.beginning(hold)
                + LedgerMovement.ending(end, of: hold) + LedgerMovement.correcting(to: corrected, from: spent)
            for part in parts {
                #expect(part.amount >= .zero)
                let isPosted = sums.post(part.kind, part.amount)
                #expect(isPosted)
                #expect(sums.issue + sums.available + sums.held + sums.spent == 0, "seed \(seed)")
            }
            #expect(sums.held == 0 && sums.spent == corrected.value && sums.issue == -5_000, "seed \(seed)")
            #expect(sums.available == 5_000 - corrected.value)
        }
    }

    @Test("a forecast adds for each day that is left what its weekday costs, and says how sure it is")
    func forecast() throws {
        let zone = try TimeZoneTests.zone("Europe/Berlin")
        let month = BudgetPeriod.calendar(.month, zone: "Europe/Berlin")
        let now = zone.start(of: try #require(CivilDate("2026-11-23")))  // a Monday
        let window = month.window(containing: now, in: zone)
        var history: [CivilDate: Nanodollars] = [:]
        for back in 1...28 {
            let date = zone.date(at: now).adding(days: -back)
            history[date] = Nanodollars(date.weekday <= 5 ? 1_000_000 : 0)
        }
        let spent = Nanodollars(16_000_000)
        let forecast = BudgetForecast(spent: spent, window: window, now: now, zone: zone, history: history)
        // 23 to 30 November: six working days and a weekend.
        #expect(forecast.expected == Nanodollars(22_000_000))
        #expect(forecast.low == forecast.expected && forecast.high == forecast.expected, "no day differed")
        history[zone.date(at: now).adding(days: -7)] = Nanodollars(3_000_000)
        let unsure = BudgetForecast(spent: spent, window: window, now: now, zone: zone, history: history)
        #expect(unsure.expected == Nanodollars(23_000_000), "two Mondays at 1.5")
        #expect(unsure.low < unsure.expected && unsure.high > unsure.expected && unsure.low >= spent)
        let guess = BudgetForecast(spent: spent, window: window, now: now, zone: zone, history: [:])
        #expect(guess.historyDays == 0 && guess.expected > spent && guess.low == spent)
        let extreme = BudgetForecast(
            spent: Nanodollars(.max), window: window, now: now, zone: zone,
            history: history.mapValues { _ in Nanodollars(.max) })
        #expect(extreme.high == Nanodollars(.max))
    }

    @Test("the loop guard counts the same effect in a row, and another effect starts it anew")
    func loops() {
        var loops = LoopGuard(LoopGuard.Limits([.model: 3]))
        func note(_ kind: EffectKind, _ shape: Digest) -> Int? { loops.note(kind, shape) }
        let one = Digest.sha256([1]), two = Digest.sha256([2])
        for _ in 0..<3 { #expect(note(.model, one) == nil) }
        #expect(note(.model, one) == 4)
        #expect(note(.model, two) == nil)
        for _ in 0..<3 { #expect(note(.model, one) == nil) }
        #expect(note(.sleep, one) == nil)
        #expect(note(.model, one) == nil)
        for _ in 0..<100 { #expect(note(.stateGet, one) == nil) }
    }
}
