import Kernel
import TestSupport
import Testing

@Suite("Prompts that must get shorter")
struct PromptFitTests {
    /// Values of the seed's Python function `optimize_prompt`, run by hand on these inputs.
    @Test("the seed's rule, exactly")
    func seed() {
        let lines = (0..<30).map { "line \($0)" }
        let prompt = (["You are a clerk", "Please be brief"] + lines).joined(separator: "\n")
        #expect(PromptFit.seed(prompt) == prompt)
        let short = PromptFit.seed(prompt, maximumLength: 250)
        #expect(short == (["You are a clerk", "Please be brief"] + lines.suffix(20)).joined(separator: "\n"))
        #expect(PromptFit.seed(prompt, maximumLength: 10) == "You are a ")
        #expect(PromptFit.seed("a\nb", maximumLength: 1) == "a")
    }

    @Test("pinned sections and instructions stay whole, the newest lines stay, and the rest is counted")
    func fit() throws {
        let guardRail = "Never pay without approval.\nNever name a customer."
        let body = (0..<100).map { "fact number \($0)" }.joined(separator: "\n")
        let sections = [
            PromptFit.Section(guardRail, isPinned: true), PromptFit.Section("You are a clerk\n\n\n\n" + body),
            PromptFit.Section("Question?"),
        ]
        let result = try #require(PromptFit.fit(sections, maximumBytes: 300))
        #expect(result.text.utf8.count <= 300 && result.text.utf8.count > 250)
        #expect(result.text.hasPrefix(guardRail + "\nYou are a clerk\n[\(result.droppedLines) lines left out]\nfact"))
        #expect(result.text.hasSuffix("fact number 99\nQuestion?"))
        #expect(PromptFit.fit(sections, maximumBytes: guardRail.utf8.count) == nil)
        #expect(PromptFit.fit(sections, maximumBytes: 1 << 20)?.droppedLines == 0)
    }

    @Test(
        "for any prompt and length: within the length, pinned lines whole and in order, or nothing", arguments: 0..<100)
    func properties(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let sections = (0..<Int.random(in: 1...6, using: &random)).map { section in
            let lines = (0..<Int.random(in: 0...30, using: &random)).map { line in
                ["", "Please \(section) \(line)", "text \(section) \(line) ü", "   "].randomElement(using: &random)
                    ?? ""
            }
            return PromptFit.Section(
                lines.joined(separator: "\n"), isPinned: Int.random(in: 0..<4, using: &random) == 0)
        }
        let whole = sections.map(\.text).joined(separator: "\n").utf8.count
        for maximum in [0, 10, 50, 100, 200, 500, whole - 1, whole, whole + 1] {
            guard let result = PromptFit.fit(sections, maximumBytes: maximum) else {
                #expect(maximum < whole)
                continue
            }
            #expect(result.text.utf8.count <= max(0, maximum), "seed \(seed), \(maximum)")
            var rest = Substring(result.text)
            for section in sections where section.isPinned {
                guard let found = rest.firstRange(of: section.text) else {
                    Issue.record("seed \(seed): a pinned section was changed")
                    break
                }
                rest = rest[found.upperBound...]
            }
        }
    }
}
