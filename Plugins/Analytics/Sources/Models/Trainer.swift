import Glibc
import PluginKit

/// Fits one algorithm. The schema's bounds are checked again here, since models are also trained by other tasks.
struct Trainer {
    let algorithm: Algorithm
    let data: CheckedData
    let kind: ModelDocument.Kind
    let seed: Int
    private(set) var notes: [String] = []
    private(set) var importance: [Double]?
    private(set) var outOfBag: [[Double]?] = []

    init(_ algorithm: Algorithm, _ data: CheckedData, kind: ModelDocument.Kind, seed: Int) throws(TaskFailure) {
        self.algorithm = algorithm
        self.data = data
        self.kind = kind
        self.seed = seed
        try Self.check(algorithm)
    }

    private static func check(_ a: Algorithm) throws(TaskFailure) {
        let place = "/algorithm/"
        try Check.range(a.trees ?? 1, 1...2000, at: place + "trees")
        try Check.range(a.depth ?? 1, 1...40, at: place + "depth")
        try Check.range(a.minimumLeaf ?? 1, 1...1_000_000, at: place + "minimum_leaf")
        try Check.range(a.featuresPerSplit ?? 1, 1...2000, at: place + "features_per_split")
        try Check.range(a.rate ?? 0.1, 1e-6...1, at: place + "rate")
        try Check.range(a.subsample ?? 1, 0.05...1, at: place + "subsample")
        try Check.range(a.cost ?? 1, 1e-6...1e6, at: place + "cost")
        try Check.range(a.nu ?? 0.1, 0.001...0.999, at: place + "nu")
        try Check.range(a.gamma ?? 1, 1e-9...1e9, at: place + "gamma")
        try Check.range(a.degree ?? 3, 1...10, at: place + "degree")
        try Check.range(a.offset ?? 0, -1e6...1e6, at: place + "offset")
        try Check.range(a.tolerance ?? 0.001, 1e-12...0.1, at: place + "tolerance")
        try Check.range(a.hidden?.count ?? 1, 1...8, at: place + "hidden (layers)")
        for (index, units) in (a.hidden ?? []).enumerated() {
            try Check.range(units, 1...512, at: place + "hidden/\(index)")
        }
        try Check.range(a.epochs ?? 1, 1...10_000, at: place + "epochs")
        try Check.range(a.batch ?? 1, 1...10_000, at: place + "batch")
        try Check.range(a.decay ?? 0, 0...1, at: place + "decay")
        try Check.range(a.ridge ?? 0, 0...1e6, at: place + "ridge")
        try Check.range(a.neighbours ?? 5, 1...1000, at: place + "neighbours")
        try Check.range(a.sampleSize ?? 256, 2...100_000, at: place + "sample_size")
        try Check.range(a.varianceCorrection ?? 0, 0...1, at: place + "variance_correction")
    }

    mutating func train() throws(TaskFailure) -> ModelDocument {
        switch kind {
        case .regression:
            let target = try data.numbers()
            return document(try regression(target), classes: nil)
        case .classification:
            let (classes, truth) = try data.classes()
            return document(try classification(truth, classes.count), classes: classes)
        case .anomaly:
            return try anomaly()
        }
    }

    private func document(_ body: ModelBody, classes: [String]?) -> ModelDocument {
        ModelDocument(
            task: kind, data: data, classes: classes, seed: seed, method: algorithm.name.rawValue, bodies: [body])
    }

    private var limits: TreeGrower.Limits {
        TreeGrower.Limits(
            depth: algorithm.depth ?? (algorithm.name == .boosting ? 3 : 20), minimumLeaf: algorithm.minimumLeaf ?? 1,
            features: algorithm.featuresPerSplit)
    }

    /// - Parameter passes: how many trees.
    private func checkTrees(_ passes: Int, features: Int) throws(TaskFailure) {
        let rows = Double(data.matrix.rowCount)
        try Check.work(
            Double(passes) * rows * log2(rows + 2) * Double(features)
                * Double(min(limits.depth, Int(log2(rows + 2)) + 4)), "\(passes) trees on \(Int(rows)) rows")
    }

    private mutating func regression(_ target: [Double]) throws(TaskFailure) -> ModelBody {
        let matrix = data.matrix
        switch algorithm.name {
        case .mean:
            return ModelBody(
                linear: LinearModel(
                    intercept: Descriptive.mean(target), weights: [Double](repeating: 0, count: matrix.columnCount),
                    degree: 1, link: .identity))
        case .linear:
            return ModelBody(linear: try LinearFit(matrix, target, names: data.features).model(degree: 1))
        case .tree, .forest:
            let isForest = algorithm.name == .forest
            return try grow(.numbers(target), isForest ? max(1, matrix.columnCount / 3) : nil)
        case .boosting:
            return ModelBody(trees: Boosting.regression(matrix, target, try boosting(1)))
        case .network:
            let mean = Descriptive.mean(target), deviation = Descriptive.variance(target, correction: 0).squareRoot()
            let scale = deviation > 0 ? deviation : 1
            return try network(target.map { [($0 - mean) / scale] }, .identity, 1) { network in
                (network.targetMean, network.targetScale) = (mean, scale)
            }
        case .neighbours: return try neighbours(target, classes: nil)
        default: throw unfit("regression", "linear, tree, forest, boosting, network, neighbours or mean")
        }
    }

    private mutating func classification(_ truth: [Int], _ classes: Int) throws(TaskFailure) -> ModelBody {
        let matrix = data.matrix
        switch algorithm.name {
        case .mean:
            var shares = [Double](repeating: 0, count: classes)
            for index in truth { shares[index] += 1 / Double(truth.count) }
            var tree = Tree()
            (tree.feature, tree.threshold, tree.left, tree.right, tree.values) = ([-1], [0], [0], [0], shares)
            return ModelBody(trees: TreeModel(join: .mean, leafWidth: classes, base: [], trees: [tree]))
        case .logistic: return try logistic(truth, classes)
        case .tree, .forest:
            let root = max(1, Int(Double(matrix.columnCount).squareRoot()))
            return try grow(.classes(truth, count: classes), algorithm.name == .forest ? root : nil)
        case .boosting:
            return ModelBody(
                trees: Boosting.classification(
                    matrix, truth, classes: classes, try boosting(classes == 2 ? 1 : classes)))
        case .supportVector:
            let (scaled, scaling) = scaled(), settings = try machine(scaled)
            let machine = VectorMachine(scaled, truth, classes: classes, settings)
            if !machine.hasConverged { notes.append("the optimiser stopped before its tolerance was met") }
            return ModelBody(scaling: scaling, machine: machine)
        case .network:
            let targets = truth.map { index in (0..<classes).map { $0 == index ? 1.0 : 0 } }
            return try network(targets, .softmax, classes)
        case .naiveBayes:
            return ModelBody(
                gaussian: GaussianBayes(
                    matrix, truth, classes: classes, correction: algorithm.varianceCorrection ?? 0))
        case .neighbours: return try neighbours(truth.map(Double.init), classes: classes)
        default:
            throw unfit(
                "classification",
                "logistic, tree, forest, boosting, support_vector, network, naive_bayes, neighbours or mean")
        }
    }

    private func anomaly() throws(TaskFailure) -> ModelDocument {
        let matrix = data.matrix
        switch algorithm.name {
        case .isolationForest:
            let trees = algorithm.trees ?? 100, size = min(algorithm.sampleSize ?? 256, matrix.rowCount)
            try Check.work(Double(trees) * Double(matrix.rowCount + size * matrix.columnCount) * 20, "the forest")
            return document(
                ModelBody(isolation: IsolationForest(matrix, trees: trees, sampleSize: size, seed: seed)),
                classes: nil)
        case .oneClass:
            let (scaled, scaling) = scaled(), settings = try machine(scaled)
            var result = document(ModelBody(scaling: scaling, machine: VectorMachine(scaled, settings)), classes: nil)
            result.threshold = 0
            return result
        default: throw unfit("anomaly", "isolation_forest or one_class")
        }
    }

    private func unfit(_ task: String, _ choices: String) -> TaskFailure {
        .invalid("/algorithm/name is \(algorithm.name.rawValue), which does no \(task); use \(choices)")
    }
}

extension Trainer {
    private mutating func grow(_ goal: TreeGrower.Goal, _ features: Int?) throws(TaskFailure) -> ModelBody {
        let isForest = algorithm.name == .forest, count = isForest ? algorithm.trees ?? 100 : 1
        var limits = limits
        limits.features = (limits.features ?? features).map { min($0, data.matrix.columnCount) }
        try checkTrees(count, features: limits.features ?? data.matrix.columnCount)
        let forest = Forest(
            data.matrix, goal, trees: count, limits: limits, seed: seed, isBootstrapped: isForest)
        importance = forest.importance
        outOfBag = forest.outOfBag
        return ModelBody(trees: forest.model)
    }

    private func boosting(_ outputs: Int) throws(TaskFailure) -> Boosting.Settings {
        let rounds = algorithm.trees ?? 100
        try checkTrees(rounds * outputs, features: data.matrix.columnCount)
        return Boosting.Settings(
            rounds: rounds, rate: algorithm.rate ?? 0.1, limits: limits, seed: seed,
            subsample: algorithm.subsample ?? 1)
    }

    private func scaled() -> (Matrix, Scaling?) {
        guard algorithm.scale ?? true else { return (data.matrix, nil) }
        let scaling = Scaling(data.matrix)
        return (scaling.apply(data.matrix), scaling)
    }

    private func machine(_ scaled: Matrix) throws(TaskFailure) -> VectorMachine.Settings {
        let rows = Double(scaled.rowCount)
        guard scaled.rowCount <= 20_000 else {
            throw .tooLarge("/data/rows has \(scaled.rowCount) rows; a support vector machine takes at most 20000")
        }
        try Check.work(rows * rows * Double(scaled.columnCount + 20), "a support vector machine on \(Int(rows)) rows")
        let variance = Descriptive.variance(scaled.values, correction: 0)
        let gamma = algorithm.gamma ?? 1 / (Double(scaled.columnCount) * (variance > 0 ? variance : 1))
        return VectorMachine.Settings(
            cost: algorithm.cost ?? 1, nu: algorithm.nu ?? 0.1, tolerance: algorithm.tolerance ?? 0.001,
            kernel: Kernel(
                form: algorithm.kernel ?? .radial, gamma: gamma, degree: algorithm.degree ?? 3,
                offset: algorithm.offset ?? 0))
    }

    private func network(
        _ targets: [[Double]], _ output: Network.Output, _ width: Int, _ finish: (inout Network) -> Void = { _ in }
    ) throws(TaskFailure) -> ModelBody {
        let (scaled, scaling) = scaled(), hidden = algorithm.hidden ?? [16], epochs = algorithm.epochs ?? 200
        let sizes = [scaled.columnCount] + hidden + [width]
        let weights = zip(sizes, sizes.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
        try Check.work(6 * Double(weights) * Double(epochs) * Double(scaled.rowCount), "training the network")
        var network = Network(sizes: sizes, activation: algorithm.activation ?? .tanh, output: output, seed: seed)
        let adam = Adam(
            rate: algorithm.rate ?? 0.01, batch: algorithm.batch ?? 32, epochs: epochs,
            decay: algorithm.decay ?? 0.0001, seed: seed)
        adam.train(&network, scaled, targets)
        guard network.layers.allSatisfy({ ($0.weights + $0.biases).allSatisfy(\.isFinite) }) else {
            throw .invalid("/algorithm/rate is too large: the network's weights left the range of numbers")
        }
        finish(&network)
        return ModelBody(scaling: scaling, network: network)
    }

    private func neighbours(_ values: [Double], classes: Int?) throws(TaskFailure) -> ModelBody {
        let (scaled, scaling) = scaled(), count = min(algorithm.neighbours ?? 5, scaled.rowCount)
        let rows = Double(scaled.rowCount)
        try Check.work(rows * rows * Double(scaled.columnCount), "comparing \(Int(rows)) rows with each other")
        return ModelBody(
            scaling: scaling,
            neighbours: Neighbours(
                count: count, rows: (0..<scaled.rowCount).map(scaled.row), values: values, classes: classes))
    }

    /// Two classes by one fit; more by one fit for each class against the rest, made into shares.
    private func logistic(_ truth: [Int], _ classes: Int) throws(TaskFailure) -> ModelBody {
        guard classes == 2 else {
            throw .invalid("/algorithm/name: logistic tells two classes apart; /data/labels holds \(classes)")
        }
        let (fit, scaling) = try LogisticTask.fit(data, truth, ridge: algorithm.ridge ?? 0)
        guard fit.ending == .converged else {
            throw .invalid(
                "/data: \(fit.ending.rawValue.replacing("_", with: " ")), so that no coefficient has an estimate; "
                    + "give /algorithm/ridge, 1 for example"
            )
        }
        let values = LogisticTask.unscaled(fit, scaling).values
        return ModelBody(
            linear: LinearModel(
                intercept: values[0], weights: Array(values.dropFirst()), degree: 1, link: .logit))
    }
}
