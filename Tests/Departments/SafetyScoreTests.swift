import PluginKit
import PluginTesting
import Safety
import TestSupport
import Testing

@Suite("Safety: CVSS")
struct SafetyScoreTests {
    private func score(_ vectors: [String]) async throws -> [CVSSScore] {
        let output: CVSSOutput = try await TaskHarness(Safety.self).run("cvss", input: CVSSInput(vectors: vectors))
        return output.scores
    }

    /// FIRST, "Common Vulnerability Scoring System version 3.1: Examples".
    private static let examples31: [(vector: String, score: Double)] = [
        ("AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),  // CVE-2013-1937
        ("AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4),  // CVE-2013-0375
        ("AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", 3.1),  // CVE-2014-3566
        ("AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H", 9.9),  // CVE-2012-1516
        ("AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L", 4.2),  // CVE-2009-0783
        ("AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 8.8),  // CVE-2012-0384
        ("AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", 7.8),  // CVE-2015-1098
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5),  // CVE-2014-0160, Heartbleed
        ("AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),  // CVE-2014-6271, Shellshock
        ("AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N", 6.8),  // CVE-2008-1447
        ("AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N", 4.6),  // CVE-2014-2019
        ("AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N", 5.4),  // CVE-2014-9253
        ("AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 8.8),  // CVE-2011-1265
    ]

    /// FIRST, "Common Vulnerability Scoring System version 4.0: Examples", and the ends of the scale.
    private static let examples40: [(vector: String, score: Double, name: String)] = [
        ("AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3, "CVSS-B"),  // CVE-2022-41741
        ("AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7, "CVSS-B"),  // CVE-2020-3549
        ("AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N/E:U", 5.2, "CVSS-BT"),
        ("AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 8.3, "CVSS-B"),  // CVE-2023-3089
        (
            "AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N/CR:H/IR:L/AR:L/MAV:N/MAC:H/MVC:H/MVI:L/MVA:L",
            8.1, "CVSS-BE"
        ),
        ("AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N", 4.6, "CVSS-B"),  // CVE-2021-44714
        ("AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N", 5.1, "CVSS-B"),  // CVE-2022-21830
        ("AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10, "CVSS-B"),
        ("AV:P/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0, "CVSS-B"),
        ("AV:L/AC:H/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:H/SI:H/SA:H/MSI:S/S:P", 6.9, "CVSS-BE"),
    ]

    @Test("FIRST's examples of 3.1 have their published scores")
    func published31() async throws {
        let scores = try await score(Self.examples31.map { "CVSS:3.1/" + $0.vector })
        for (score, example) in zip(scores, Self.examples31) {
            #expect(score.score == example.score, "\(example.vector)")
            #expect(score.base == example.score && score.temporal == example.score)
        }
    }

    @Test("temporal and environmental metrics of 3.1 count as in its calculator")
    func environmental31() async throws {
        let scores = try await score([
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:O/RC:R",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H/MAV:L/CR:H/IR:L/E:U",
            "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:L/A:N/MC:H/MI:H/MA:H/CR:H/IR:H/AR:H",
        ])
        #expect(scores.map(\.base) == [9.8, 10, 7.2])
        #expect(scores.map(\.temporal) == [8.5, 9.1, 7.2])
        #expect(scores.map(\.environmental) == [8.5, 8.6, 10])
        #expect(scores.map(\.score) == [8.5, 8.6, 10])
    }

    @Test("FIRST's examples of 4.0 have their published scores and names")
    func published40() async throws {
        let scores = try await score(Self.examples40.map { "CVSS:4.0/" + $0.vector })
        for (score, example) in zip(scores, Self.examples40) {
            #expect(score.score == example.score, "\(example.vector)")
            #expect(score.nomenclature == example.name)
        }
        #expect(scores[7].macroVector == "000100")
        #expect(scores.map(\.rating)[7...8] == ["critical", "none"])
    }

    @Test("making any one impact or barrier of a 4.0 vector worse never lowers its score")
    func monotonic() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let order = [
            ("AV", "PLAN"), ("AC", "HL"), ("AT", "PN"), ("PR", "HLN"), ("UI", "APN"), ("VC", "NLH"), ("VI", "NLH"),
            ("VA", "NLH"), ("SC", "NLH"), ("SI", "NLH"), ("SA", "NLH"),
        ].map { ($0.0, $0.1.map(String.init)) }
        var vectors: [String] = []
        for _ in 0..<1_500 {
            var choice = order.map { Int.random(in: 0..<$0.1.count, using: &random) }
            func vector() -> String {
                "CVSS:4.0/" + zip(order, choice).map { "\($0.0):\($0.1[$1])" }.joined(separator: "/")
            }
            let metric = Int.random(in: 0..<order.count, using: &random)
            if choice[metric] == order[metric].1.count - 1 { choice[metric] -= 1 }
            vectors.append(vector())
            choice[metric] += 1
            vectors.append(vector())
        }
        let scores = try await score(vectors)
        for index in stride(from: 0, to: scores.count, by: 2) {
            let (milder, worse) = (scores[index], scores[index + 1])
            #expect(worse.score >= milder.score, "\(milder.vector) \(worse.vector), seed \(seed)")
        }
    }

    @Test(
        "a vector that is wrong is refused with what and where",
        arguments: [
            ("", "must begin"), ("CVSS:2.0/AV:N", "must begin"), ("CVSS:3.1/", "is no metric"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", "missing A"),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/", "is no metric"),
            ("CVSS:3.1/AV:N/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "given twice"),
            ("CVSS:3.1/AV:Z/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "AV must be one of N, A, L, P"),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:S/SI:H/SA:H", "SC must be one of"),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/RL:O", "is no metric of CVSS 4.0"),
        ])
    func refused(vector: String, reason: String) async throws {
        let failure = await #expect(throws: TaskFailure.self) { _ = try await score([vector]) }
        #expect(failure?.status == .invalid)
        #expect(failure?.message.contains(reason) == true, "\(failure?.message ?? "")")
        #expect(failure?.message.hasPrefix("/vectors/0") == true)
    }
}
