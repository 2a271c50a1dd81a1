package import PluginKit

package struct LogInput: Codable, Sendable, SchemaDescribing {
    package var text: String?
    package var path: String?
    package var file: String?
    package var bucketSeconds: Int?
    package var threshold: Double?
    package var year: Int?
    package var failedLogins: Int?
    package var baselineShare: Double?

    enum CodingKeys: String, CodingKey {
        case text, path, file, threshold, year
        case bucketSeconds = "bucket_seconds"
        case failedLogins = "failed_logins"
        case baselineShare = "baseline_share"
    }

    package init(
        text: String? = nil, path: String? = nil, file: String? = nil, bucketSeconds: Int? = nil,
        threshold: Double? = nil, year: Int? = nil, failedLogins: Int? = nil, baselineShare: Double? = nil
    ) {
        self.text = text
        self.path = path
        self.file = file
        self.bucketSeconds = bucketSeconds
        self.threshold = threshold
        self.year = year
        self.failedLogins = failedLogins
        self.baselineShare = baselineShare
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("text", "The log, one message a line.", maxLength: 14_000_000)
        schema.property("path", "A folder that the host may read, for file.", minLength: 1, maxLength: 4096)
        schema.property("file", "The log below path.", minLength: 1, maxLength: 4096)
        schema.property(
            "bucket_seconds", "Width of the counted intervals. Default: such that there are at most 500.",
            minimum: 1, maximum: 604_800)
        schema.property("threshold", "Of the modified z-score. Default 3.5.", minimum: 1, maximum: 1000)
        schema.property("year", "Of syslog times, which have none. Default 2026.", minimum: 1970, maximum: 9999)
        schema.property("failed_logins", "From one address, to be reported. Default 10.", minimum: 1, maximum: 1e9)
        schema.property(
            "baseline_share", "Share of the time after which a message counts as new. Default 0.5.",
            minimum: 0.01, maximum: 0.99)
    }
}

package struct LogTemplate: Codable, Hashable, Sendable {
    package var template: String
    package var count: Int
    package var firstLine: Int

    enum CodingKeys: String, CodingKey {
        case template, count
        case firstLine = "first_line"
    }
}

package struct LogAnomaly: Codable, Hashable, Sendable {
    package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
        /// More of one message than usual in an interval.
        case burst
        /// Fewer than usual.
        case silence
        /// A message not seen in the first part of the time.
        case new
        /// Failed log-ins from one address.
        case guessing
    }

    package var kind: Kind
    package var subject: String
    /// Seconds since 1970: start of the interval, or the first message.
    package var at: Int64?
    package var observed: Int
    package var expected: Double?
    package var score: Double?
    package var firstLine: Int
    package var severity: Severity

    package init(
        kind: Kind, subject: String, at: Int64? = nil, observed: Int, expected: Double? = nil, score: Double? = nil,
        firstLine: Int, severity: Severity
    ) {
        self.kind = kind
        self.subject = subject
        self.at = at
        self.observed = observed
        self.expected = expected
        self.score = score
        self.firstLine = firstLine
        self.severity = severity
    }

    enum CodingKeys: String, CodingKey {
        case kind, subject, at, observed, expected, score, severity
        case firstLine = "first_line"
    }
}

package struct LogOutput: Codable, Hashable, Sendable {
    package var lines: Int
    package var linesWithTime: Int
    package var bucketSeconds: Int?
    package var buckets: Int
    package var templates: [LogTemplate]
    package var templateCount: Int
    package var anomalies: [LogAnomaly]
    package var warnings: [String]
    package var method: String

    enum CodingKeys: String, CodingKey {
        case lines, buckets, templates, anomalies, warnings, method
        case linesWithTime = "lines_with_time"
        case bucketSeconds = "bucket_seconds"
        case templateCount = "template_count"
    }
}
