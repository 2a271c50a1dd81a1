import Glibc
import PluginKit

struct TextTrainInput: Codable, Sendable, SchemaDescribing {
    var texts: [String]
    var labels: [String]
    /// Added to each count (Laplace).
    var smoothing: Double?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("texts", "One document each.", maxLength: 100_000, minItems: 2, maxItems: 100_000)
        schema.property("labels", "One class for each text.", maxLength: 200)
        schema.property("smoothing", "Added to each count. Default 1.", minimum: 1e-6, maximum: 100)
    }
}

/// Multinomial naive Bayes (Manning, Raghavan and Schütze 2008, *Introduction to Information Retrieval*, §13.2).
struct TextModel: Codable, Sendable {
    var format = "bureau.text-model"
    var version = 1
    var classes: [String]
    var logPriors: [Double]
    /// A word's logarithm of probability in each class.
    var words: [String: [Double]]

    enum CodingKeys: String, CodingKey {
        case format, version, classes, words
        case logPriors = "log_priors"
    }

    init(_ texts: [[String]], _ truth: [Int], classes: [String], smoothing: Double) {
        self.classes = classes
        var counts: [String: [Double]] = [:], totals = [Double](repeating: 0, count: classes.count)
        var documents = totals
        for (tokens, label) in zip(texts, truth) {
            documents[label] += 1
            totals[label] += Double(tokens.count)
            for token in tokens { counts[token, default: [Double](repeating: 0, count: classes.count)][label] += 1 }
        }
        let size = Double(counts.count)
        logPriors = documents.map { log($0 / Double(texts.count)) }
        words = counts.mapValues { row in
            row.indices.map { log((row[$0] + smoothing) / (totals[$0] + smoothing * size)) }
        }
    }

    /// Words that the model never saw say nothing.
    func shares(_ text: String) -> [Double] {
        var sums = logPriors
        for token in Tokens.split(text) {
            guard let row = words[token] else { continue }
            for index in sums.indices { sums[index] += row[index] }
        }
        return Softmax.shares(sums)
    }

    func check() throws(TaskFailure) {
        guard format == "bureau.text-model", version == 1 else {
            throw .invalid("/model is \(format) version \(version); this reads bureau.text-model version 1")
        }
        guard classes.count >= 2, logPriors.count == classes.count,
            words.values.allSatisfy({ $0.count == classes.count })
        else { throw .invalid("/model does not hold one number for each of \(classes.count) classes: it was changed") }
    }
}

struct TextTrainOutput: Codable, Sendable {
    var model: TextModel
    /// By leaving out each fifth in turn; absent with under ten texts.
    var crossValidated: Metrics?
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case model, evidence
        case crossValidated = "cross_validated"
    }
}

struct TextPredictInput: Codable, Sendable, SchemaDescribing {
    var model: TextModel
    var texts: [String]

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("texts", "What to classify.", maxLength: 100_000, maxItems: 100_000)
    }
}

enum TextTask {
    static func train(_ input: TextTrainInput) throws(TaskFailure) -> TextTrainOutput {
        try Check.count(input.labels.count, input.texts.count, at: "/labels")
        let smoothing = input.smoothing ?? 1
        try Check.range(smoothing, 1e-6...100, at: "/smoothing")
        let classes = Array(Set(input.labels)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        guard classes.count >= 2, classes.count <= 200 else {
            throw .invalid("/labels holds \(classes.count) classes; use 2 to 200")
        }
        let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        let truth = input.labels.map { index[$0] ?? 0 }, tokens = input.texts.map(Tokens.split)
        guard tokens.contains(where: { !$0.isEmpty }) else { throw .invalid("/texts hold no words") }
        let model = TextModel(tokens, truth, classes: classes, smoothing: smoothing)
        return TextTrainOutput(
            model: model, crossValidated: validate(input.texts, tokens, truth, classes, smoothing),
            evidence: Evidence(
                method: "multinomial naive Bayes, smoothing \(smoothing)",
                source: "Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, §13.2",
                inputs: "\(input.texts.count) texts, \(model.words.count) different words",
                assumptions: ["words are independent of each other, given the class"],
                uncertainty: "shares are too sure of themselves, since words are not independent"))
    }

    private static func validate(
        _ texts: [String], _ tokens: [[String]], _ truth: [Int], _ classes: [String], _ smoothing: Double
    ) -> Metrics? {
        guard texts.count >= 10 else { return nil }
        var shares = [[Double]](repeating: [], count: texts.count)
        for fold in Folds.stratified(truth, count: 5, seed: 0) {
            let test = Set(fold), training = texts.indices.filter { !test.contains($0) }
            let model = TextModel(
                training.map { tokens[$0] }, training.map { truth[$0] }, classes: classes, smoothing: smoothing)
            for row in fold { shares[row] = model.shares(texts[row]).map { $0.isFinite ? $0 : 0 } }
        }
        return Metrics(probabilities: shares, actual: truth, classCount: classes.count)
    }

    static func predict(_ input: TextPredictInput) throws(TaskFailure) -> PredictOutput {
        try input.model.check()
        let shares = input.texts.map(input.model.shares)
        return PredictOutput(
            labels: shares.map { input.model.classes[Metrics.best($0)] }, probabilities: shares,
            classes: input.model.classes)
    }
}
