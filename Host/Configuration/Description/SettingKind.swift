package import Kernel

/// What a value may be. Files, variables and flags give text; the kind makes a value of it, so `port: "8080"` and
/// `BUREAU_PORT=8080` are the same, and `country: no` stays the text `no`.
package enum SettingKind: Hashable, Sendable {
    case number(ClosedRange<Int64>, unit: String? = nil)
    case decimal(ClosedRange<Double>)
    case flag
    /// A switch that cannot be turned off.
    case alwaysOn
    case text
    /// Compared without case.
    case choice([String])
    case path
    /// Begins with one of these schemes.
    case url([String])
    /// `https://host[:port]`, without a path: what a browser calls an origin.
    case origins
    /// A variable or flag gives it separated by commas.
    case list
    case choices([String])
    /// Patterns of hosts: `example.com`, `*.example.com:8443`.
    case hosts
    /// `[department=]worker|inline|group:name`
    case places

    package var isList: Bool {
        switch self {
        case .origins, .list, .choices, .hosts, .places: true
        default: false
        }
    }

    /// The value, or what is wrong with the text.
    package func value(of text: GivenText) -> Result<JSONValue, SettingProblem> {
        switch text {
        case .one(let text): isList ? list(Self.separated(text)) : single(text)
        case .many(let texts):
            isList ? list(texts) : .failure(SettingProblem("must be \(words), and is a list"))
        }
    }

    private static func separated(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmed }.filter { !$0.isEmpty }
    }

    private func single(_ text: String) -> Result<JSONValue, SettingProblem> {
        let refused = Result<JSONValue, SettingProblem>.failure(SettingProblem("must be \(words)"))
        switch self {
        case .number(let range, _):
            guard let number = Int64(text), range.contains(number) else { return refused }
            return .success(.integer(number))
        case .decimal(let range):
            guard let number = Double(text), range.contains(number) else { return refused }
            return .success(.double(number))
        case .flag:
            return Self.flags[text.lowercased()].map { .success(.bool($0)) } ?? refused
        case .alwaysOn:
            return Self.flags[text.lowercased()] == true ? .success(true) : refused
        case .text, .path:
            return text.isEmpty ? refused : .success(.string(text))
        case .choice(let choices):
            return choices.first { $0.lowercased() == text.lowercased() }.map { .success(.string($0)) } ?? refused
        case .url(let schemes):
            let isKnown = schemes.contains { text.hasPrefix($0 + "://") && text.utf8.count > $0.utf8.count + 3 }
            return isKnown && !text.utf8.contains(where: { $0 <= 0x20 }) ? .success(.string(text)) : refused
        case .origins, .list, .choices, .hosts, .places: return list([text])
        }
    }

    private func list(_ texts: [String]) -> Result<JSONValue, SettingProblem> {
        for text in texts {
            switch self {
            case .choices(let choices) where !choices.contains(text):
                let near = NearestName.of(text, in: choices).map { "; did you mean \($0)?" } ?? ""
                let known = choices.joined(separator: ", ")
                return .failure(SettingProblem("has \"\(text)\", which is none of \(known)\(near)"))
            case .hosts:
                if (try? HostPattern(text)) == nil {
                    return .failure(SettingProblem("has \"\(text)\", which is no host[:port]"))
                }
            case .places:
                if !Self.isPlace(text) {
                    let wanted = "[department=]worker, inline or group:name"
                    return .failure(SettingProblem("has \"\(text)\", which is not \(wanted)"))
                }
            case .origins:
                if let problem = Origin.problem(text) { return .failure(SettingProblem(problem)) }
            default:
                if text.isEmpty { return .failure(SettingProblem("has an empty entry")) }
            }
        }
        return .success(.array(texts.map { .string($0) }))
    }

    private static func isPlace(_ text: String) -> Bool {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let place = parts.last, parts.count == 1 || !parts[0].isEmpty else { return false }
        if place == "worker" || place == "inline" { return true }
        let name = place.hasPrefix("group:") ? place.dropFirst(6) : ""
        return (1...32).contains(name.utf8.count) && Name.isValid(String(name))
    }

    package static let flags = [
        "true": true, "yes": true, "on": true, "1": true, "false": false, "no": false, "off": false, "0": false,
    ]

    /// For sentences: `a number from 0 to 65535`.
    package var words: String {
        switch self {
        case .number(let range, let unit):
            "a number\(unit.map { " of " + $0 } ?? "") from \(range.lowerBound) to \(range.upperBound)"
        case .decimal(let range): "a number from \(range.lowerBound) to \(range.upperBound)"
        case .flag: "true or false"
        case .alwaysOn: "true: it cannot be turned off"
        case .text: "a text that is not empty"
        case .choice(let choices): "one of \(choices.joined(separator: ", "))"
        case .path: "a path"
        case .url(let schemes): "an address that begins with \(schemes.map { $0 + "://" }.joined(separator: " or "))"
        case .origins: "a list of origins such as https://app.example.com"
        case .list: "a list of texts"
        case .hosts: "a list of hosts such as example.com:8443"
        case .places: "a list of [department=]worker, inline or group:name"
        case .choices(let choices): "a list of \(choices.joined(separator: ", "))"
        }
    }
}

package struct SettingProblem: Error, Hashable, Sendable {
    package var message: String
    init(_ message: String) { self.message = message }
}

/// What a source says, before it has a type.
package enum GivenText: Hashable, Sendable {
    case one(String)
    case many([String])
}

/// What browsers send as `Origin`, which is compared byte by byte: an entry that is not written so never matches.
package enum Origin {
    package static func problem(_ text: String) -> String? {
        if text == "*" { return "has *, which lets every page in: name the origins" }
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { text.hasPrefix($0) }) else {
            return "has \"\(text)\", which does not begin with https:// or http://"
        }
        let rest = text.dropFirst(scheme.count)
        if rest.isEmpty { return "has \"\(text)\", which names no host" }
        if rest.contains("/") { return "has \"\(text)\": an origin ends with its host or port, without / or a path" }
        if rest.contains("*") { return "has \"\(text)\": an origin is one host, without *" }
        if rest.contains("@") { return "has \"\(text)\": an origin names no user" }
        if rest.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) || rest != rest.lowercased()[...] {
            return "has \"\(text)\": browsers send hosts in lower-case ASCII, so it never matches"
        }
        if !rest.hasPrefix("["), let colon = rest.firstIndex(of: ":") {
            let port = rest[rest.index(after: colon)...]
            guard let number = UInt16(port), number > 0 else { return "has \"\(text)\", whose port is none" }
            if (scheme, number) == ("https://", 443) || (scheme, number) == ("http://", 80) {
                return "has \"\(text)\": browsers leave out the usual port, so it never matches"
            }
        }
        return nil
    }
}

extension Substring {
    var trimmed: String {
        var text = self
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
