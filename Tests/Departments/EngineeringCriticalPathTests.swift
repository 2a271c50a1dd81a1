import Engineering
import Foundation
import PluginKit
import PluginTesting
import TestSupport
import Testing

@Suite("Engineering: critical path")
struct EngineeringCriticalPathTests {
    /// Wikipedia, "Program evaluation and review technique", section "Example".
    private static let wikipedia = [
        activity("a", 2, 4, 6), activity("b", 3, 5, 9), activity("c", 4, 5, 7, after: ["a"]),
        activity("d", 4, 6, 10, after: ["a"]), activity("e", 4, 5, 7, after: ["b", "c"]),
        activity("f", 3, 4, 8, after: ["d"]), activity("g", 3, 5, 8, after: ["e"]),
    ]

    private static func activity(
        _ id: String, _ optimistic: Double, _ likely: Double, _ pessimistic: Double, after: [String] = []
    ) -> Activity {
        Activity(
            id: id, name: "Activity \(id)", optimisticDays: optimistic, likelyDays: likely,
            pessimisticDays: pessimistic, after: after)
    }

    private func schedule(_ input: CriticalPathInput) async throws -> CriticalPathOutput {
        try await TaskHarness(Engineering.self).run("critical-path", input: input)
    }

    @Test("Wikipedia's PERT example has its expected times, path, floats and length")
    func published() async throws {
        let output = try await schedule(CriticalPathInput(activities: Self.wikipedia))
        let expected = output.schedule.map { ($0.expectedDays * 100).rounded() / 100 }
        #expect(expected == [4, 5.33, 5.17, 6.33, 5.17, 4.5, 5.17])
        #expect(output.criticalPath == ["a", "c", "e", "g"])
        #expect(output.expectedDays == 19.5)
        let slack = output.schedule.map { ($0.slackDays * 100).rounded() / 100 }
        // The page gives 3.84 and 4.68, from rounded times.
        #expect(slack == [0, 3.83, 0, 4.67, 0, 4.67, 0])
        #expect(output.schedule[6].earlyFinish == 19.5 && output.schedule[6].lateFinish == 19.5)
        // ((6−2)² + (7−4)² + (7−4)² + (8−3)²) / 36
        #expect(abs(output.variance - 59.0 / 36) < 1e-4)
    }

    @Test("the probability of a target is the normal distribution's")
    func probability() async throws {
        let onTime = try await schedule(CriticalPathInput(activities: Self.wikipedia, targetDays: 19.5))
        #expect(abs((onTime.probabilityOfTarget ?? 0) - 0.5) < 1e-12)
        let deviation = (59.0 / 36).squareRoot()
        let later = try await schedule(CriticalPathInput(activities: Self.wikipedia, targetDays: 19.5 + deviation))
        #expect(abs((later.probabilityOfTarget ?? 0) - 0.8413447460685429) < 1e-12)
        #expect(abs(later.days95 - (19.5 + 1.6448536269514722 * deviation)) < 1e-4)
        let certain = [Self.activity("only", 3, 3, 3)]
        #expect(try await schedule(CriticalPathInput(activities: certain, targetDays: 3)).probabilityOfTarget == 1)
        #expect(try await schedule(CriticalPathInput(activities: certain, targetDays: 2.9)).probabilityOfTarget == 0)
    }

    @Test("the error function agrees with the C library's on the whole range")
    func errorFunction() {
        for step in -600...600 {
            let x = Double(step) / 100
            let own = NormalDistribution.complementaryErrorFunction(x)
            #expect(abs(own - erfc(x)) <= 1e-14 + 1e-11 * erfc(x), "\(x)")
        }
    }

    @Test("cycles and unknown ids are refused by name")
    func badPlans() async throws {
        let cycle = [
            Self.activity("start", 1, 1, 1), Self.activity("x", 1, 1, 1, after: ["start", "z"]),
            Self.activity("y", 1, 1, 1, after: ["x"]), Self.activity("z", 1, 1, 1, after: ["y"]),
        ]
        let messages: [([Activity], String)] = [
            (cycle, "\"x\" → \"y\" → \"z\" → \"x\""),
            ([Self.activity("a", 1, 1, 1, after: ["a"])], "\"a\" → \"a\""),
            ([Self.activity("a", 1, 1, 1, after: ["ghost"])], "\"ghost\""),
            ([Self.activity("a", 1, 1, 1), Self.activity("a", 1, 1, 1)], "the id \"a\""),
            ([Self.activity("a", 3, 2, 4)], "optimistic ≤ likely ≤ pessimistic"),
        ]
        for (activities, message) in messages {
            let failure = await #expect(throws: TaskFailure.self) {
                try await schedule(CriticalPathInput(activities: activities))
            }
            #expect(failure?.status == .invalid)
            #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
        }
    }

    @Test("dates leave out weekends and holidays")
    func calendar() async throws {
        let activities = [Self.activity("a", 3, 3, 3), Self.activity("b", 2, 2, 2, after: ["a"])]
        // 2026-04-02 is the Thursday before Easter; Friday and Monday are holidays in many countries.
        let output = try await schedule(
            CriticalPathInput(
                activities: activities, startDate: "2026-04-02", holidays: ["2026-04-03", "2026-04-06"]))
        #expect(output.schedule[0].startDate == "2026-04-02")
        #expect(output.schedule[0].endDate == "2026-04-08")
        #expect(output.schedule[1].startDate == "2026-04-09")
        #expect(output.endDate == "2026-04-10")
        let saturdays = try await schedule(
            CriticalPathInput(activities: activities, startDate: "2026-04-02", workingDays: ["sat"]))
        #expect(saturdays.schedule[0].startDate == "2026-04-04")
        #expect(saturdays.endDate == "2026-05-02")
        for (start, days) in [("2026-02-30", ["mon"]), ("2026-02-03", ["funday"])] {
            await #expect(throws: TaskFailure.self) {
                try await schedule(CriticalPathInput(activities: activities, startDate: start, workingDays: days))
            }
        }
    }

    @Test("in any plan no activity starts before what it needs, and the length is that of the longest chain")
    func randomPlans() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let count = Int.random(in: 1...15, using: &random)
            let activities = (0..<count).map { number in
                let low = Double.random(in: 0...5, using: &random)
                let after = (0..<number).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }.map { "n\($0)" }
                return Self.activity("n\(number)", low, low + 1, low + 3, after: after)
            }
            let output = try CriticalPathInput.schedule(
                CriticalPathInput(activities: activities.shuffled(using: &random)))
            let rows = Dictionary(uniqueKeysWithValues: output.schedule.map { ($0.id, $0) })
            for row in output.schedule {
                #expect(row.slackDays >= 0 && row.lateFinish <= output.expectedDays + 1e-3, "seed \(seed)")
                for before in row.after {
                    let other = try #require(rows[before])
                    #expect(row.earlyStart >= other.earlyFinish - 1e-3, "seed \(seed)")
                    #expect(other.lateFinish <= row.lateStart + 1e-3, "seed \(seed)")
                }
            }
            let length = output.criticalPath.reduce(0.0) { $0 + (rows[$1]?.expectedDays ?? 0) }
            #expect(abs(length - output.expectedDays) < 1e-2, "seed \(seed)")
            #expect(output.criticalPath.allSatisfy { rows[$0]?.critical == true }, "seed \(seed)")
        }
    }
}
