package import PluginKit

package enum ConfigurationKind: String, Codable, Sendable, CaseIterable {
    case sshd
    case nginx
    case openssl

    init?(path: String) {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if name == "sshd_config" || path.contains("sshd_config.d/") && name.hasSuffix(".conf") {
            self = .sshd
        } else if name == "nginx.conf" || path.contains("nginx/") && Self.isNginxPart(path, name) {
            self = .nginx
        } else if name == "openssl.cnf" {
            self = .openssl
        } else {
            return nil
        }
    }

    private static func isNginxPart(_ path: String, _ name: String) -> Bool {
        name.hasSuffix(".conf") || path.contains("sites-available/") || path.contains("snippets/")
    }
}

package struct ConfigurationFile: Codable, Sendable, SchemaDescribing {
    package var name: String
    package var kind: ConfigurationKind?
    package var text: String

    package init(name: String, kind: ConfigurationKind? = nil, text: String) {
        self.name = name
        self.kind = kind
        self.text = text
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "Path or name of the file, for the evidence.", minLength: 1, maxLength: 4096)
        schema.property("kind", "Default: by the name.")
        schema.property("text", "The file's content.", maxLength: 4_000_000)
    }
}

package struct ConfigurationInput: Codable, Sendable, SchemaDescribing {
    package var files: [ConfigurationFile]

    package init(files: [ConfigurationFile]) { self.files = files }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("files", "sshd_config, nginx and openssl.cnf files.", minItems: 1, maxItems: 500)
    }
}

package struct ConfigurationOutput: Codable, Hashable, Sendable {
    package var findings: [Finding]
    package var counts: SeverityCounts
    /// Settings that were read, by file.
    package var settings: [String: Int]
    package var warnings: [String]
    package var method: String
}

/// One directive with its place.
struct Setting: Hashable, Sendable {
    /// Lower case where the format does not tell cases apart.
    var name: String
    var values: [String]
    var line: Int
    /// Names of the blocks around it, outermost first.
    var blocks: [String] = []
}

enum ConfigurationTask {
    static func run(_ input: ConfigurationInput) throws(TaskFailure) -> ConfigurationOutput {
        var findings: [Finding] = []
        var warnings: [String] = []
        var settings: [String: Int] = [:]
        for (index, file) in input.files.enumerated() {
            guard let kind = file.kind ?? ConfigurationKind(path: file.name) else {
                throw .invalid("/files/\(index)/kind: the form of \(file.name) is not told by its name")
            }
            let place = file.name
            switch kind {
            case .sshd:
                let read = SSHServerRules(text: file.text, place: place)
                findings += read.findings
                warnings += read.warnings
                settings[place] = read.settings.count
            case .nginx:
                let read = try NginxRules(text: file.text, place: place)
                findings += read.findings
                settings[place] = read.settings.count
            case .openssl:
                let read = OpenSSLRules(text: file.text, place: place)
                findings += read.findings
                settings[place] = read.settings.count
            }
            if settings[place] == 0 { warnings.append("\(place): no settings; nothing was checked but defaults") }
        }
        findings = Finding.ordered(findings)
        return ConfigurationOutput(
            findings: findings, counts: SeverityCounts(findings), settings: settings, warnings: warnings,
            method: "each rule names its source; a setting that is absent counts as the program's documented default")
    }
}
