import Foundation
import Gateway
import Kernel
import TestSupport
import Testing

@Suite("The gateway file and its keys")
struct ConfigurationTests {
    private let scratch = try? Scratch()

    private func environment() throws -> ConfigurationEnvironment {
        let folder = try #require(scratch).path
        return ConfigurationEnvironment(
            folder: folder, vault: KeyVault(path: folder + "/keys.vault", keyPath: folder + "/keys.vault-key"))
    }

    private func read(_ text: String) throws -> GatewayFile {
        try GatewayFile(Array(text.utf8), environment: try environment())
    }

    @Test("a whole file is read: providers of every kind, prices, limits, default and classes")
    func whole() throws {
        let file = try read(
            """
            {"providers": {
               "openai": {"api": "openai-responses", "keys": [{"env": "A"}, {"file": "b.key", "weight": 3}]},
               "claude": {"api": "anthropic-messages", "keys": [{"vault": "claude"}], "prices": "anthropic",
                          "inference_geo": "us", "limits": {"image_tokens": 5000, "idle_seconds": 9}},
               "aws": {"api": "bedrock-converse", "region": "eu-central-1",
                       "aws": {"access_key_id": {"env": "I"}, "secret_access_key": {"env": "S"}}},
               "azure": {"api": "azure-openai", "base_url": "https://x.openai.azure.com", "api_version": "2024-10-21",
                         "keys": [{"env": "Z"}], "prices": {"book": "openai", "models": {"mine": "gpt-5"}}},
               "local": {"api": "openai-chat", "base_url": "http://127.0.0.1:1/v1", "prices": "free"}},
             "default": "claude/claude-sonnet-5-5", "classes": {"fast": "local/tiny"}}
            """)
        #expect(file.providers.map(\.settings.name) == ["aws", "azure", "claude", "local", "openai"])
        #expect(file.settings.defaultModel == "claude/claude-sonnet-5-5")
        #expect(file.settings.classes == ["fast": "local/tiny"])
        #expect(file.settings.pricing["azure"] == .book(provider: "openai", models: ["mine": "gpt-5"]))
        #expect(file.settings.pricing["local"] == .free)
        #expect(file.settings.pricing["openai"] == .book(provider: "openai"))
        let claude = try #require(file.providers.first { $0.settings.name == "claude" }).settings
        #expect(claude.tokensPerImage == 5000 && claude.idleTimeoutSeconds == 9)
        #expect(claude.baseURL == "https://api.anthropic.com/v1")
        #expect(file.providers[0].settings.baseURL == "https://bedrock-runtime.eu-central-1.amazonaws.com")
        guard case .keys(let keys) = file.providers[4].settings.credential else {
            Issue.record("no keys")
            return
        }
        #expect(keys.map(\.id) == ["A", "b.key"] && keys.map(\.weight) == [1, 3])
    }

    @Test(
        "what is wrong is named by its place",
        arguments: [
            (#"{"provider": {}}"#, "/provider is not known here"), ("[]", "the document must be an object"),
            (#"{"providers": {"a": {}}}"#, "/providers/a/api is missing"),
            (#"{"providers": {"a": {"api": "gopher"}}}"#, "/providers/a/api must be one of openai-chat"),
            (#"{"providers": {"offline": {"api": "openai-chat"}}}"#, "/providers/offline is no name"),
            (#"{"providers": {"a": {"api": "openai-chat", "limit": {}}}}"#, "/providers/a/limit is not known"),
            (#"{"providers": {"a": {"api": "azure-openai"}}}"#, "/providers/a/base_url is missing"),
            (#"{"providers": {"a": {"api": "bedrock-converse"}}}"#, "/providers/a/region is missing"),
            (
                #"{"providers": {"a": {"api": "openai-chat", "keys": ["sk-1"]}}}"#,
                "/providers/a/keys/0 must be an object"
            ),
            (
                #"{"providers": {"a": {"api": "openai-chat", "keys": [{"env": "A", "file": "b"}]}}}"#,
                "/providers/a/keys/0 must have one of env"
            ),
            (
                #"{"providers": {"a": {"api": "openai-chat", "keys": [{"env": "A"}, {"env": "A"}]}}}"#,
                "/providers/a/keys/1 has the id"
            ),
            (
                #"{"providers": {"a": {"api": "openai-chat", "base_url": "http://e.com", "keys": [{"env": "A"}]}}}"#,
                "/providers/a/base_url cannot be used"
            ),
            (#"{"default": "gpt-5"}"#, "/default must be provider/model"),
            (#"{"classes": {"fast": "nowhere/x"}}"#, "/classes/fast must be provider/model"),
            (#"{"default": "offline/", "default": "offline/"}"#, "line 1"),
        ])
    func wrong(text: String, problem: String) throws {
        let failure = #expect(throws: Failure.self) { try read(text) }
        #expect(failure?.status == .invalid)
        #expect(failure?.message.contains(problem) == true, "\(failure?.message ?? "")")
    }

    @Test("a key in the vault is found again, replaced, listed by name only, and gone when removed")
    func vault() throws {
        let vault = try environment().vault
        #expect(try vault.names().isEmpty)
        try vault.set("claude", to: "sk-one")
        try vault.set("azure", to: "sk-two")
        try vault.set("claude", to: "sk-three")
        #expect(try vault.names() == ["azure", "claude"])
        #expect(try ProviderKey.vault("claude", vault).read() == "sk-three")
        for name in ["keys.vault", "keys.vault-key"] {
            let path = try #require(scratch).folder(name)
            let bytes = try #require(FileManager.default.contents(atPath: path))
            #expect(!String(decoding: bytes, as: UTF8.self).contains("sk-"))
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
            #expect(mode?.intValue == 0o600)
        }
        try vault.remove("claude")
        let failure = #expect(throws: Failure.self) { try ProviderKey.vault("claude", vault).read() }
        #expect(failure?.status == .notFound)
        #expect(throws: Failure.self) { try vault.set("No Name", to: "x") }
    }

    @Test("entries cannot be exchanged, changed, or opened with another key")
    func tampering() throws {
        let vault = try environment().vault
        try vault.set("cheap", to: "sk-one")
        try vault.set("dear", to: "sk-two")
        let path = try #require(scratch).folder("keys.vault")
        let file = try JSONParser.parse(Array(try #require(FileManager.default.contents(atPath: path))))
        let keys = try #require(file["keys"]?.objectValue)
        let swapped: JSONValue = [
            "version": 1, "keys": ["cheap": try #require(keys["dear"]), "dear": try #require(keys["cheap"])],
        ]
        try Data(swapped.bytes).write(to: URL(fileURLWithPath: path))
        #expect(throws: Failure.self) { try vault.value(of: "cheap") }
        try Data(file.bytes).write(to: URL(fileURLWithPath: path))
        #expect(try vault.value(of: "cheap") == "sk-one")
        let keyPath = try #require(scratch).folder("keys.vault-key")
        try Data(String(repeating: "0", count: 64).utf8).write(to: URL(fileURLWithPath: keyPath))
        #expect(throws: Failure.self) { try vault.value(of: "cheap") }
    }

    @Test("a key file that others may read is refused, with what to do")
    func keyFile() throws {
        let path = try #require(scratch).write(Array("sk-file\n".utf8), to: "one.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
        #expect(try ProviderKey.file(path).read() == "sk-file")
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
        let failure = #expect(throws: Failure.self) { try ProviderKey.file(path).read() }
        #expect(failure?.message.contains("chmod 600") == true)
        #expect(failure?.message.contains("sk-file") == false)
    }
}
