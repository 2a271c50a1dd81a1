import Research
import TestSupport
import Testing

@Suite("Research: BM25")
struct ResearchRetrievalTests {
    private static let corpus = [
        "the cold chain of the pharmacy broke in the night", "a fridge alarm woke the pharmacist at night",
        "temperature loggers are cheap but nobody reads the loggers",
        "the pharmacy wants one alarm that calls a person",
        "loggers loggers loggers",
    ].map { $0.split(separator: " ").map(String.init) }

    private func isClose(_ left: [Double], _ right: [Double], by tolerance: Double = 1e-12) -> Bool {
        left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= tolerance }
    }

    /// The README of PyPI's rank-bm25 0.2.2 (k1 = 1.5).
    @Test("the example of rank-bm25's README scores as published")
    func readmeExample() {
        let corpus = ["Hello there good man!", "It is quite windy in London", "How is the weather today?"]
        let index = BM25(
            corpus.map { $0.split(separator: " ").map(String.init) }, k1: 1.5, idf: .floored(epsilon: 0.25))
        #expect(isClose(index.scores(["windy", "London"]), [0, 0.9372947225064051, 0]))
    }

    /// Computed once with PyPI's rank-bm25 0.2.2: `BM25Okapi(corpus, k1=1.2, b=0.75).get_scores(query.split())`.
    @Test("with a floored inverse document frequency it scores as rank-bm25 does")
    func rankBM25() {
        let index = BM25(Self.corpus, idf: .floored(epsilon: 0.25))
        #expect(
            isClose(
                index.scores(["pharmacy", "alarm"]),
                [0.30166476386729435, 0.33297944523760176, 0, 0.6330990768004403, 0]))
        #expect(isClose(index.scores(["loggers"]), [0, 0, 0.44346110448694437, 0, 0.6090573397067526]))
        #expect(
            isClose(
                index.scores(["the", "night"]),
                [0.6230584702737733, 0.5476126124917555, 0.20404271492253434, 0.20404271492253434, 0]))
        #expect(index.scores(["missing"]) == [0, 0, 0, 0, 0])
    }

    /// Computed once with PyPI's bm25s 0.3.16, `BM25(method="lucene", k1=1.2, b=0.75)`, in single precision. Lucene
    /// leaves the constant factor k1 + 1 out.
    @Test("with a positive inverse document frequency it scores as Lucene does, times k1 + 1")
    func lucene() {
        let index = BM25(Self.corpus)
        let expected: [([String], [Double])] = [
            (["pharmacy", "alarm"], [0.35677409172058105, 0.3938094675540924, 0, 0.7487561702728271, 0]),
            (["loggers"], [0, 0, 0.5244743824005127, 0, 0.7203223705291748]),
            (["the", "night"], [0.5505496263504028, 0.5232166051864624, 0.12302194535732269, 0.12302194535732269, 0]),
        ]
        for (query, scores) in expected {
            #expect(isClose(index.scores(query), scores.map { $0 * 2.2 }, by: 1e-6))
        }
    }

    @Test("one more occurrence of a term never lowers a document's score")
    func monotone() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let words = ["a", "b", "c", "d", "e", "f"]
        for _ in 0..<200 {
            var corpus = (0..<Int.random(in: 2...8, using: &random)).map { _ in
                (0..<Int.random(in: 2...12, using: &random)).map { _ in words.randomElement(using: &random) ?? "a" }
            }
            let target = Int.random(in: 0..<corpus.count, using: &random)
            guard let position = corpus[target].firstIndex(where: { $0 != "a" }), corpus[target].contains("a") else {
                continue
            }
            let before = BM25(corpus).scores(["a"])[target]
            // Another word gives way, so that the length stays.
            corpus[target][position] = "a"
            #expect(BM25(corpus).scores(["a"])[target] > before, "seed \(seed), \(corpus)")
        }
    }

    @Test("a document's score does not depend on the order of the documents")
    func orderInvariance() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let scores = Dictionary(uniqueKeysWithValues: zip(Self.corpus, BM25(Self.corpus).scores(["the", "alarm"])))
        for _ in 0..<20 {
            let shuffled = Self.corpus.shuffled(using: &random)
            #expect(BM25(shuffled).scores(["the", "alarm"]) == shuffled.compactMap { scores[$0] }, "seed \(seed)")
        }
    }

    @Test("empty documents, an empty corpus and an empty query score nothing")
    func edges() {
        #expect(BM25([[], ["a"]]).scores(["a"])[0] == 0)
        #expect(BM25([]).scores(["a"]) == [])
        #expect(BM25([["a"]]).scores([]) == [0])
    }
}
