import PluginKit

/// What can be trained, with its settings; a setting that an algorithm does not have is refused.
struct Algorithm: Codable, Sendable, SchemaDescribing {
    enum Name: String, Codable, CaseIterable, Sendable {
        case linear, logistic, tree, forest, boosting
        case supportVector = "support_vector"
        case network
        case naiveBayes = "naive_bayes"
        case neighbours
        case isolationForest = "isolation_forest"
        case oneClass = "one_class"
        case mean
    }

    var name: Name
    var trees: Int?
    var depth: Int?
    var minimumLeaf: Int?
    var featuresPerSplit: Int?
    var rate: Double?
    var subsample: Double?
    var cost: Double?
    var nu: Double?
    var kernel: Kernel.Form?
    var gamma: Double?
    var degree: Int?
    var offset: Double?
    var tolerance: Double?
    var hidden: [Int]?
    var activation: Network.Activation?
    var epochs: Int?
    var batch: Int?
    var decay: Double?
    var ridge: Double?
    var neighbours: Int?
    var sampleSize: Int?
    var scale: Bool?
    var varianceCorrection: Int?

    init(_ name: Name) { self.name = name }

    enum CodingKeys: String, CodingKey {
        case name, trees, depth, rate, subsample, cost, nu, kernel, gamma, degree, offset, tolerance, hidden
        case activation, epochs, batch, decay, ridge, neighbours, scale
        case minimumLeaf = "minimum_leaf"
        case featuresPerSplit = "features_per_split"
        case sampleSize = "sample_size"
        case varianceCorrection = "variance_correction"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("name", "The algorithm; mean predicts the mean or the shares, as a baseline.")
        schema.property("trees", "forest 100, boosting 100 rounds, isolation_forest 100.", minimum: 1, maximum: 2000)
        schema.property("depth", "tree 20, forest 20, boosting 3.", minimum: 1, maximum: 40)
        schema.property("minimum_leaf", "Rows in a leaf. Default 1.", minimum: 1, maximum: 1_000_000)
        schema.property("features_per_split", "forest: √p for classes, p/3 for numbers.", minimum: 1, maximum: 2000)
        schema.property("rate", "Learning rate: boosting 0.1, network 0.01.", minimum: 1e-6, maximum: 1)
        schema.property("subsample", "boosting: share of rows for a tree. Default 1.", minimum: 0.05, maximum: 1)
        schema.property("cost", "support_vector: C. Default 1.", minimum: 1e-6, maximum: 1e6)
        schema.property("nu", "one_class: largest share outside. Default 0.1.", minimum: 0.001, maximum: 0.999)
        schema.property("kernel", "support_vector, one_class. Default radial.")
        schema.property("gamma", "Default 1 / (features × variance), as scikit-learn.", minimum: 1e-9, maximum: 1e9)
        schema.property("degree", "Of the polynomial kernel. Default 3.", minimum: 1, maximum: 10)
        schema.property("offset", "Of the polynomial kernel. Default 0.", minimum: -1e6, maximum: 1e6)
        schema.property("tolerance", "support_vector, one_class. Default 0.001.", minimum: 1e-12, maximum: 0.1)
        schema.property("hidden", "network: units of each hidden layer. Default [16].", minimum: 1, maximum: 512)
        schema.property("epochs", "network. Default 200.", minimum: 1, maximum: 10_000)
        schema.property("batch", "network. Default 32.", minimum: 1, maximum: 10_000)
        schema.property("decay", "network: weight decay. Default 0.0001.", minimum: 0, maximum: 1)
        schema.property("ridge", "logistic: penalty on scaled coefficients. Default 0.", minimum: 0, maximum: 1e6)
        schema.property("neighbours", "Default 5.", minimum: 1, maximum: 1000)
        schema.property("sample_size", "isolation_forest. Default 256.", minimum: 2, maximum: 100_000)
        schema.property("scale", "Default true for support_vector, one_class, network, neighbours.")
        schema.property("variance_correction", "naive_bayes: 1 divides by n − 1. Default 0.", minimum: 0, maximum: 1)
    }
}
