/// What permissions of files and folders are unsafe.
enum Permissions {
    private static let source = "CWE-732; Debian Policy Manual §10.9"

    static func findings(_ entries: [HostFiles.Entry]) -> [Finding] {
        entries.flatMap { entry -> [Finding] in
            guard let mode = Int(entry.mode, radix: 8), entry.kind == "file" || entry.kind == "folder" else {
                return []
            }
            return entry.kind == "file" ? file(entry, mode) : folder(entry, mode)
        }
    }

    private static func file(_ entry: HostFiles.Entry, _ mode: Int) -> [Finding] {
        var findings: [Finding] = []
        let isSetUser = mode & 0o4000 != 0 && mode & 0o111 != 0
        if isSetUser, mode & 0o022 != 0 {
            findings.append(
                finding(
                    "setuid-writable", .critical, "a program that runs as its owner can be rewritten by others", entry,
                    "chmod go-w, or take the setuid bit away"))
        } else if isSetUser, entry.owner == 0 {
            findings.append(
                finding(
                    "setuid-root", .low, "a program runs as root for everyone", entry,
                    "keep it only if it must; chmod u-s otherwise"))
        } else if mode & 0o002 != 0 {
            findings.append(
                finding("world-writable-file", .high, "everyone may change the file", entry, "chmod o-w"))
        }
        if let (what, severity) = sensitive(entry.path), mode & 0o077 != 0 {
            let isOpen = mode & 0o007 != 0
            findings.append(
                finding(
                    "exposed-credentials", isOpen ? severity : .medium,
                    "\(what) can be read or changed by \(isOpen ? "everyone" : "its group")", entry, "chmod 600"))
        }
        return findings
    }

    private static func folder(_ entry: HostFiles.Entry, _ mode: Int) -> [Finding] {
        var findings: [Finding] = []
        if mode & 0o002 != 0, mode & 0o1000 == 0 {
            findings.append(
                finding(
                    "world-writable-folder", .high, "everyone may replace what is in the folder", entry,
                    "chmod o-w, or chmod +t for a shared one"))
        }
        if lastPart(entry.path) == ".ssh", mode & 0o077 != 0 {
            findings.append(
                finding(
                    "open-ssh-folder", .medium, "others can reach a user's SSH keys", entry, "chmod 700",
                    source: "sshd(8), FILES"))
        }
        return findings
    }

    private static func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Files that hold credentials by their usual names.
    private static func sensitive(_ path: String) -> (what: String, severity: Severity)? {
        let name = lastPart(path)
        if name.hasPrefix("id_"), !name.hasSuffix(".pub"),
            ["rsa", "dsa", "ecdsa", "ed25519"].contains(name.dropFirst(3))
        {
            return ("a private SSH key", .critical)
        }
        if name.hasPrefix("ssh_host_"), name.hasSuffix("_key") { return ("the host's private SSH key", .critical) }
        if ["shadow", "gshadow", "shadow-"].contains(name) { return ("the file of password hashes", .critical) }
        if name == "privkey.pem" || name.hasSuffix(".key") { return ("a private key", .high) }
        if [".pgpass", ".netrc", ".my.cnf", ".git-credentials", ".htpasswd"].contains(name)
            || path.hasSuffix(".aws/credentials")
        {
            return ("a file of credentials", .high)
        }
        let isSample = [".example", ".sample", ".template", ".dist"].contains { name.hasSuffix($0) }
        if name == ".env" || name.hasPrefix(".env."), !isSample { return ("a file of environment secrets", .high) }
        return nil
    }

    private static func finding(
        _ rule: String, _ severity: Severity, _ title: String, _ entry: HostFiles.Entry, _ remedy: String,
        source: String = source
    ) -> Finding {
        Finding(
            rule: "permissions.\(rule)", severity: severity, title: title, place: entry.path,
            evidence: "mode \(entry.mode), owner \(entry.owner), group \(entry.group)", remedy: remedy, source: source)
    }
}

/// Places of secrets as findings. Equal fingerprints are one secret in several places.
enum SecretFindings {
    static func findings(_ secrets: [HostFiles.Secret], accepted: Set<String>) -> [Finding] {
        let places = Dictionary(grouping: secrets, by: \.fingerprint).mapValues(\.count)
        return secrets.filter { !accepted.contains($0.fingerprint) }.map { secret in
            let severity: Severity =
                switch secret.confidence {
                case "high": secret.kind == "json-web-token" ? .high : .critical
                case "medium": secret.kind == "encrypted-private-key" ? .low : .high
                default: .low
                }
            let others = (places[secret.fingerprint] ?? 1) - 1
            return Finding(
                rule: "secret.\(secret.kind)", severity: severity,
                title: "what looks like a secret (\(secret.kind), \(secret.confidence) confidence)",
                place: "\(secret.path):\(secret.line):\(secret.column)",
                evidence: "\(secret.length) bytes, \(Texts.decimal(secret.entropy, 2)) bits each"
                    + (others > 0 ? ", in \(others) more places" : ""),
                remedy: "revoke it, then keep its successor out of files: a vault, or the environment",
                source: "CWE-798; NIST SP 800-53 rev. 5 IA-5(7)", fingerprint: secret.fingerprint)
        }
    }
}
