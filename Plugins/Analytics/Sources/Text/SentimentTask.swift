import PluginKit

struct SentimentInput: Codable, Sendable, SchemaDescribing {
    var texts: [String]

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("texts", "English sentences or short texts.", maxLength: 20_000, minItems: 1, maxItems: 20_000)
    }
}

struct SentimentOutput: Codable, Sendable {
    struct Score: Codable, Sendable {
        /// `positive` from 0.05 on, `negative` from −0.05 down.
        var label: String
        var score: Sentiment
    }

    var scores: [Score]
    var meanCompound: Double
    var counts: [String: Int]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case scores, counts, evidence
        case meanCompound = "mean_compound"
    }
}

enum SentimentTask {
    static func run(_ input: SentimentInput) throws(TaskFailure) -> SentimentOutput {
        guard !input.texts.isEmpty else { throw .invalid("/texts is empty") }
        let bytes = input.texts.reduce(0) { $0 + $1.utf8.count }
        guard bytes <= 20_000_000 else { throw .tooLarge("/texts holds \(bytes) bytes; at most 20000000") }
        let scores = input.texts.map { text in
            let score = Sentiment(text)
            let label = score.compound >= 0.05 ? "positive" : score.compound <= -0.05 ? "negative" : "neutral"
            return SentimentOutput.Score(label: label, score: score)
        }
        return SentimentOutput(
            scores: scores, meanCompound: Descriptive.mean(scores.map(\.score.compound)),
            counts: Dictionary(scores.map { ($0.label, 1) }, uniquingKeysWith: +),
            evidence: Evidence(
                method: "VADER: a rated lexicon and rules for degree, negation, capitals and punctuation",
                source: "Hutto and Gilbert 2014; lexicon and rules of vaderSentiment 3.3.2, MIT licence",
                inputs: "\(input.texts.count) texts",
                assumptions: ["English, short texts; emoji are not read"],
                uncertainty: "made for social media; irony and terms of a trade are missed"))
    }
}
