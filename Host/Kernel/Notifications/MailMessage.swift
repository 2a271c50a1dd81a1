/// A message of plain text (RFC 5322). Every line of it is written here: what comes from outside stands in the subject
/// as encoded words (RFC 2047) and in the body as Base64, and cannot make a line of its own.
package struct MailMessage: Hashable, Sendable {
    private static let subjectBytes = 400
    /// Of one encoded word, before Base64: a line has at most 76.
    private static let wordBytes = 42
    private static let lineDigits = 76

    package var from: MailAddress
    package var to: [MailAddress]
    package var subject: String
    package var body: String
    /// The same for each attempt: a message that comes twice can be told from another one.
    package var id: String
    package var date: Instant

    package init(from: MailAddress, to: [MailAddress], subject: String, body: String, id: String, date: Instant) {
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.id = id
        self.date = date
    }

    package var bytes: [UInt8] {
        let domain = from.description.split(separator: "@").last.map(String.init) ?? "localhost"
        let local = String(id.unicodeScalars.filter { Self.isPlain($0) }.map(Character.init))
        var lines = [
            "From: Bureau <\(from)>", "To: \(to.map(\.description).joined(separator: ",\r\n "))",
            "Subject: \(encodedSubject)", "Date: \(Self.date(date))", "Message-ID: <\(local)@\(domain)>",
            "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: base64",
            "Auto-Submitted: auto-generated", "",
        ]
        let digits = Array(Base64.encode(Array(body.utf8)).utf8)
        for start in stride(from: 0, to: digits.count, by: Self.lineDigits) {
            lines.append(
                String(decoding: digits[start..<min(start + Self.lineDigits, digits.count)], as: UTF8.self))
        }
        return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
    }

    private var encodedSubject: String {
        var words: [String] = []
        var word: [UInt8] = [], total = 0
        for scalar in subject.unicodeScalars where scalar.value >= 32 && scalar.value != 127 {
            let bytes = Array(String(Character(scalar)).utf8)
            total += bytes.count
            if total > Self.subjectBytes { break }
            if word.count + bytes.count > Self.wordBytes {
                words.append(Base64.encode(word))
                word = []
            }
            word += bytes
        }
        words.append(Base64.encode(word))
        return words.map { "=?utf-8?B?\($0)?=" }.joined(separator: "\r\n ")
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 48...57, 65...90, 97...122: true
        default: "._-".unicodeScalars.contains(scalar)
        }
    }

    /// `Sun, 22 Nov 2026 04:00:00 +0000`.
    private static func date(_ instant: Instant) -> String {
        // 1970-01-01 was a Thursday.
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let text = instant.timestamp
        let fields = text.split { "-T:.Z".contains($0) }.map(String.init)
        let day = Int(((instant.unixMilliseconds / 86_400_000) % 7 + 7) % 7)
        guard fields.count >= 6, let month = Int(fields[1]), months.indices.contains(month - 1) else {
            return "Thu, 01 Jan 1970 00:00:00 +0000"
        }
        let time = fields[3...5].joined(separator: ":")
        return "\(days[day]), \(fields[2]) \(months[month - 1]) \(fields[0]) \(time) +0000"
    }
}
