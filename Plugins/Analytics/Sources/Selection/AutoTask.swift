import PluginKit

struct AutoInput: Codable, Sendable, SchemaDescribing {
    var task: ModelDocument.Kind
    var data: Dataset
    /// Rows are in order of time: models are tested only on rows after those they learnt from.
    var isTimeOrdered: Bool?
    /// Rows left out between training and test, where the target looks ahead so far.
    var gap: Int?
    var folds: Int?
    var seed: Int?
    /// Of the algorithms; chosen by the number of rows if absent.
    var candidates: [Algorithm]?

    enum CodingKeys: String, CodingKey {
        case task, data, gap, folds, seed, candidates
        case isTimeOrdered = "is_time_ordered"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("task", "regression or classification.")
        schema.property("is_time_ordered", "Test only on later rows. Default false.")
        schema.property("gap", "Rows left out between training and test. Default 0.", minimum: 0, maximum: 100_000)
        schema.property("folds", "Default 5.", minimum: 2, maximum: 20)
        schema.property("seed", "Fixes every random choice. Default 0.")
        schema.property("candidates", "What to try; a fitting list if absent.", maxItems: 40)
    }
}

struct AutoOutput: Codable, Sendable {
    struct Candidate: Codable, Sendable {
        var algorithm: Algorithm
        /// RMSE, or log loss: the mean over folds.
        var score: Double?
        /// Of that mean, from the folds' spread.
        var standardError: Double?
        var foldScores: [Double]
        var error: String?

        enum CodingKeys: String, CodingKey {
            case algorithm, score, error
            case standardError = "standard_error"
            case foldScores = "fold_scores"
        }
    }

    /// `rmse` or `log_loss`: less is better.
    var metric: String
    /// The best first.
    var candidates: [Candidate]
    var baseline: Double
    /// Of the model below, on rows it did not learn from.
    var score: Double
    var metrics: Metrics
    var chosen: [String]
    var beatsBaseline: Bool
    /// Fitted on all rows.
    var model: ModelDocument
    var validation: String
    var warnings: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case metric, candidates, baseline, score, metrics, chosen, model, validation, warnings, evidence
        case beatsBaseline = "beats_baseline"
    }
}

enum AutoTask {
    /// A candidate with its predictions for the rows that tested it.
    private struct Result {
        var candidate: AutoOutput.Candidate
        var outputs: [Int: [Double]]
    }

    static func run(_ input: AutoInput, progress: (Double, String) -> Void) throws(TaskFailure) -> AutoOutput {
        guard input.task != .anomaly else {
            throw .invalid("/task is anomaly: there is nothing to test against; use train")
        }
        let data = try CheckedData(input.data), folds = input.folds ?? 5, seed = input.seed ?? 0, gap = input.gap ?? 0
        try Check.range(folds, 2...20, at: "/folds")
        try Check.range(gap, 0...100_000, at: "/gap")
        let truth = input.task == .classification ? try data.classes().indices : nil
        if input.task == .regression { _ = try data.numbers() }
        let rows = data.matrix.rowCount, isOrdered = input.isTimeOrdered ?? false
        guard rows >= 4 * folds else {
            throw .invalid("/data/rows has \(rows) rows; \(folds) folds need at least \(4 * folds)")
        }
        let splits =
            isOrdered
            ? Folds.forward(rows, count: folds, gap: gap)
            : Folds.random(rows, count: folds, truth: truth, seed: seed)
        guard splits.count >= 2 else { throw .invalid("/gap is \(gap): hardly a row is left to learn from") }
        let algorithms = input.candidates ?? defaults(input.task, data, classCount: Set(truth ?? []).count)
        var results: [Result] = []
        for (index, algorithm) in ([Algorithm(.mean)] + algorithms).enumerated() {
            progress(Double(index) / Double(algorithms.count + 2), algorithm.name.rawValue)
            results.append(evaluate(algorithm, data, input.task, splits, seed))
        }
        guard let baseline = results[0].candidate.score else {
            throw .invalid("/data: not even the mean can be tested: \(results[0].candidate.error ?? "")")
        }
        return try choose(input, data, results, baseline, splits, seed)
    }

    private static func choose(
        _ input: AutoInput, _ data: CheckedData, _ unsorted: [Result], _ baseline: Double, _ splits: [Folds.Split],
        _ seed: Int
    ) throws(TaskFailure) -> AutoOutput {
        let results = unsorted.filter { $0.candidate.score != nil }.sorted {
            ($0.candidate.score ?? 0) < ($1.candidate.score ?? 0)
        }
        // Together with the best only where that is better on rows that none of them learnt from.
        var members = [results[0]], best = try score(members, data, input.task, splits)
        for result in results.dropFirst().prefix(5) where members.count < 3 {
            let trial = try score(members + [result], data, input.task, splits)
            if trial < best * 0.995 { (members, best) = (members + [result], trial) }
        }
        var bodies: [ModelBody] = [], model: ModelDocument?
        for member in members {
            var trainer = try Trainer(member.candidate.algorithm, data, kind: input.task, seed: seed)
            let document = try trainer.train()
            bodies += document.members.map(\.body)
            model = model ?? document
        }
        let names = members.map { $0.candidate.algorithm.name.rawValue }
        let final = ModelDocument(
            task: input.task, data: data, classes: model?.classes, seed: seed, method: names.joined(separator: " + "),
            bodies: bodies)
        let isOrdered = input.isTimeOrdered ?? false
        var output = AutoOutput(
            metric: input.task == .regression ? "rmse" : "log_loss",
            candidates: results.map(\.candidate) + unsorted.filter { $0.candidate.score == nil }.map(\.candidate),
            baseline: baseline, score: best, metrics: try metrics(members, data, input.task), chosen: names,
            beatsBaseline: best < baseline, model: final,
            validation: isOrdered
                ? "\(splits.count) forward splits, each tested on rows after those it learnt, gap \(input.gap ?? 0)"
                : "\(splits.count) folds" + (input.task == .classification ? ", stratified" : ""),
            warnings: [], evidence: evidence(data, members))
        if best >= baseline {
            output.warnings.append("nothing beats the baseline: the features do not help to predict the target")
        }
        return output
    }

    /// Everything that is learnt, scaling too, is learnt from the training rows of the split alone.
    private static func evaluate(
        _ algorithm: Algorithm, _ data: CheckedData, _ kind: ModelDocument.Kind, _ splits: [Folds.Split], _ seed: Int
    ) -> Result {
        var result = Result(
            candidate: AutoOutput.Candidate(algorithm: algorithm, foldScores: []), outputs: [:])
        do throws(TaskFailure) {
            for split in splits {
                var trainer = try Trainer(algorithm, data.taking(split.training), kind: kind, seed: seed)
                let model = try trainer.train()
                let outputs = try aligned(model, model.outputs(data.matrix.rows(split.test)), data)
                for (row, output) in zip(split.test, outputs) { result.outputs[row] = output }
                result.candidate.foldScores.append(try loss(outputs, split.test, data, kind))
            }
        } catch {
            result.candidate.error = error.message
            return result
        }
        let scores = result.candidate.foldScores
        result.candidate.score = Descriptive.mean(scores)
        if scores.count > 1 {
            result.candidate.standardError = (Descriptive.variance(scores) / Double(scores.count)).squareRoot()
        }
        return result
    }

    /// A training part may lack a class: its share is then zero.
    private static func aligned(
        _ model: ModelDocument, _ outputs: [[Double]], _ data: CheckedData
    ) throws(TaskFailure) -> [[Double]] {
        guard let own = model.classes else { return outputs }
        let all = try data.classes().names, places = own.map { all.firstIndex(of: $0) ?? 0 }
        guard own.count < all.count else { return outputs }
        return outputs.map { row in
            var wide = [Double](repeating: 0, count: all.count)
            for (place, share) in zip(places, row) { wide[place] = share }
            return wide
        }
    }

    private static func loss(
        _ outputs: [[Double]], _ rows: [Int], _ data: CheckedData, _ kind: ModelDocument.Kind
    ) throws(TaskFailure) -> Double {
        if kind == .regression {
            let target = try data.numbers()
            return Metrics(predicted: outputs.map { $0[0] }, actual: rows.map { target[$0] }).rmse ?? .infinity
        }
        let (classes, truth) = try data.classes()
        return Metrics(
            probabilities: outputs, actual: rows.map { truth[$0] }, classCount: classes.count
        ).logLoss ?? .infinity
    }

    private static func mixed(_ members: [Result], _ row: Int) -> [Double] {
        let rows = members.compactMap { $0.outputs[row] }
        return (rows.first ?? []).indices.map { column in
            rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
        }
    }

    private static func score(
        _ members: [Result], _ data: CheckedData, _ kind: ModelDocument.Kind, _ splits: [Folds.Split]
    ) throws(TaskFailure) -> Double {
        var scores: [Double] = []
        for split in splits { scores.append(try loss(split.test.map { mixed(members, $0) }, split.test, data, kind)) }
        return Descriptive.mean(scores)
    }

    private static func metrics(
        _ members: [Result], _ data: CheckedData, _ kind: ModelDocument.Kind
    ) throws(TaskFailure) -> Metrics {
        let rows = (members.first?.outputs.keys).map { $0.sorted() } ?? [], outputs = rows.map { mixed(members, $0) }
        if kind == .regression {
            let target = try data.numbers()
            return Metrics(predicted: outputs.map { $0[0] }, actual: rows.map { target[$0] })
        }
        let (classes, truth) = try data.classes()
        return Metrics(probabilities: outputs, actual: rows.map { truth[$0] }, classCount: classes.count)
    }

    private static func defaults(
        _ task: ModelDocument.Kind, _ data: CheckedData, classCount: Int
    ) -> [Algorithm] {
        let isSmall = data.matrix.rowCount <= 3_000
        func algorithm(_ name: Algorithm.Name, _ edit: (inout Algorithm) -> Void = { _ in }) -> Algorithm {
            var made = Algorithm(name)
            edit(&made)
            return made
        }
        var list = [
            algorithm(.tree) { ($0.depth, $0.minimumLeaf) = (4, 5) }, algorithm(.forest),
            algorithm(.boosting), algorithm(.boosting) { ($0.trees, $0.depth, $0.rate) = (300, 2, 0.05) },
        ]
        if task == .regression {
            list.append(algorithm(.linear))
        } else {
            list.append(algorithm(.naiveBayes))
            if classCount == 2 { list += [0.1, 1, 10].map { ridge in algorithm(.logistic) { $0.ridge = ridge } } }
        }
        if isSmall {
            list += [5, 15].map { count in algorithm(.neighbours) { $0.neighbours = count } }
            list.append(algorithm(.network) { ($0.hidden, $0.epochs, $0.decay) = ([8], 100, 0.001) })
        }
        return list
    }

    private static func evidence(_ data: CheckedData, _ members: [Result]) -> Evidence {
        Evidence(
            method: "the least cross-validated loss; members are joined where their mean is better by 0.5 %",
            source: members.map { TrainTask.source($0.candidate.algorithm.name) }.joined(separator: "; "),
            inputs: "\(data.matrix.rowCount) rows, \(data.features.count) features, \(data.fingerprint)",
            assumptions: ["new rows come from where these came from"],
            uncertainty: "the winner of many candidates looks a little better than it is: see standard_error")
    }
}

extension CheckedData {
    func taking(_ rows: [Int]) -> CheckedData {
        var part = self
        part.matrix = matrix.rows(rows)
        part.target = target.map { target in rows.map { target[$0] } }
        part.labels = labels.map { labels in rows.map { labels[$0] } }
        return part
    }
}
