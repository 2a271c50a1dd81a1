/// What people are told of an event: short, without the content that is to be reviewed, and of what is classified
/// higher than the channel may see only that it is there.
package struct NotificationText: Hashable, Sendable {
    private static let maximumWordBytes = 200

    package var title: String
    package var lines: [String]
    /// Where to look, below the base address.
    package var path: String?

    /// - Parameters:
    ///   - mayShow: whether the channel is cleared for the run's data.
    ///   - run: nil for an event that no run caused.
    package init(topic: String, body: JSONValue, department: String?, tenant: String?, run: RunID?, mayShow: Bool) {
        let place = department.map { " in \(Self.plain($0))" } ?? ""
        lines = []
        switch topic {
        case EventTopic.approvalRequested:
            title = "A decision is asked for\(place)"
            if let run, let sequence = body["sequence"]?.integerValue { path = "/approvals/\(run)/\(sequence)" }
            if mayShow, let subject = body["title"]?.stringValue { lines.append(Self.plain(subject)) }
            if let people = body["approvers"]?.arrayValue?.compactMap(\.stringValue), !people.isEmpty {
                lines.append("asked: " + people.map(Self.plain).joined(separator: ", "))
            } else if body["anybody"] == true {
                lines.append("asked: anybody who may approve")
            }
            if let end = body["expires_at"]?.stringValue { lines.append("until: \(Self.plain(end))") }
        case EventTopic.dead:
            title = "A run was parked\(place): it took its process down too often"
        case EventTopic.deadLetter:
            title = "An event was given up\(place)"
        default:
            title = "\(Self.plain(topic))\(place)"
            for (name, value) in (body.objectValue ?? [:]).sorted(by: { $0.key < $1.key }) where mayShow {
                switch value {
                case .string(let text): lines.append("\(Self.plain(name)): \(Self.plain(text))")
                case .integer(let number): lines.append("\(Self.plain(name)): \(number)")
                default: continue
                }
            }
        }
        if !mayShow { lines.append("what it is about is classified: see it in the host") }
        if let tenant { lines.append("tenant: \(Self.plain(tenant))") }
        if let run {
            lines.append("run: \(run)")
            path = path ?? "/jobs/\(run)"
        }
    }

    package init(title: String, lines: [String]) {
        self.title = title
        self.lines = lines
    }

    package func text(base: String?) -> String {
        var all = [title] + lines
        if let base, let path { all.append(base + path) }
        return all.joined(separator: "\n") + "\n"
    }

    /// As Slack and those who speak like it take it; the three characters that it reads are escaped, so no text of a
    /// plugin becomes a link or calls everybody.
    package func slack(base: String?) -> JSONValue {
        var escaped = ""
        for scalar in text(base: base).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return ["text": .string(escaped)]
    }

    /// One line, without what a terminal or a reader would obey.
    private static func plain(_ text: String) -> String {
        var shown = "", bytes = 0
        for scalar in text.unicodeScalars {
            bytes += String(Character(scalar)).utf8.count
            if bytes > maximumWordBytes { return shown + "…" }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: shown += " "
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}
