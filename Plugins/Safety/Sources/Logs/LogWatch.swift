import PluginKit

/// What in a log is unlike the rest of it: templates by Drain, counts by interval, robust scores.
struct LogWatch {
    private let input: LogInput
    private var drain = Drain()
    private var counts: [Int] = []
    private var firstLines: [Int] = []
    private var firstTimes: [Int64?] = []
    /// Seconds of each message of a template, in the log's order.
    private var times: [[Int64]] = []
    private var failures: [String: (count: Int, line: Int, time: Int64?)] = [:]
    private var lines = 0
    private var linesWithTime = 0
    private var warnings: [String] = []

    private static let maximumBuckets = 20_000
    private static let maximumAnomalies = 500
    private static let maximumAddresses = 100_000
    private static let method =
        "Drain (He et al. 2017) with similarity 0.5 and two leading tokens; counts of each template by interval "
        + "judged by the modified z-score with the median absolute deviation (Iglewicz & Hoaglin 1993)"

    init(_ input: LogInput, text: String) {
        self.input = input
        read(text)
    }

    private mutating func read(_ text: String) {
        let bytes = Array(text.utf8)
        var last: Int64?
        for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
            lines += 1
            let line = line.last == 0x0D ? line.dropLast() : line
            guard !line.isEmpty else { continue }
            var message = line
            if let (seconds, rest) = LogTime.read(line, year: input.year ?? 2026) {
                last = seconds
                linesWithTime += 1
                message = rest
            }
            // A line without a time (a stack trace) belongs to the one above.
            let tokens = Drain.tokens(message)
            guard !tokens.isEmpty else { continue }
            noteFailure(message, last)
            guard let group = drain.add(tokens) else { continue }
            if group == counts.count {
                counts.append(0)
                firstLines.append(lines)
                firstTimes.append(last)
                times.append([])
            }
            counts[group] += 1
            if let last { times[group].append(last) }
        }
        if bytes.isEmpty || bytes.last == 0x0A { lines -= 1 }
        if drain.withoutGroup > 0 {
            warnings.append(
                "\(drain.withoutGroup) messages came after \(Drain.maximumGroups) templates and were not counted")
        }
    }

    /// OpenSSH's and PAM's words for a log-in that failed, with the address that they name.
    private mutating func noteFailure(_ message: ArraySlice<UInt8>, _ time: Int64?) {
        guard Self.failureWords.contains(where: { message.firstRange(of: $0) != nil }) else { return }
        let words = message.split(separator: 0x20)
        var address: ArraySlice<UInt8>?
        for (index, word) in words.enumerated() {
            if word.elementsEqual("from".utf8), index + 1 < words.count { address = words[index + 1] }
            if word.starts(with: "rhost=".utf8) { address = word.dropFirst(6) }
        }
        guard let address, !address.isEmpty else { return }
        let name = String(decoding: address.prefix(64), as: UTF8.self)
        guard failures[name] != nil || failures.count < Self.maximumAddresses else { return }
        let known = failures[name]
        failures[name] = ((known?.count ?? 0) + 1, known?.line ?? lines, known?.time ?? time)
    }

    private static let failureWords = ["Failed password", "authentication failure", "Invalid user"].map {
        Array($0.utf8)
    }

    func output() throws(TaskFailure) -> LogOutput {
        var warnings = self.warnings
        var anomalies = guessing()
        var bucket: Int?
        var buckets = 0
        if let first = times.lazy.compactMap({ $0.min() }).min(), let last = times.lazy.compactMap({ $0.max() }).max() {
            let span = last - first + 1
            let width = Int64(input.bucketSeconds ?? Int(max(1, (span + 499) / 500)))
            let number = (span + width - 1) / width
            guard number <= Self.maximumBuckets else {
                throw .invalid(
                    "/bucket_seconds: \(width) gives \(number) intervals, more than \(Self.maximumBuckets); "
                        + "take at least \(span / Int64(Self.maximumBuckets) + 1)")
            }
            bucket = Int(width)
            buckets = Int(number)
            if buckets < 8 { warnings.append("\(buckets) intervals are too few to tell what is usual; 8 are needed") }
            for (group, times) in times.enumerated() {
                anomalies += unusual(group, times, first, width, buckets)
                anomalies += new(group, first, span)
            }
        } else {
            warnings.append("no line begins with a time that is understood: rates were not judged")
        }
        anomalies.sort {
            if $0.severity != $1.severity { return $0.severity > $1.severity }
            if abs($0.score ?? 0) != abs($1.score ?? 0) { return abs($0.score ?? 0) > abs($1.score ?? 0) }
            return ($0.firstLine, $0.kind.rawValue) < ($1.firstLine, $1.kind.rawValue)
        }
        if anomalies.count > Self.maximumAnomalies {
            warnings.append("\(anomalies.count - Self.maximumAnomalies) lesser anomalies were left out")
            anomalies.removeLast(anomalies.count - Self.maximumAnomalies)
        }
        return LogOutput(
            lines: lines, linesWithTime: linesWithTime, bucketSeconds: bucket, buckets: buckets,
            templates: templates(), templateCount: counts.count, anomalies: anomalies, warnings: warnings,
            method: Self.method)
    }

    private func template(_ group: Int) -> String {
        String(drain.groups[group].joined(separator: " ").prefix(400))
    }

    private func templates() -> [LogTemplate] {
        counts.indices.sorted { (counts[$1], firstLines[$0]) < (counts[$0], firstLines[$1]) }.prefix(100).map {
            LogTemplate(template: template($0), count: counts[$0], firstLine: firstLines[$0])
        }
    }

    private func unusual(
        _ group: Int, _ times: [Int64], _ first: Int64, _ width: Int64, _ buckets: Int
    ) -> [LogAnomaly] {
        guard buckets >= 8, times.count >= 5 else { return [] }
        var values = [Double](repeating: 0, count: buckets)
        for time in times { values[Int((time - first) / width)] += 1 }
        guard let robust = RobustScore(values) else { return [] }
        return values.enumerated().compactMap { index, value in
            let score = robust.score(value)
            // One message more or less is no burst, however regular the rest is.
            guard abs(score) > (input.threshold ?? 3.5), abs(value - robust.median) >= 3 else { return nil }
            return LogAnomaly(
                kind: score > 0 ? .burst : .silence, subject: template(group), at: first + Int64(index) * width,
                observed: Int(value), expected: robust.median, score: Texts.rounded(score, 2),
                firstLine: firstLines[group], severity: score > 0 ? max(.medium, Self.tone(template(group))) : .low)
        }
    }

    private func new(_ group: Int, _ first: Int64, _ span: Int64) -> [LogAnomaly] {
        guard let time = firstTimes[group], Double(time - first) >= (input.baselineShare ?? 0.5) * Double(span) else {
            return []
        }
        return [
            LogAnomaly(
                kind: .new, subject: template(group), at: time, observed: counts[group],
                firstLine: firstLines[group], severity: max(.low, Self.tone(template(group))))
        ]
    }

    private func guessing() -> [LogAnomaly] {
        let limit = input.failedLogins ?? 10
        return failures.filter { $0.value.count >= limit }.map { address, failure in
            LogAnomaly(
                kind: .guessing, subject: "failed log-ins from \(address)", at: failure.time,
                observed: failure.count, expected: Double(limit), firstLine: failure.line,
                severity: failure.count >= limit * 10 ? .high : .medium)
        }
    }

    /// By the words of trouble in a message, whole words only.
    private static func tone(_ template: String) -> Severity {
        let words = Set(template.lowercased().split { !$0.isLetter }.map(String.init))
        if !words.isDisjoint(with: ["fatal", "panic", "critical", "emerg", "segfault", "corrupt", "denied"]) {
            return .high
        }
        return words.isDisjoint(with: ["error", "err", "fail", "failed", "failure", "exception", "refused"])
            ? .low : .medium
    }
}

enum LogTask {
    static func run(_ input: LogInput, context: TaskContext) async throws -> LogOutput {
        let text: String
        if let given = input.text {
            guard input.file == nil else { throw TaskFailure.invalid("give /text or /file, not both") }
            text = given
        } else if let path = input.path, let file = input.file {
            text = try await HostFiles(context: context).texts([file], in: path)[file] ?? ""
        } else {
            throw TaskFailure.invalid("give /text, or /path and /file: there is no log")
        }
        context.progress(0.2, "mining templates")
        return try await context.step("watch", dependsOn: Watched(input: input, text: text)) {
            try LogWatch(input, text: text).output()
        }
    }

    private struct Watched: Codable, Sendable {
        var input: LogInput
        var text: String
    }
}
