import HostConfiguration
import Kernel
import Testing

@Suite struct SettingsTests {
    @Test func eachNameMeansOneSetting() {
        let names = Settings.all.flatMap { [$0.key] + $0.aliases }
        #expect(Set(names).count == names.count)
        let variables = Settings.all.flatMap(\.environment)
        #expect(Set(variables).count == variables.count)
        for setting in Settings.all where !setting.isSecret {
            let section = String(setting.key.prefix { $0 != "." })
            #expect(Settings.sections[section] != nil, "\(setting.key) has a section with words")
        }
    }

    /// A default that its own kind refuses could not be written into a file.
    @Test func defaultsAreOfTheirKinds() throws {
        for setting in Settings.all {
            guard let fallback = setting.fallback else { continue }
            let value = try setting.kind.value(of: .one(ConfigurationText.text(fallback))).get()
            #expect(value == fallback, "\(setting.key)")
        }
    }

    /// Every variable that the documents name.
    @Test func readsTheVariablesOfTheSeeds() {
        let names = """
            DATABASE_URL REDIS_URL JWT_SECRET AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_DEFAULT_REGION \
            ANTHROPIC_API_KEY LOG_LEVEL GRAFANA_PASSWORD AIA_SERVICE_NAME AIA_VERSION AIA_DEBUG AIA_LOG_LEVEL \
            PROMETHEUS_PORT NODE_ENV ENABLE_REQUEST_LOGGING ENABLE_AUDIT_TRAIL REQUEST_TIMEOUT_SECONDS \
            MAX_CONCURRENT_DECISIONS CACHE_EXPIRATION_SECONDS API_KEY_REQUIRED JWT_AUTH_ENABLED CORS_ALLOWED_ORIGINS \
            LLM_PROVIDER OPENAI_API_KEY OPENAI_MODEL OPENAI_ORG_ID OPENAI_REQUEST_TIMEOUT REDIS_HOST REDIS_PORT \
            REDIS_PASSWORD ALLOWED_ORIGINS NEXT_PUBLIC_API_URL
            """.split(separator: " ").map(String.init)
        let known = Set(Settings.all.flatMap(\.environment))
        #expect(names.filter { !known.contains($0) } == [])
        #expect(names.count == 33)
    }

    @Test func originsAreAsBrowsersSendThem() {
        let good = ["https://app.example.com", "http://localhost:3000", "http://127.0.0.1:3000", "https://[::1]:8443"]
        for text in good { #expect(Origin.problem(text) == nil, "\(text)") }
        let bad = [
            "*", "app.example.com", "https://app.example.com/", "https://*.example.com", "https://App.example.com",
            "https://app.example.com:443", "http://app.example.com:80", "https://u@app.example.com", "https://",
            "https://app.example.com:0", "https://app.example.com:99999", "https://a b", "ftp://app.example.com",
        ]
        for text in bad { #expect(Origin.problem(text) != nil, "\(text)") }
    }

    @Test func theNearestNameIsNear() {
        #expect(NearestName.of("prot", in: ["port", "host"]) == "port")
        #expect(NearestName.of("server.prot", in: ["server.port", "server.host"]) == "server.port")
        #expect(NearestName.of("BUREAU_PROT", in: ["BUREAU_PORT", "BUREAU_HOST"]) == "BUREAU_PORT")
        #expect(NearestName.of("colour", in: ["server.port"]) == nil)
        #expect(NearestName.of("a", in: []) == nil)
    }
}
