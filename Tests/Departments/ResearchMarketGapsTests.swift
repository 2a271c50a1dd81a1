import PluginKit
import PluginTesting
import Research
import TestSupport
import Testing

@Suite("Research: market gaps")
struct ResearchMarketGapsTests {
    static let corpus = [
        SourceDocument(
            id: "interview-1", title: "Pharmacist", date: "2026-02-01",
            text: """
                We keep vaccines in two fridges. Nobody offers a night alarm that calls a person, and we would pay \
                for it.
                Last winter we lost stock worth 4.200 € because no night alarm woke anybody. Paper logs are \
                filled in by hand.
                """),
        SourceDocument(
            id: "interview-2", title: "Owner", date: "2026-02-03",
            text: """
                I need a night alarm; I cannot sleep. An inspector fined us, since the paper logs were missing.
                Temperature loggers are widely available and cheap.
                """),
        SourceDocument(
            id: "competitor", title: "ColdCo", date: "2026-01-15",
            text: """
                ColdCo sells temperature loggers. Every plan includes temperature loggers and a dashboard.
                ColdCo does not offer a night alarm.
                """),
        SourceDocument(
            id: "ticket", title: "Ticket 44", date: "2026-03-01",
            text: "The temperature loggers work. Writing paper logs is painful and takes hours — für alle."),
    ]

    private func gaps(_ documents: [SourceDocument], question: String = "cold chain monitoring for pharmacies")
        async throws -> MarketGapsOutput
    {
        let harness = try TaskHarness(Research.self)
        return try await harness.run("market-gaps", input: MarketGapsInput(question: question, documents: documents))
    }

    @Test("what is asked for and not offered ranks before what is offered")
    func ranking() async throws {
        let output = try await gaps(Self.corpus)
        let titles = output.gaps.map { $0.title.lowercased() }
        #expect(titles.first == "night alarm")
        let logs = try #require(titles.firstIndex(of: "paper logs"))
        if let loggers = titles.firstIndex(of: "temperature loggers") { #expect(logs < loggers) }
        let first = try #require(output.gaps.first)
        #expect(first.demand > first.supply)
        #expect(first.score > 0 && first.score <= 20)
        #expect(first.documents == 3)
    }

    @Test("a negated offer is demand, not supply")
    func negation() async throws {
        let output = try await gaps(Self.corpus)
        let evidence = try #require(output.gaps.first).evidence
        let competitor = try #require(evidence.first { $0.documentID == "competitor" })
        #expect(competitor.signal == "demand")
        #expect(competitor.quote == "ColdCo does not offer a night alarm.")
    }

    @Test("every quote stands in its document at its byte offsets")
    func offsets() async throws {
        let output = try await gaps(Self.corpus)
        let texts = Dictionary(uniqueKeysWithValues: Self.corpus.map { ($0.id, Array($0.text.utf8)) })
        let evidence = output.gaps.flatMap(\.evidence)
        #expect(!evidence.isEmpty)
        for piece in evidence {
            let bytes = try #require(texts[piece.documentID])
            #expect(String(decoding: bytes[piece.start..<piece.end], as: UTF8.self) == piece.quote)
        }
    }

    @Test("neither the order of the documents nor a second copy of one changes the ranking")
    func invariance() async throws {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let expected = try await gaps(Self.corpus)
        for _ in 0..<3 {
            #expect(try await gaps(Self.corpus.shuffled(using: &random)) == expected, "seed \(seed)")
        }
        var copied = Self.corpus
        copied.append(SourceDocument(id: "z-copy", title: "again", text: Self.corpus[0].text))
        let output = try await gaps(copied)
        #expect(output.gaps == expected.gaps)
        #expect(output.warnings == ["z-copy has the text of interview-1 and was left out"])
    }

    @Test("gaps are merged: no two share most of their demand sentences")
    func merged() async throws {
        let output = try await gaps(Self.corpus)
        #expect(Set(output.gaps.map(\.title)).count == output.gaps.count)
        let quotes = output.gaps.map { Set($0.evidence.filter { $0.signal == "demand" }.map(\.start)) }
        #expect(output.gaps.count >= 2 && Set(quotes).count == quotes.count)
    }

    @Test("the limit holds, and ranks count from one")
    func limit() async throws {
        let harness = try TaskHarness(Research.self)
        let output: MarketGapsOutput = try await harness.run(
            "market-gaps", input: MarketGapsInput(question: "alarm", documents: Self.corpus, maximumGaps: 1))
        #expect(output.gaps.map(\.rank) == [1])
        #expect(harness.steps.map(\.name) == ["rank-gaps"])
        let again: MarketGapsOutput = try await harness.replay()
        #expect(again == output && harness.performedEffects == 0)
    }

    @Test("a corpus without demand has no gaps, and says so")
    func noDemand() async throws {
        let output = try await gaps([SourceDocument(id: "a", title: "", text: "Blue sky. Blue sky again.")])
        #expect(output.gaps.isEmpty)
        #expect(output.warnings.count == 1)
    }

    @Test("two documents with one id are refused")
    func duplicateIDs() async throws {
        let twice = [Self.corpus[0], Self.corpus[0]]
        let failure = await #expect(throws: TaskFailure.self) { try await gaps(twice) }
        #expect(failure?.status == .invalid)
        #expect(failure?.message.contains("interview-1") == true)
    }

    @Test("search finds the passage, with exact offsets, and refuses a query of stop words")
    func search() async throws {
        let harness = try TaskHarness(Research.self)
        let output: SearchOutput = try await harness.run(
            "search", input: SearchInput(query: "Who was fined by an inspector?", documents: Self.corpus, limit: 2))
        let hit = try #require(output.hits.first)
        #expect(hit.documentID == "interview-2")
        #expect(hit.quote == "An inspector fined us, since the paper logs were missing.")
        let bytes = Array(Self.corpus[1].text.utf8)
        #expect(String(decoding: bytes[hit.start..<hit.end], as: UTF8.self) == hit.quote)
        let whole: SearchOutput = try await harness.run(
            "search", input: SearchInput(query: "loggers", documents: Self.corpus, unit: "document"))
        #expect(whole.hits.map(\.documentID).first == "competitor")
        #expect(Set(whole.hits.map(\.documentID)) == ["competitor", "interview-2", "ticket"])
        await #expect(throws: TaskFailure.self) {
            let _: SearchOutput = try await harness.run(
                "search", input: SearchInput(query: "and the", documents: Self.corpus))
        }
    }
}
