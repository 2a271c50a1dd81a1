/// OpenSSH's server configuration against Mozilla's OpenSSH guidelines and the manual's own warnings.
///
/// As in sshd_config(5): keywords without regard to case, the first value of a keyword counts, a `Match` block
/// reaches to the next one and is checked by itself.
struct SSHServerRules {
    private(set) var settings: [Setting] = []
    private(set) var findings: [Finding] = []
    private(set) var warnings: [String] = []
    private let place: String

    private static let mozilla = "Mozilla OpenSSH guidelines (Modern)"
    private static let manual = "sshd_config(5)"

    init(text: String, place: String) {
        self.place = place
        parse(text)
        var first: Set<String> = []
        for setting in settings {
            let block = setting.blocks.joined(separator: " ")
            guard first.insert("\(block)\u{0}\(setting.name)").inserted else { continue }
            checkValue(setting)
            checkAlgorithms(setting)
            checkNumbers(setting)
        }
        // A part in sshd_config.d need not repeat what the main file says.
        if !place.contains("sshd_config.d/") { checkDefaults() }
    }

    private mutating func parse(_ text: String) {
        var blocks: [String] = []
        for (index, raw) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Texts.trimmed(raw)
            guard let start = line.first, start != "#" else { continue }
            let words = Self.words(line)
            guard let keyword = words.first?.lowercased() else { continue }
            if keyword == "match" {
                blocks = ["Match " + words.dropFirst().joined(separator: " ")]
                continue
            }
            if keyword == "include" {
                warnings.append("\(place):\(index + 1): Include is not followed; give the included files too")
                continue
            }
            settings.append(
                Setting(name: keyword, values: Array(words.dropFirst()), line: index + 1, blocks: blocks))
        }
    }

    /// `Keyword value`, `Keyword=value`, quotes around values, a comment after white space.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for character in line {
            if character == "\"" {
                isQuoted.toggle()
            } else if !isQuoted, character == "#", word.isEmpty {
                break
            } else if !isQuoted, character.isWhitespace || (character == "=" && words.isEmpty) {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else if !isQuoted, character == "=", words.count == 1, word.isEmpty {
                continue
            } else {
                word.append(character)
            }
        }
        return word.isEmpty ? words : words + [word]
    }

    private struct Rule {
        var keyword: String
        var bad: Set<String>
        var severity: Severity
        var title: String
        var remedy: String
        var source: String
    }

    private static let rules: [Rule] = [
        Rule(
            keyword: "permitrootlogin", bad: ["yes"], severity: .high, title: "root may log in with a password",
            remedy: "PermitRootLogin no", source: mozilla),
        Rule(
            keyword: "permitemptypasswords", bad: ["yes"], severity: .critical,
            title: "accounts without a password may log in", remedy: "PermitEmptyPasswords no", source: manual),
        Rule(
            keyword: "passwordauthentication", bad: ["yes"], severity: .medium,
            title: "passwords can be guessed over the network",
            remedy: "PasswordAuthentication no, AuthenticationMethods publickey", source: mozilla),
        Rule(
            keyword: "protocol", bad: ["1", "1,2", "2,1"], severity: .critical,
            title: "SSH protocol 1 is broken", remedy: "Protocol 2, or a current OpenSSH", source: "RFC 4253; " + manual
        ),
        Rule(
            keyword: "hostbasedauthentication", bad: ["yes"], severity: .medium,
            title: "other hosts are trusted to say who the user is", remedy: "HostbasedAuthentication no",
            source: manual),
        Rule(
            keyword: "ignorerhosts", bad: ["no"], severity: .high, title: "users' .rhosts files grant access",
            remedy: "IgnoreRhosts yes", source: manual),
        Rule(
            keyword: "strictmodes", bad: ["no"], severity: .medium,
            title: "keys in files that others can write are accepted", remedy: "StrictModes yes", source: manual),
        Rule(
            keyword: "permituserenvironment", bad: ["yes"], severity: .medium,
            title: "users can set variables such as LD_PRELOAD past a forced command",
            remedy: "PermitUserEnvironment no", source: manual),
        Rule(
            keyword: "useprivilegeseparation", bad: ["no"], severity: .high,
            title: "the network-facing part runs as root", remedy: "UsePrivilegeSeparation sandbox", source: mozilla),
        Rule(
            keyword: "x11forwarding", bad: ["yes"], severity: .low,
            title: "a server can reach the display of who logs in", remedy: "X11Forwarding no", source: manual),
        Rule(
            keyword: "loglevel", bad: ["quiet", "fatal", "error"], severity: .medium,
            title: "log-ins leave no trace", remedy: "LogLevel VERBOSE", source: mozilla),
    ]

    private mutating func checkValue(_ setting: Setting) {
        guard let rule = Self.rules.first(where: { $0.keyword == setting.name }),
            let value = setting.values.first?.lowercased(), rule.bad.contains(value)
        else { return }
        add(rule.keyword, rule.severity, rule.title, setting, rule.remedy, rule.source)
    }

    /// Why an algorithm is weak, and how much; nil for one that is not.
    private static func weakness(of name: String, in keyword: String) -> (severity: Severity, why: String)? {
        switch keyword {
        case "ciphers":
            if name.hasPrefix("arcfour") || name == "none" { return (.high, "a broken stream or no encryption") }
            if name == "3des-cbc" || name.hasPrefix("blowfish") || name.hasPrefix("cast128") {
                return (.high, "64-bit blocks (Sweet32)")
            }
            return name.contains("-cbc") ? (.medium, "CBC mode (CVE-2008-5161)") : nil
        case "macs":
            if name.contains("md5") || name == "none" { return (.high, "MD5 or no integrity") }
            let isShort = name.contains("sha1") || name.contains("-96") || name.hasPrefix("umac-64")
            return isShort ? (.medium, "SHA-1 or a short tag") : nil
        case "kexalgorithms":
            if name == "diffie-hellman-group1-sha1" { return (.high, "a 1024-bit group (Logjam)") }
            return name.hasSuffix("sha1") ? (.medium, "SHA-1 in the key exchange (RFC 9142)") : nil
        case "hostkeyalgorithms", "pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes", "casignaturealgorithms":
            if name.hasPrefix("ssh-dss") { return (.high, "1024-bit DSA") }
            let isOld = name == "ssh-rsa" || name.hasPrefix("ssh-rsa-cert")
            return isOld ? (.medium, "RSA with SHA-1 (RFC 9142, OpenSSH 8.8 notes)") : nil
        default: return nil
        }
    }

    private mutating func checkAlgorithms(_ setting: Setting) {
        // A list that begins with "-" takes algorithms away.
        guard let list = setting.values.first, !list.hasPrefix("-") else { return }
        for name in list.drop(while: { $0 == "+" || $0 == "^" }).split(separator: ",").map({ $0.lowercased() }) {
            guard let hit = Self.weakness(of: name, in: setting.name) else { continue }
            findings.append(
                Finding(
                    rule: "ssh.weak-\(setting.name)", severity: hit.severity,
                    title: "\(setting.name) allows \(name): \(hit.why)", place: "\(place):\(setting.line)",
                    evidence: Self.evidence(setting), remedy: "take \(name) out of the list",
                    source: Self.mozilla))
        }
    }

    private mutating func checkNumbers(_ setting: Setting) {
        guard let value = setting.values.first.flatMap({ Int($0) }) else { return }
        if setting.name == "maxauthtries", value > 6 {
            add(
                setting.name, .low, "more guesses in one connection than the default of 6", setting, "MaxAuthTries 4",
                Self.manual)
        }
        if setting.name == "logingracetime", value == 0 {
            add(
                setting.name, .medium, "connections that never log in are held open for ever", setting,
                "LoginGraceTime 30", Self.manual)
        }
        if setting.name == "requiredrsasize", value < 2048 {
            add(
                setting.name, .medium, "short RSA keys are accepted", setting, "RequiredRSASize 3072",
                "NIST SP 800-131A rev. 2")
        }
    }

    /// OpenSSH's documented default of PasswordAuthentication is yes.
    private mutating func checkDefaults() {
        let isGlobal = settings.contains { $0.name == "passwordauthentication" && $0.blocks.isEmpty }
        let methods = settings.first { $0.name == "authenticationmethods" && $0.blocks.isEmpty }?.values ?? []
        let needsKey = !methods.isEmpty && methods.allSatisfy { $0.hasPrefix("publickey") }
        guard !isGlobal, !needsKey else { return }
        findings.append(
            Finding(
                rule: "ssh.passwordauthentication", severity: .medium,
                title: "passwords can be guessed over the network", place: place,
                evidence: "PasswordAuthentication is not set; its default is yes",
                remedy: "PasswordAuthentication no, AuthenticationMethods publickey", source: Self.mozilla))
    }

    private mutating func add(
        _ rule: String, _ severity: Severity, _ title: String, _ setting: Setting, _ remedy: String, _ source: String
    ) {
        findings.append(
            Finding(
                rule: "ssh.\(rule)", severity: severity, title: title, place: "\(place):\(setting.line)",
                evidence: Self.evidence(setting), remedy: remedy, source: source))
    }

    private static func evidence(_ setting: Setting) -> String {
        let text = "\(setting.name) \(setting.values.joined(separator: " "))"
        return String(text.prefix(200)) + (setting.blocks.first.map { " (\($0.prefix(100)))" } ?? "")
    }
}
