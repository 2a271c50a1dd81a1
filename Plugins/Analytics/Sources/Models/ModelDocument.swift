import PluginKit

/// A trained model as a file. The format is described in the department's README; version 1.
struct ModelDocument: Codable, Sendable {
    enum Kind: String, Codable, CaseIterable, Sendable {
        case regression, classification, anomaly
    }

    var format = "bureau.model"
    var version = 1
    var task: Kind
    /// The algorithm, in words.
    var method: String
    var features: [String]
    var classes: [String]?
    /// An anomaly score over this is an anomaly.
    var threshold: Double?
    var seed: Int
    var trainedOn: Training
    /// A prediction is the weighted mean of the members'.
    var members: [Member]

    struct Training: Codable, Sendable {
        var rows: Int
        var fingerprint: String
    }

    struct Member: Codable, Sendable {
        var weight: Double
        var body: ModelBody
    }

    enum CodingKeys: String, CodingKey {
        case format, version, task, method, features, classes, threshold, seed, members
        case trainedOn = "trained_on"
    }

    init(
        task: Kind, data: CheckedData, classes: [String]?, seed: Int, method: String, bodies: [ModelBody],
        weights: [Double]? = nil
    ) {
        self.task = task
        self.method = method
        self.features = data.features
        self.classes = classes
        self.seed = seed
        trainedOn = Training(rows: data.matrix.rowCount, fingerprint: data.fingerprint)
        let equal = 1 / Double(bodies.count)
        members = bodies.enumerated().map { Member(weight: weights?[$0] ?? equal, body: $1) }
    }

    /// How many numbers a prediction has.
    var width: Int { task == .classification ? classes?.count ?? 0 : 1 }

    /// Refuses what was not written by ``init`` or was changed since: every index is looked at before it is used.
    func check(at place: String = "/model") throws(TaskFailure) {
        guard format == "bureau.model", version == 1 else {
            throw .invalid("\(place) is \(format) version \(version); this reads bureau.model version 1")
        }
        guard !features.isEmpty, !members.isEmpty, task != .classification || width >= 2 else {
            throw .invalid("\(place) names no features, no members or fewer than two classes")
        }
        for (index, member) in members.enumerated() {
            guard member.weight.isFinite, member.weight >= 0,
                member.body.isSound(features: features.count, width: width)
            else {
                throw .invalid("\(place)/members/\(index) does not fit \(features.count) features: it was changed")
            }
        }
    }

    /// One row of `width` numbers for each observation: a value, a share for each class, or an anomaly score.
    func outputs(_ matrix: Matrix) -> [[Double]] {
        var result = [[Double]](repeating: [Double](repeating: 0, count: width), count: matrix.rowCount)
        for member in members {
            let predictor = member.body.predictor(width: width)
            for row in 0..<matrix.rowCount where !Task.isCancelled {
                let output = predictor.output(matrix.row(row))
                for column in 0..<width { result[row][column] += member.weight * output[column] }
            }
        }
        return result
    }
}

/// Exactly one of the members is there.
struct ModelBody: Codable, Sendable {
    var scaling: Scaling?
    var linear: LinearModel?
    var trees: TreeModel?
    var machine: VectorMachine?
    var network: Network?
    var gaussian: GaussianBayes?
    var isolation: IsolationForest?
    var neighbours: Neighbours?

    init(
        scaling: Scaling? = nil, linear: LinearModel? = nil, trees: TreeModel? = nil, machine: VectorMachine? = nil,
        network: Network? = nil, gaussian: GaussianBayes? = nil, isolation: IsolationForest? = nil,
        neighbours: Neighbours? = nil
    ) {
        self.scaling = scaling
        self.linear = linear
        self.trees = trees
        self.machine = machine
        self.network = network
        self.gaussian = gaussian
        self.isolation = isolation
        self.neighbours = neighbours
    }

    private var all: [any Predictor] {
        let optional: [(any Predictor)?] = [linear, trees, machine, network, gaussian, isolation, neighbours]
        return optional.compactMap { $0 }
    }

    func isSound(features: Int, width: Int) -> Bool {
        let scaled = scaling.map { $0.means.count == features && $0.scales.count == features } ?? true
        return scaled && all.count == 1 && all.allSatisfy { $0.isSound(features: features, width: width) }
    }

    func predictor(width: Int) -> any Predictor {
        let inner = all.first ?? LinearModel(intercept: 0, weights: [], degree: 1, link: .identity)
        return scaling.map { ScaledPredictor(scaling: $0, inner: inner) } ?? inner
    }
}

protocol Predictor: Sendable {
    func output(_ row: [Double]) -> [Double]
    func isSound(features: Int, width: Int) -> Bool
}

private struct ScaledPredictor: Predictor {
    var scaling: Scaling
    var inner: any Predictor

    func output(_ row: [Double]) -> [Double] { inner.output(scaling.apply(row)) }
    func isSound(features: Int, width: Int) -> Bool { inner.isSound(features: features, width: width) }
}

/// Columns moved and stretched to mean 0 and standard deviation 1, as the training rows had them.
struct Scaling: Codable, Sendable {
    var means: [Double]
    var scales: [Double]

    init(_ matrix: Matrix) {
        means = []
        scales = []
        for column in 0..<matrix.columnCount {
            let values = matrix.column(column), deviation = Descriptive.variance(values, correction: 0).squareRoot()
            means.append(Descriptive.mean(values))
            scales.append(deviation > 0 && deviation.isFinite ? deviation : 1)
        }
    }

    func apply(_ row: [Double]) -> [Double] { row.indices.map { (row[$0] - means[$0]) / scales[$0] } }

    func apply(_ matrix: Matrix) -> Matrix {
        var scaled = matrix
        for row in 0..<matrix.rowCount {
            for column in 0..<matrix.columnCount {
                scaled[row, column] = (matrix[row, column] - means[column]) / scales[column]
            }
        }
        return scaled
    }
}
