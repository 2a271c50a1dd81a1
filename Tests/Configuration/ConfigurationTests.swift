import Foundation
import HostConfiguration
import Kernel
import Testing

@Suite struct ConfigurationTests {
    private func read(
        _ yaml: String, variables: [String: String] = [:], flags: [String: GivenText] = [:]
    ) throws(ConfigurationProblems) -> Configuration {
        var layers = ConfigurationLayers()
        layers.add(file: "bureau.yaml", Array(yaml.utf8))
        layers.add(variables: variables)
        layers.add(flags: flags)
        return try layers.finish()
    }

    private func problems(_ yaml: String, variables: [String: String] = [:]) -> [String] {
        do throws(ConfigurationProblems) {
            _ = try read(yaml, variables: variables)
            return []
        } catch {
            return error.all.map(\.description)
        }
    }

    @Test func eachLayerGoesOverTheOneBefore() throws {
        let standard = try read("")
        #expect(standard[Settings.port] == 8080)
        #expect(standard.source(Settings.port.setting) == .standard)
        let file = try read("server:\n  port: 1\n")
        #expect(file[Settings.port] == 1)
        #expect(file.source(Settings.port.setting) == .file("bureau.yaml", line: 2))
        let variable = try read("server:\n  port: 1\n", variables: ["BUREAU_PORT": "2"])
        #expect(variable[Settings.port] == 2)
        let all = try read(
            "server:\n  port: 1\n", variables: ["BUREAU_PORT": "2"], flags: ["server.port": .one("3")])
        #expect(all[Settings.port] == 3)
        let told = all.explanation(of: Settings.port.setting)
        #expect(told["source"] == "--port on the command line")
        #expect(told["overridden"]?.arrayValue?.map { $0["value"] } == [2, 1])
    }

    @Test func oneVariableGoesBeforeAnother() throws {
        let both = try read("", variables: ["LOG_LEVEL": "ERROR", "AIA_LOG_LEVEL": "INFO"])
        #expect(both[Settings.logLevel] == "info")
        let ours = try read("", variables: ["LOG_LEVEL": "ERROR", "BUREAU_LOG_LEVEL": "debug"])
        #expect(ours[Settings.logLevel] == "debug")
    }

    @Test func allThatIsWrongIsSaidAtOnce() {
        let told = problems(
            """
            server:
              prot: 80
              port: 65536
              cors_origins: [https://a.example/, https://b.example]
            stor:
              folder: x
            log:
              level: loud
            drain_seconds: 3
            departments:
              min_isolation: [none]
            secrets:
              openai_api_key: sk-1234567890
            audit:
              enabled: off
            """, variables: ["BUREAU_HOST": "", "BUREAU_PORT": "many"])
        let wanted = [
            "bureau.yaml:2: server.prot is no setting; did you mean server.port?",
            "bureau.yaml:3: server.port must be a number from 0 to 65535",
            "bureau.yaml:4: server.cors_origins has \"https://a.example/\"",
            "bureau.yaml:6: stor.folder is no setting; did you mean store.folder?",
            "bureau.yaml:8: log.level must be one of trace, debug",
            "bureau.yaml:9: drain_seconds is no setting; did you mean server.drain_seconds?",
            "bureau.yaml:11: departments.min_isolation must be one of none, basic",
            "bureau.yaml:13: secrets.openai_api_key is a secret",
            "bureau.yaml:15: audit.enabled must be true: it cannot be turned off",
            "BUREAU_PORT: must be a number from 0 to 65535, not \"many\"",
        ]
        #expect(told.count == wanted.count, "\(told)")
        for (one, other) in zip(told, wanted) { #expect(one.hasPrefix(other), "\(one)") }
        #expect(!told.joined().contains("sk-1234"))
    }

    @Test(arguments: [
        ("server:\n  port: 1\n  port: 2\n", "has twice: port"),
        ("server:\n  port: 1\nserver:\n  host: a\n", "has twice: server"),
        ("a: &x 1\nb: *x\n", "anchors"),
        ("- 1\n- 2\n", "sections"),
        ("server\n", "sections"),
        ("server: {port: 1\n", "is not YAML"),
        ("server:\n\tport: 1\n", "is not YAML"),
        ("server:\n  host: [[a]]\n", "single values"),
        ("? [a]\n: 1\n", "a key that is no word"),
    ])
    func refusesWhatIsNoSettings(yaml: String, words: String) {
        let told = problems(yaml)
        #expect(!told.isEmpty)
        #expect(told.contains { $0.contains(words) }, "\(told)")
    }

    /// YAML 1.1 reads `no` as false and `1_000` as a number; the kind of the setting decides here.
    @Test func valuesHaveTheTypeOfTheirSetting() throws {
        let read = try read("server:\n  host: no\nservice:\n  version: 1.10\nlog:\n  debug: yes\n")
        #expect(read[Settings.host] == "no")
        #expect(read[Settings.debug])
        #expect(read.value(try #require(Settings.byKey["service.version"])) == "1.10")
    }

    @Test func theSeedsFileIsReadAsItIs() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("production.json")
        var layers = ConfigurationLayers()
        layers.add(file: "config/production.json", Array(try Data(contentsOf: path)))
        let read = try layers.finish()
        #expect(read[Settings.requestsPerMinute] == 60)
        #expect(read[Settings.burst] == 10)
        #expect(read[Settings.requestTimeout] == 120)
        #expect(read[Settings.maximumBody] == 10)
        #expect(read[Settings.cachesAnswers])
        #expect(read[Settings.cacheSize] == 1024)
        #expect(read[Settings.secure])
        let council = Settings.council.map { read.value($0) }
        #expect(
            council == [
                .double(0.7), .double(0.3), .double(0.8), 3, true, 10,
                ["strategy", "finance", "ethics", "legal", "risk", "technology"],
            ])
        // Each of its 27 values is a setting's; three switches of its security are one.
        #expect(read.given.count == 25)
        #expect(read.source(Settings.burst.setting) == .file("config/production.json", line: nil))
    }

    @Test func anUnknownMemberOfTheSeedsFileIsReported() {
        var layers = ConfigurationLayers()
        layers.add(file: "p.json", Array(#"{"consensus": {"treshold": 0.7}, "a": [1, {}], "a": 2}"#.utf8))
        #expect(throws: ConfigurationProblems.self) { try layers.finish() }
        layers = ConfigurationLayers()
        layers.add(file: "p.json", Array(#"{"consensus": {"treshold": 0.7}}"#.utf8))
        do throws(ConfigurationProblems) {
            _ = try layers.finish()
            Issue.record("it was taken")
        } catch {
            #expect(
                error.all.map(\.description) == [
                    "p.json: consensus.treshold is no setting; did you mean consensus.threshold?"
                ])
        }
    }

    @Test func othersVariablesDoNotStopTheHost() throws {
        let read = try read(
            "", variables: ["LOG_LEVEL": "verbose", "JWT_SECRET": "s3cret-s3cret", "BUREAU_PROT": "1", "HOME": "/"])
        let notes = read.notes.map(\.description)
        #expect(notes.count == 2)
        #expect(notes.contains { $0.hasPrefix("LOG_LEVEL: must be one of") })
        #expect(notes.contains { $0.contains("BUREAU_PROT is no setting; did you mean BUREAU_PORT?") })
    }

    @Test func secretsAreNotShown() throws {
        let read = try read("", variables: ["JWT_SECRET": "s3cret-s3cret", "REDIS_URL": "redis://:s3cret@h"])
        for setting in Settings.all {
            #expect(!read.explanation(of: setting).serialized().contains("s3cret"))
        }
        let other = try self.read("", variables: ["JWT_SECRET": "another", "REDIS_URL": "redis://:x@h"])
        #expect(read.digest == other.digest)
        #expect(read.digest != (try self.read("")).digest)
    }

    @Test func noVariableOfOthersOpensWhatAnotherCloses() throws {
        #expect(try read("", variables: ["API_KEY_REQUIRED": "false", "JWT_AUTH_ENABLED": "true"])[Settings.secure])
        #expect(try read("", variables: ["API_KEY_REQUIRED": "true", "JWT_AUTH_ENABLED": "false"])[Settings.secure])
        #expect(try read("", variables: ["API_KEY_REQUIRED": "false"])[Settings.secure])
        #expect(try !read("", variables: ["API_KEY_REQUIRED": "true", "BUREAU_SECURE": "no"])[Settings.secure])
    }

    @Test func theDatabaseAddressSaysWhereTheStoreIs() throws {
        #expect(
            try read("", variables: ["DATABASE_URL": "sqlite:////var/lib/b.db"])[Settings.storeFolder] == "/var/lib/b")
        #expect(try read("", variables: ["DATABASE_URL": "sqlite:///data"])[Settings.storeFolder] == "data")
        let both = try read("", variables: ["DATABASE_URL": "sqlite:///data", "BUREAU_STORE": "s"])
        #expect(both[Settings.storeFolder] == "s")
        let postgres = try read("", variables: ["DATABASE_URL": "postgresql://u:p@h/d"])
        #expect(postgres[Settings.storeFolder] == ".bureau")
    }

    @Test func theCommentedFileIsTakenWhenItsCommentsAreUndone() throws {
        let template = ConfigurationText.template
        #expect(try read(template).given.isEmpty)
        let said = template.split(separator: "\n").filter {
            $0.hasPrefix("#") && (!$0.hasPrefix("# ") || $0.hasPrefix("#  "))
        }
        let undone = said.map { $0.dropFirst() }.filter { !$0.hasPrefix("  #") }.joined(separator: "\n")
        let read = try read(undone)
        #expect(read.given.count > 20)
        for setting in Settings.all { #expect(read.value(setting) == setting.fallback, "\(setting.key)") }
    }

    /// The schema for editors takes and refuses what the reader does.
    @Test func theSchemaAgreesWithTheReader() throws {
        let schema = try JSONSchema(ConfigurationSchema.document)
        let good: JSONValue = [
            "server": ["port": 80, "cors_origins": ["https://a.example"]], "log": ["level": "debug", "debug": true],
            "council": ["threshold": .double(0.5)],
        ]
        #expect(schema.validate(good).isEmpty)
        for bad: JSONValue in [
            ["server": ["prot": 80]], ["server": ["port": 65_536]], ["stor": [:]], ["log": ["level": "loud"]],
            ["council": ["threshold": 2]], ["secrets": ["jwt": "x"]],
        ] {
            #expect(!schema.validate(bad).isEmpty, "\(bad.serialized())")
        }
    }
}

@Suite struct VariableFileTests {
    @Test func readsWhatShellsAndDockerRead() throws {
        let text = """
            # comment
            export A=1
            B = two words # and a comment
            C='it is $raw \\n'
            D="line\\nnext \\"q\\""
            E=

            F=a#b
            """
        let values = try VariableFile.values(Array(text.utf8), source: ".env")
        #expect(
            values == [
                "A": "1", "B": "two words", "C": "it is $raw \\n", "D": "line\nnext \"q\"", "E": "", "F": "a#b",
            ])
    }

    @Test func refusesWhatIsNone() {
        do throws(ConfigurationProblems) {
            _ = try VariableFile.values(Array("A=1\nB\n1C=2\nD=\"x\nA=3\n".utf8), source: ".env")
            Issue.record("it was taken")
        } catch {
            #expect(error.all.map(\.line) == [2, 3, 4, 5])
        }
    }
}
