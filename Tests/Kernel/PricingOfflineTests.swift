import Kernel
import TestSupport
import Testing

/// The offline answer is the price-less provider's algorithm.
@Suite("Offline answers")
struct PricingOfflineTests {
    private let text = """
        Small bakeries throw away a fifth of their bread every day. A shared delivery van would let three bakeries sell
        leftover bread together. Customers like bread that is still fresh, e.g. from the afternoon. The van costs 31.5
        thousand euros. Leftover bread from three bakeries fills the van every day!
        Unrelated: the weather was fine.
        """

    private func answer(_ instruction: String, tokens: Int = 1000, stop: [String] = []) -> OfflineAnswer {
        OfflineAnswer(
            messages: [("user", "\(instruction)\n\n\(text.replacing("\n", with: " "))")], stop: stop,
            maximumOutputTokens: tokens)
    }

    @Test("sentences end at marks before white space, not inside numbers and abbreviations")
    func sentences() {
        let sentences = Sentences.split("It cost 31.5 euros, e.g. for Dr. No. Did it? - Yes!\n* a list item\n\n...")
        #expect(sentences == ["It cost 31.5 euros, e.g. for Dr. No.", "Did it?", "Yes!", "a list item"])
    }

    @Test("every sentence of an answer stands in the input, and the most central one is among them")
    func extraction() {
        let sentences = Sentences.split(text.replacing("\n", with: " "))
        let chosen = Sentences.split(answer("Summarise in two sentences.").text)
        #expect(chosen.count == 2)
        #expect(chosen.allSatisfy(sentences.contains))
        #expect(chosen.contains { $0.hasPrefix("A shared delivery van") || $0.hasPrefix("Leftover bread from") })
        #expect(!chosen.contains { $0.hasPrefix("Unrelated") })
    }

    @Test("lists, counts and titles are obeyed")
    func instructions() {
        let bullets = answer("Give me 3 bullet points").text.split(separator: "\n")
        #expect(bullets.count == 3)
        #expect(bullets.allSatisfy { $0.hasPrefix("- ") })
        let title = answer("A headline, please").text
        #expect(title.split(separator: " ").count <= 12)
        #expect(!title.hasSuffix("."))
        #expect(Sentences.split(answer("What is this about?").text).count == 3)
    }

    @Test("the same input gives the same answer, and its pieces add up to it")
    func deterministic() {
        let first = answer("Summarise in 4 sentences")
        for _ in 0..<20 { #expect(answer("Summarise in 4 sentences") == first) }
        #expect(first.pieces.count > 1)
        #expect(first.pieces.joined() == first.text)
    }

    @Test("the output limit and stop sequences cut the answer, and the reason says which")
    func limits() {
        let short = answer("Summarise", tokens: 5)
        #expect(OfflineTokens.estimate(short.text) <= 5)
        #expect(short.finishReason == "length")
        let stopped = answer("Summarise in one sentence", stop: ["bakeries"])
        #expect(!stopped.text.contains("bakeries"))
        #expect(stopped.finishReason == "stop")
    }

    @Test("no text gives one honest sentence")
    func nothing() {
        let empty = OfflineAnswer(messages: [("system", "Be brief.")], stop: [], maximumOutputTokens: 100)
        #expect(empty.text == "There is no text to extract from.")
    }

    @Test("thousands of sentences are ranked within bounds")
    func large() {
        let many = (0..<5000).map { "Sentence \($0) talks about topic\($0 % 7) and group\($0 % 3)." }
        let chosen = SentenceRank.mostCentral(many, count: 10)
        #expect(chosen.count == 10)
        #expect(chosen == chosen.sorted())
    }
}
