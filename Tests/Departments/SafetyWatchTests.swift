import PluginKit
import PluginTesting
import Safety
import TestSupport
import Testing

@Suite("Safety: logs")
struct SafetyWatchTests {
    private func watch(_ input: LogInput) async throws -> LogOutput {
        try await TaskHarness(Safety.self).run("log-watch", input: input)
    }

    private func time(_ seconds: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60].map(two).joined(separator: ":")
        return "2026-03-0\(1 + seconds / 86_400)T\(clock)Z"
    }

    @Test("messages that differ in parameters are one template")
    func templates() async throws {
        // The example of the Drain paper's figure 2 and of its introduction (HDFS).
        let text = """
            Receiving block blk_123 src: 10.0.0.1:50010 dest: 10.0.0.2:50010
            Receiving block blk_987 src: 10.0.0.3:50010 dest: 10.0.0.9:50010
            PacketResponder 1 for block blk_123 terminating
            PacketResponder 0 for block blk_987 terminating
            Verification succeeded for blk_123
            """
        let output = try await watch(LogInput(text: text))
        #expect(
            output.templates.map { "\($0.count) \($0.template)" } == [
                "2 Receiving block <*> src: <*> dest: <*>", "2 PacketResponder <*> for block <*> terminating",
                "1 Verification succeeded for blk_123",
            ])
        #expect(output.lines == 5 && output.anomalies.isEmpty)
        #expect(output.warnings.contains { $0.contains("no line begins with a time") })
    }

    @Test("a planted burst and a planted new error are found, and steady noise is not")
    func burst() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        var lines = ["\(time(0)) GET /item took 1 ms"]
        for minute in 0..<240 {
            for _ in 0..<Int.random(in: 8...12, using: &random) {
                lines.append("\(time(minute * 60 + Int.random(in: 0..<60, using: &random))) GET /item took 12 ms")
            }
            if minute == 150 { lines += (0..<60).map { "\(time(minute * 60 + $0)) GET /item took \($0) ms" } }
            if minute == 200 { lines.append("\(time(minute * 60)) fatal: disk sda1 failed") }
        }
        let input = LogInput(text: lines.joined(separator: "\n"), bucketSeconds: 60)
        let output = try await watch(input)
        let bursts = output.anomalies.filter { $0.kind == .burst }
        #expect(bursts.count == 1, "seed \(seed)")
        let start: Int64 = 1_772_323_200 + 150 * 60
        #expect(bursts.first?.at == start, "\(output.anomalies)")
        #expect((bursts.first?.score ?? 0) > 10)
        let new = output.anomalies.filter { $0.kind == .new }
        #expect(new.map(\.subject) == ["fatal: disk sda1 failed"])
        #expect(new.first?.severity == .high)
    }

    @Test("the modified z-score is that of Iglewicz and Hoaglin")
    func score() async throws {
        // Counts 2,3,3,4,4,4,5,5,6,20: median 4, MAD 1; 0.6745 · 16 / 1 = 10.79.
        var lines: [String] = []
        for (minute, count) in [2, 3, 3, 4, 4, 4, 5, 5, 6, 20].enumerated() {
            lines += (0..<count).map { "\(time(minute * 60 + $0)) tick" }
        }
        lines.append("\(time(9 * 60 + 59)) end of log")
        let output = try await watch(LogInput(text: lines.joined(separator: "\n"), bucketSeconds: 60))
        #expect(output.anomalies.filter { $0.kind == .burst }.map(\.score) == [10.79])
    }

    @Test("log-ins that fail from one address are counted by address")
    func guessing() async throws {
        let lines = (0..<25).map {
            "Mar  1 10:00:\($0 + 10) host sshd[\(100 + $0)]: Failed password for root from 203.0.113.9 port \($0) ssh2"
        }
        let other = "Mar  1 11:00:00 host sshd[9]: Failed password for a from 198.51.100.1 port 5 ssh2"
        let output = try await watch(LogInput(text: (lines + [other]).joined(separator: "\n")))
        let found = output.anomalies.filter { $0.kind == .guessing }
        #expect(found.map(\.subject) == ["failed log-ins from 203.0.113.9"])
        #expect(found.first?.observed == 25 && found.first?.firstLine == 1)
    }

    @Test(
        "times are read in the forms that logs use",
        arguments: [
            ("2026-03-01T10:00:00Z x", 1_772_359_200), ("2026-03-01 10:00:00,123 x", 1_772_359_200),
            ("2026-03-01T11:00:00.5+01:00 x", 1_772_359_200), ("Mar  1 10:00:00 h x", 1_772_359_200),
            ("1.2.3.4 - - [01/Mar/2026:11:00:00 +0100] \"GET / HTTP/1.1\" 200", 1_772_359_200),
            ("1772359200 x", 1_772_359_200),
        ])
    func times(line: String, seconds: Int64) async throws {
        let marker = "2026-03-01T09:00:00Z other one\n"
        let output = try await watch(LogInput(text: marker + line, baselineShare: 0.5))
        #expect(output.linesWithTime == 2)
        #expect(output.anomalies.first { $0.kind == .new }?.at == seconds, "\(output)")
    }

    @Test("hostile logs end with an answer or an error that says what to change")
    func hostile() async throws {
        #expect(try await watch(LogInput(text: "")).lines == 0)
        #expect(try await watch(LogInput(text: "\n\n\r\n")).templates.isEmpty)
        let days = "2026-02-30T10:00:00Z x\n9999-12-31T23:59:60Z y\n0001-01-01T00:00:00Z z"
        let far = try await watch(LogInput(text: days))
        #expect(far.linesWithTime == 2 && far.buckets <= 500)
        let failure = await #expect(throws: TaskFailure.self) {
            _ = try await watch(LogInput(text: days, bucketSeconds: 1))
        }
        #expect(failure?.message.contains("/bucket_seconds") == true)
        let none = await #expect(throws: TaskFailure.self) { _ = try await watch(LogInput()) }
        #expect(none?.message.contains("there is no log") == true)
        let many = (0..<20_000).map { "word\($0 % 7_000 + 1)x\($0)y a b" }.joined(separator: "\n")
        #expect(try await watch(LogInput(text: many)).templateCount <= 5_000)
        let wide = String(repeating: "a ", count: 100_000)
        #expect(try await watch(LogInput(text: wide)).templateCount == 1)
    }
}
