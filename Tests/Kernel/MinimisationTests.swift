import Kernel
import TestSupport
import Testing

@Suite("Minimisation and masking in logs")
struct MinimisationTests {
    private static let input: JSONValue = [
        "query": "Shall we promote Ada?",
        "context": [
            "personal_data": [
                "name": "Ada Löwe", "mail": "ada@example.org", "salary": 51234, "age": 42, "note": "a \"quote\"\nhere",
            ],
            "stakeholders": ["Bob", ["name": "Carol Ng"], "Bob Ross"],
        ],
    ]

    private var minimiser: Minimiser { Minimiser(.standard, inputs: [Self.input.bytes]) }

    @Test("values go wherever they stand, and what is like them stays")
    func values() {
        #expect(minimiser.minimised("ADA LÖWE earns 51234 at 42.") == "[personal data] earns [personal data] at 42.")
        #expect(minimiser.minimised("Bob Ross, bob and Carol Ng") == "stakeholder_2, stakeholder_0 and stakeholder_1")
        #expect(minimiser.minimised("Bobby, 512345, Ada") == "Bobby, 512345, Ada")
        #expect(minimiser.minimised(#"{"n":"a \"quote\"\nhere"}"#) == #"{"n":"[personal data]"}"#)
        #expect(minimiser.minimised("Ärger, öffentlich") == "Ärger, öffentlich")
        #expect(Minimiser(.standard, inputs: [Array(#"{"a":1}"#.utf8)]).isEmpty)
    }

    @Test("none of the values is in what a model is told, whatever is written around them")
    func property() {
        var random = SplitMix64(seed: .random(in: .min ... .max))
        let seed = random
        let letters = Array("abcdefghijABÄßéxyz").map(String.init)
        func word() -> String {
            (0..<Int.random(in: 2...9, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" }
                .joined()
        }
        for _ in 0..<300 {
            let names = (0..<4).map { _ in word() + " " + word() }
            let number = Int64.random(in: 1000...9_999_999, using: &random)
            let input: JSONValue = [
                "deep": [["personal_data": ["a": .string(names[0]), "b": [.string(names[1]), .integer(number)]]]],
                "stakeholders": [.string(names[2]), ["name": .string(names[3])]],
            ]
            let parts: [String] = (names + [String(number), JSONValue.string(names[0]).serialized()]).shuffled(
                using: &random)
            let text = parts.map { "\(word()), \($0)! \(Bool.random(using: &random) ? $0.lowercased() : $0);" }.joined(
                separator: " ")
            let told = Minimiser(.standard, inputs: [input.bytes]).minimised(text)
            for name in names {
                #expect(!told.lowercased().contains(", \(name.lowercased())!"), "\(seed) \(text) → \(told)")
            }
            #expect(!told.contains(String(number)), "\(seed)")
        }
    }

    @Test("a rule of the operator's own replaces the standard one; an empty one takes nothing out")
    func rules() throws {
        func rule(_ json: String) throws -> MinimisationRule {
            try GuardPolicy(json: Array(#"{"version":1,"rules":[],"minimise":\#(json)}"#.utf8)).minimisation
        }
        #expect(try rule(#"{"drop":["patient"]}"#) == MinimisationRule(drop: ["patient"], pseudonymise: []))
        #expect(try rule(#"{"drop":[],"pseudonymise":[]}"#) == MinimisationRule(drop: [], pseudonymise: []))
        #expect(throws: GuardPolicyError.self) { try rule(#"{"drop":[1]}"#) }
    }

    @Test("a log line has no secret and no personal data")
    func logs() {
        let line = "ada@example.org sent AKIAIOSFODNN7EXAMPLE from 10.0.0.7, card 4111 1111 1111 1111"
        #expect(LogMask.standard.masked(line) == "[email] sent [secret] from 10.0.0.7, card [card]")
        #expect(LogMask.standard.masked("nothing here") == "nothing here")
    }
}
