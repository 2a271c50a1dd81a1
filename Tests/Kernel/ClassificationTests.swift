import Kernel
import Testing

@Suite("Classification of data")
struct ClassificationTests {
    private let standard = ClassificationPolicy.standard

    private func admitted(
        _ input: String, said: Sensitivity? = nil, department: String = "research", parents: [Sensitivity] = []
    ) -> Classification {
        standard.admission(said: said, department: department, input: Array(input.utf8), parents: parents)
    }

    @Test(
        "the seed's keywords count as whole words, in any case, also where JSON escapes them",
        arguments: [
            (#"{"query":"plan the acquisition"}"#, Sensitivity.confidential),
            (#"{"query":"A SECRET, kept"}"#, .confidential), (#"{"query":"top_secret"}"#, .confidential),
            (#"{"query":"\u0073ecret"}"#, .confidential), (#"{"query":"a\nsecret"}"#, .confidential),
            (#"{"query":"two layoffs"}"#, .confidential), (#"{"note":["confidential"]}"#, .confidential),
            (#"{"query":"für das secret-Projekt"}"#, .confidential),
            ("{\"query\":\"se\u{AD}cr\u{200B}et\"}", .confidential),
            (#"{"query":"ask the secretary"}"#, .internal), (#"{"query":"secretion, unsecret"}"#, .internal),
            (#"{"query":"confidentially"}"#, .internal), (#"{"query":"Sécret"}"#, .internal), ("{}", .internal),
        ])
    func keywords(input: String, expected: Sensitivity) {
        #expect(admitted(input).sensitivity == expected, "\(input)")
    }

    @Test(
        "domains count where an input names them, and in the department's name; words elsewhere do not",
        arguments: [
            (#"{"required_domains":["finance","legal"]}"#, "research", Sensitivity.restricted),
            (#"{"a":[{"domain":"Mergers & acquisitions"}]}"#, "research", .restricted),
            ("{}", "legal", .restricted), ("{}", "legal-desk", .restricted),
            (#"{"required_domains":["illegal","personnels"]}"#, "research", .internal),
            (#"{"query":"is this legal?"}"#, "research", .internal), ("{}", "paralegal", .internal),
        ])
    func domains(input: String, department: String, expected: Sensitivity) {
        #expect(admitted(input, department: department).sensitivity == expected)
    }

    @Test("the class is the highest of what is said, of parents, of the department and of rules, with the reasons")
    func highest() throws {
        #expect(admitted("{}", said: .public) == Classification(.public, reasons: ["said"]))
        #expect(admitted(#"{"q":"secret"}"#, said: .public).sensitivity == .confidential)
        #expect(admitted(#"{"q":"secret"}"#, said: .public).reasons == ["said", "rule seed.keywords"])
        #expect(admitted("{}", said: .public, parents: [.internal, .restricted]).sensitivity == .restricted)
        #expect(admitted("{}", parents: [.public]).sensitivity == .public)
        let policy = try GuardPolicy(
            json: Array(
                #"""
                {"version": 1, "rules": [], "classification": {
                  "seed_rules": false, "departments": {"pay*": "confidential"},
                  "rules": [{"id": "falcon", "on": ["input"], "words": ["project falcon"], "then": "restricted"}],
                  "clearances": {"providers": {"*": "internal", "lo*": "restricted"}}}}
                """#.utf8)
        ).classification
        func sensitivity(_ department: String, _ input: String) -> Sensitivity {
            policy.admission(department: department, input: Array(input.utf8)).sensitivity
        }
        #expect(sensitivity("payroll", "{}") == .confidential && sensitivity("sales", "{}") == .internal)
        #expect(sensitivity("sales", #"{"q":"a secret"}"#) == .internal)
        #expect(sensitivity("sales", #"{"q":"about Project -  Falcon!"}"#) == .restricted)
        #expect(sensitivity("sales", #"{"q":"project falconry"}"#) == .internal)
        #expect(policy.raise(.internal, by: Array("project falcon".utf8), at: .result, department: "a") == nil)
        #expect(policy.providers.clearance(of: "local") == .restricted)
        #expect(policy.providers.clearance(of: "openai") == .internal)
        #expect(policy.webhooks.clearance(of: "crm") == .internal)
    }

    @Test("what a text brings in raises, and never lowers")
    func raising() {
        let secret = Array("the secret".utf8)
        let raise = standard.raise(.internal, by: secret, at: .result, department: "a")
        #expect(raise?.sensitivity == .confidential && raise?.rule == "seed.keywords")
        for current in [Sensitivity.confidential, .restricted] {
            #expect(standard.raise(current, by: secret, at: .result, department: "a") == nil)
        }
    }

    @Test("controls grow with the class")
    func controls() {
        let all = Sensitivity.allCases.map(\.controls)
        #expect(all.map(\.accessControl) == [nil, "internal_only", "confidential", "restricted"])
        #expect(all.map(\.isSealed) == [false, false, true, true])
        #expect(all.map(\.isAudited) == [false, false, true, true])
        #expect(all.map(\.expiryDays) == [nil, nil, nil, 30] && all.map(\.isCached) == [true, true, false, false])
    }

    @Test(
        "a wrong member is found, and nothing of it is used",
        arguments: [
            #"{"rules":[{"id":"a","words":["x"],"then":"secret"}]}"#, #"{"rules":[{"id":"a","then":"public"}]}"#,
            #"{"rules":[{"id":"a","words":[".-"],"then":"public"}]}"#, #"{"departments":{"a":1}}"#, #"{"rule":[]}"#,
            #"{"rules":[{"id":"seed.keywords","words":["x"],"then":"public"}]}"#, #"{"clearances":{"hosts":[]}}"#,
            #"{"rules":[{"id":"a","on":["output"],"words":["x"],"then":"public"}]}"#,
        ])
    func wrong(classification: String) {
        let text = #"{"version":1,"rules":[],"classification":\#(classification)}"#
        #expect(throws: GuardPolicyError.self, "\(classification)") { try GuardPolicy(json: Array(text.utf8)) }
    }
}
