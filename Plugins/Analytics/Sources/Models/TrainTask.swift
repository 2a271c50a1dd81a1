import PluginKit

struct TrainInput: Codable, Sendable, SchemaDescribing {
    var task: ModelDocument.Kind
    var algorithm: Algorithm
    var data: Dataset
    /// Fixes every random choice: the same input and seed give the same model.
    var seed: Int?
    /// Of rows that count as anomalies: sets the model's threshold.
    var contamination: Double?

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("seed", "Fixes every random choice. Default 0.")
        schema.property(
            "contamination",
            "Anomalies: the share of the training rows over the threshold. Default 0.05 for "
                + "isolation_forest.", minimum: 0.0001, maximum: 0.5)
    }
}

struct TrainOutput: Codable, Sendable {
    var model: ModelDocument
    /// On the rows it was trained on: an optimistic figure. Use `automl` for an honest one.
    var trainingMetrics: Metrics?
    /// By the trees that did not see the row (forests).
    var outOfBagMetrics: Metrics?
    var importance: [Importance]?
    /// Anomaly scores of the training rows.
    var scores: [Double]?
    var anomalies: [Int]?
    var notes: [String]
    var evidence: Evidence

    enum CodingKeys: String, CodingKey {
        case model, importance, scores, anomalies, notes, evidence
        case trainingMetrics = "training_metrics"
        case outOfBagMetrics = "out_of_bag_metrics"
    }
}

struct Importance: Codable, Sendable {
    var feature: String
    var share: Double
}

enum TrainTask {
    static func run(_ input: TrainInput) throws(TaskFailure) -> TrainOutput {
        let data = try CheckedData(input.data), seed = input.seed ?? 0
        var trainer = try Trainer(input.algorithm, data, kind: input.task, seed: seed)
        var model = try trainer.train()
        var output = TrainOutput(model: model, notes: trainer.notes, evidence: evidence(input, data))
        output.importance = trainer.importance.map { shares in
            zip(data.features, shares).map(Importance.init).sorted { $0.share > $1.share }
        }
        let outputs = model.outputs(data.matrix)
        switch input.task {
        case .regression:
            let target = try data.numbers()
            output.trainingMetrics = Metrics(predicted: outputs.map { $0[0] }, actual: target)
            let seen = trainer.outOfBag.indices.filter { trainer.outOfBag[$0] != nil }
            if !seen.isEmpty {
                output.outOfBagMetrics = Metrics(
                    predicted: seen.map { trainer.outOfBag[$0]?[0] ?? 0 }, actual: seen.map { target[$0] })
            }
        case .classification:
            let (classes, truth) = try data.classes()
            output.trainingMetrics = Metrics(probabilities: outputs, actual: truth, classCount: classes.count)
            let seen = trainer.outOfBag.indices.filter { trainer.outOfBag[$0] != nil }
            if !seen.isEmpty {
                output.outOfBagMetrics = Metrics(
                    probabilities: seen.map { trainer.outOfBag[$0] ?? [] }, actual: seen.map { truth[$0] },
                    classCount: classes.count)
            }
        case .anomaly:
            let scores = outputs.map { $0[0] }, share = input.contamination ?? 0.05
            try Check.range(share, 0.0001...0.5, at: "/contamination")
            if model.threshold == nil || input.contamination != nil {
                model.threshold = Descriptive.quantile(sorted: scores.sorted(), 1 - share)
                output.model = model
            }
            output.scores = scores
            output.anomalies = scores.indices.filter { scores[$0] > model.threshold ?? 0 }
        }
        return output
    }

    private static func evidence(_ input: TrainInput, _ data: CheckedData) -> Evidence {
        Evidence(
            method: input.algorithm.name.rawValue, source: source(input.algorithm.name),
            inputs: "\(data.matrix.rowCount) rows, \(data.features.count) features, \(data.fingerprint)",
            assumptions: ["new rows come from where the training rows came from", "rows are independent"],
            uncertainty: "training metrics are optimistic; out-of-bag metrics and those of automl are not")
    }

    static func source(_ name: Algorithm.Name) -> String {
        switch name {
        case .linear: "Golub and Van Loan, Matrix Computations, §5.3"
        case .logistic: "McCullagh and Nelder, Generalized Linear Models, §2.5"
        case .tree: "Breiman, Friedman, Olshen and Stone 1984, Classification and Regression Trees"
        case .forest: "Breiman 2001, Random Forests"
        case .boosting: "Friedman 2001, Greedy Function Approximation: A Gradient Boosting Machine"
        case .supportVector: "Cortes and Vapnik 1995; solver: Fan, Chen and Lin 2005"
        case .network: "Rumelhart, Hinton and Williams 1986; Kingma and Ba 2015"
        case .naiveBayes: "Duda and Hart 1973, Pattern Classification and Scene Analysis"
        case .neighbours: "Cover and Hart 1967, Nearest Neighbor Pattern Classification"
        case .isolationForest: "Liu, Ting and Zhou 2008, Isolation Forest"
        case .oneClass: "Schölkopf et al. 2001, Estimating the Support of a High-Dimensional Distribution"
        case .mean: "the mean of the target, or the share of each class: a baseline"
        }
    }
}

struct PredictInput: Codable, Sendable {
    var model: ModelDocument
    /// The model's features, in its order.
    var features: [String]?
    var rows: [[Double]]
}

struct PredictOutput: Codable, Sendable {
    /// Numbers, or anomaly scores.
    var values: [Double]?
    var labels: [String]?
    /// One share for each of `classes`.
    var probabilities: [[Double]]?
    var classes: [String]?
    var anomalies: [Bool]?
}

enum PredictTask {
    static func run(_ input: PredictInput) throws(TaskFailure) -> PredictOutput {
        try input.model.check()
        let matrix = try Check.matrix(input.rows, at: "/rows")
        let model = input.model
        if let features = input.features, features != model.features {
            throw .invalid("/features are \(features); the model was trained on \(model.features)")
        }
        guard matrix.columnCount == model.features.count else {
            throw .invalid("/rows/0 has \(matrix.columnCount) numbers; the model takes \(model.features.count)")
        }
        return predict(model, matrix)
    }

    static func predict(_ model: ModelDocument, _ matrix: Matrix) -> PredictOutput {
        let outputs = model.outputs(matrix)
        switch model.task {
        case .regression: return PredictOutput(values: outputs.map { $0[0] })
        case .classification:
            let classes = model.classes ?? []
            return PredictOutput(
                labels: outputs.map { classes[Metrics.best($0)] }, probabilities: outputs, classes: classes)
        case .anomaly:
            return PredictOutput(
                values: outputs.map { $0[0] }, anomalies: outputs.map { $0[0] > model.threshold ?? 0 })
        }
    }
}
