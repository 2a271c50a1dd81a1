package import PluginKit

/// What a control needs to have been looked at before it can be called met.
package enum EvidenceArea: String, Codable, Sendable, CaseIterable {
    case permissions, secrets, ssh, tls, inventory, dependencies
}

package struct Control: Codable, Hashable, Sendable, SchemaDescribing {
    package var id: String
    package var title: String
    package var source: String
    package var area: EvidenceArea
    /// Findings whose rule begins with one of these break the control.
    package var rules: [String]
    /// Findings below this severity are noted and break nothing.
    package var from: Severity

    package init(id: String, title: String, source: String, area: EvidenceArea, rules: [String], from: Severity) {
        self.id = id
        self.title = title
        self.source = source
        self.area = area
        self.rules = rules
        self.from = from
    }

    package static func describe(_ schema: inout SchemaEditor) {
        schema.property("id", "Such as AC-6.", minLength: 1, maxLength: 100)
        schema.property("title", "What it asks for.", minLength: 1, maxLength: 400)
        schema.property("source", "The standard.", minLength: 1, maxLength: 200)
        schema.property("area", "What must have been looked at.")
        schema.property("rules", "Starts of rule names that break it.", minLength: 1, maxLength: 100, maxItems: 100)
        schema.property("from", "The least severity that breaks it.")
    }

    private static let nist = "NIST SP 800-53 rev. 5"

    static let standard: [Control] = [
        Control(
            id: "AC-3", title: "Access enforcement: credentials are readable by their owner only", source: nist,
            area: .permissions, rules: ["permissions.exposed-", "permissions.open-ssh"], from: .medium),
        Control(
            id: "AC-6", title: "Least privilege: nobody may change what is not theirs", source: nist,
            area: .permissions, rules: ["permissions.world-writable", "permissions.setuid-writable"], from: .medium),
        Control(
            id: "AC-17", title: "Remote access is authenticated by keys and encrypted", source: nist, area: .ssh,
            rules: ["ssh."], from: .medium),
        Control(
            id: "CM-8", title: "An inventory of components exists", source: nist, area: .inventory, rules: [],
            from: .low),
        Control(
            id: "IA-5(7)", title: "No unencrypted static authenticators in files", source: nist, area: .secrets,
            rules: ["secret."], from: .high),
        Control(
            id: "SC-8", title: "Transmission is confidential: TLS 1.2 or newer, strong ciphers", source: nist,
            area: .tls, rules: ["nginx.", "openssl."], from: .medium),
        Control(
            id: "SI-2", title: "Flaw remediation: no component with a known serious weakness", source: nist,
            area: .dependencies, rules: ["dependency."], from: .medium),
    ]
}
