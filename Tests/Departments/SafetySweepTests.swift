// swift-format-ignore-file: AlwaysUseLowerCamelCase
// Members are named as in the tools' JSON.

import FoundationEssentials
import PluginKit
import PluginTesting
import Safety
import Testing

@Suite("Safety: sweep, compliance, incident report")
struct SafetySweepTests {
    private struct Entry: Codable, Sendable {
        var path: String
        var kind = "file"
        var mode = "0644"
        var owner = 0
        var group = 0
        var bytes = 1
    }

    private struct Listing: Codable, Sendable {
        var root = "/srv"
        var entries: [Entry]
        var skipped: [[String: String]] = []
        var truncated = false
    }

    private struct Secret: Codable, Sendable {
        var path: String
        var line = 3
        var column = 9
        var kind = "github-token"
        var confidence = "high"
        var length = 40
        var entropy = 4.5
        var fingerprint: String
    }

    private struct Secrets: Codable, Sendable {
        var secrets: [Secret]
        var files_read = 7
        var truncated = false
    }

    private struct Texts: Codable, Sendable {
        struct File: Codable, Sendable {
            var path: String
            var text: String
        }
        var files: [File]
        var skipped: [[String: String]] = []
    }

    private struct Wanted: Codable { var files: [String] }

    private static let entries = [
        Entry(path: ".", kind: "folder", mode: "0755"), Entry(path: "shared", kind: "folder", mode: "0777"),
        Entry(path: "tmp", kind: "folder", mode: "1777"), Entry(path: "home/.ssh", kind: "folder", mode: "0755"),
        Entry(path: "home/.ssh/id_ed25519", mode: "0644"), Entry(path: "home/.ssh/id_ed25519.pub", mode: "0644"),
        Entry(path: "bin/su", mode: "4755"), Entry(path: "bin/odd", mode: "4775"), Entry(path: "notes", mode: "0666"),
        Entry(path: ".env", mode: "0640"), Entry(path: ".env.example", mode: "0644"),
        Entry(path: "link", kind: "link", mode: "0777"), Entry(path: "etc/ssh/sshd_config"),
        Entry(path: "etc/nginx/nginx.conf"), Entry(path: "requirements.txt"),
    ]

    private static let texts = [
        "etc/ssh/sshd_config": "PermitRootLogin yes\nPasswordAuthentication no\n",
        "etc/nginx/nginx.conf": "server {", "requirements.txt": "p==1.0\nloose\n",
    ]

    private func harness(entries: [Entry] = entries, secrets: [Secret] = [], texts: [String: String] = texts) throws
        -> TaskHarness
    {
        let harness = try TaskHarness(Safety.self)
        harness.onTool("files.sweep") { (_: [UInt8]) in try Self.json(Listing(entries: entries)) }
        harness.onTool("files.secrets") { (_: [UInt8]) in try Self.json(Secrets(secrets: secrets)) }
        harness.onTool("files.read") { (arguments: [UInt8]) in
            let wanted = try JSONDecoder().decode(Wanted.self, from: Data(arguments)).files
            return try Self.json(
                Texts(files: wanted.compactMap { name in texts[name].map { Texts.File(path: name, text: $0) } }))
        }
        return harness
    }

    private static func json(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }

    private static let advisory = JSONValue.object([
        "id": .string("T-1"),
        "affected": .array([
            .object([
                "package": .object(["ecosystem": .string("PyPI"), "name": .string("p")]),
                "versions": .array([.string("1.0")]),
            ])
        ]),
    ])

    private func run(_ harness: TaskHarness, accepted: [String]? = nil) async throws -> SweepOutput {
        try await harness.run(
            "sweep", input: SweepInput(path: ".", advisories: [Self.advisory], salt: "12345678", accepted: accepted))
    }

    @Test("permissions, settings and packages are judged together, worst first")
    func sweep() async throws {
        let harness = try harness()
        let output = try await run(harness)
        #expect(
            output.findings.map { "\($0.severity.rawValue) \($0.rule) \($0.place)" } == [
                "critical permissions.exposed-credentials home/.ssh/id_ed25519",
                "critical permissions.setuid-writable bin/odd", "high permissions.world-writable-file notes",
                "high permissions.world-writable-folder shared", "high ssh.permitrootlogin etc/ssh/sshd_config:1",
                "medium dependency.T-1 requirements.txt:1", "medium permissions.exposed-credentials .env",
                "medium permissions.open-ssh-folder home/.ssh", "low permissions.setuid-root bin/su",
            ])
        #expect(output.counts.critical == 2 && output.counts.low == 1)
        #expect(output.coverage.components == 2 && output.unpinned.map(\.name) == ["loose"])
        // A broken file hides nothing else, and is told.
        #expect(output.warnings.contains { $0.contains("nginx.conf: ends inside") })
        let report = String(decoding: try #require(harness.artifacts["sweep.md"]), as: UTF8.self)
        #expect(report.contains("9 findings: 2 critical, 3 high, 3 medium, 1 low"))
        #expect(report.contains("home/.ssh/id\\_ed25519"))
    }

    @Test("a secret's finding has place and fingerprint; accepted ones are left out")
    func secrets() async throws {
        let secrets = [
            Secret(path: "a", fingerprint: "00112233445566aa"), Secret(path: "b", fingerprint: "00112233445566aa"),
            Secret(path: "c", kind: "high-entropy-text", confidence: "low", fingerprint: "ffffffffffffffff"),
        ]
        let output = try await run(try harness(entries: [], secrets: secrets, texts: [:]))
        #expect(output.findings.map(\.severity) == [.critical, .critical, .low])
        #expect(output.findings[0].place == "a:3:9" && output.findings[0].evidence.contains("in 1 more places"))
        let fewer = try await run(
            try harness(entries: [], secrets: secrets, texts: [:]), accepted: ["00112233445566aa"])
        #expect(fewer.findings.map(\.place) == ["c:3:9"])
    }

    @Test("effects are named steps, and a replay performs none of them")
    func replay() async throws {
        let harness = try harness()
        let output = try await run(harness)
        #expect(
            harness.steps.map(\.name) == ["list-files", "find-secrets", "read-files", "judge", "write-report"])
        let again: SweepOutput = try await harness.replay()
        #expect(again == output && harness.performedEffects == 0)
    }

    @Test("a control without evidence is not met but not assessed")
    func compliance() async throws {
        let input = ComplianceInput(sweep: SweepInput(path: "."))
        let output: ComplianceOutput = try await harness().run("compliance", input: input)
        let statuses = output.controls.map { "\($0.id) \($0.status.rawValue)" }
        #expect(
            statuses == [
                "AC-3 broken", "AC-6 broken", "AC-17 broken", "CM-8 met", "IA-5(7) met", "SC-8 not-assessed",
                "SI-2 not-assessed",
            ])
        #expect(output.met == 2 && output.broken == 3 && output.notAssessed == 2 && output.assessedAt > 0)
        #expect(output.controls[2].findings.map(\.rule) == ["ssh.permitrootlogin"])
        let clean: ComplianceOutput = try await harness(entries: [Entry(path: "a")], texts: [:]).run(
            "compliance", input: input)
        #expect(clean.broken == 0 && clean.controls[0].status == .met && clean.controls[2].status == .notAssessed)
    }

    private func finding(_ rule: String, _ severity: Severity, _ place: String, _ fingerprint: String? = nil) -> Finding
    {
        Finding(
            rule: rule, severity: severity, title: rule, place: place, evidence: "e", remedy: "r", source: "s",
            fingerprint: fingerprint)
    }

    private static let assets = [
        Asset(name: "shop", prefixes: ["srv/shop"], criticality: 5),
        Asset(name: "wiki", prefixes: ["srv"], criticality: 2),
    ]

    @Test("risks are joined by asset and rule, by NIST SP 800-30's table")
    func incident() async throws {
        let findings = [
            finding("secret.x", .critical, "srv/shop/a:1", "aa"), finding("secret.x", .critical, "srv/shop/b:1", "aa"),
            finding("secret.x", .critical, "srv/shopping/c:1"), finding("ssh.y", .medium, "etc/z"),
        ]
        let burst = LogAnomaly(
            kind: .burst, subject: "log-ins", observed: 90, firstLine: 4, severity: .medium)
        let harness = try TaskHarness(Safety.self)
        let output: IncidentOutput = try await harness.run(
            "incident-report",
            input: IncidentInput(
                title: "Night", findings: findings, anomalies: [AssetAnomaly(asset: "everything else", anomaly: burst)],
                assets: Self.assets))
        let rows = output.risks.map {
            "\($0.level.rawValue) \($0.priority.rawValue) \($0.asset) \($0.rule) \($0.placeCount)"
        }
        #expect(
            rows == [
                "very-high P1 shop secret.x 2", "moderate P3 everything else log.burst 1",
                "moderate P3 everything else ssh.y 1", "low P4 wiki secret.x 1",
            ])
        #expect(output.priority == .p1 && output.responseMinutes == 15 && output.resolutionMinutes == 240)
        #expect(output.sharedSecrets == ["aa": 2])
        // The log of "everything else" is unusual: medium severity counts one step more.
        #expect(output.risks.first { $0.rule == "ssh.y" }?.likelihood == .high)
        #expect(harness.artifacts["incident.md"] != nil)
    }

    @Test("an anomaly of an unknown asset and assets of one name are refused; nothing is P4")
    func refused() async throws {
        func run(_ input: IncidentInput) async throws -> IncidentOutput {
            try await TaskHarness(Safety.self).run("incident-report", input: input)
        }
        let burst = LogAnomaly(kind: .burst, subject: "s", observed: 1, firstLine: 1, severity: .low)
        let unknown = await #expect(throws: TaskFailure.self) {
            _ = try await run(
                IncidentInput(title: "t", findings: [], anomalies: [AssetAnomaly(asset: "x", anomaly: burst)]))
        }
        #expect(unknown?.message.hasPrefix("/anomalies/0/asset") == true)
        let twice = await #expect(throws: TaskFailure.self) {
            _ = try await run(
                IncidentInput(title: "t", findings: [], assets: [Self.assets[0], Self.assets[0]]))
        }
        #expect(twice?.message.hasPrefix("/assets") == true)
        let empty = try await run(IncidentInput(title: "t", findings: []))
        #expect(empty.priority == .p4 && !empty.warnings.isEmpty)
    }
}
