import PluginKit

struct ClusterInput: Codable, Sendable, SchemaDescribing {
    enum Method: String, Codable, CaseIterable, Sendable {
        case kMeans = "k_means"
        case hierarchical, dbscan
    }

    var data: Dataset
    var method: Method
    /// k_means tries 2 to 10 if absent, and keeps the best silhouette.
    var clusters: Int?
    var linkage: Hierarchy.Linkage?
    var radius: Double?
    var minimumPoints: Int?
    /// Scales each feature to standard deviation 1 first.
    var scale: Bool?
    var restarts: Int?
    var seed: Int?

    enum CodingKeys: String, CodingKey {
        case data, method, clusters, linkage, radius, scale, restarts, seed
        case minimumPoints = "minimum_points"
    }

    static func describe(_ schema: inout SchemaEditor) {
        schema.property("clusters", "k_means tries 2 to 10 if absent; hierarchical 2.", minimum: 1, maximum: 1000)
        schema.property("linkage", "hierarchical. Default ward.")
        schema.property("radius", "dbscan, in the features' units (after scaling).", minimum: 0, maximum: 1e100)
        schema.property("minimum_points", "dbscan. Default 5, the row itself included.", minimum: 1, maximum: 100_000)
        schema.property("scale", "Scales each feature to standard deviation 1. Default true.")
        schema.property("restarts", "k_means. Default 10.", minimum: 1, maximum: 100)
        schema.property("seed", "Fixes every random choice. Default 0.")
    }
}

struct ClusterOutput: Codable, Sendable {
    struct Group: Codable, Sendable {
        var cluster: Int
        var size: Int
        /// Means in the features' own units.
        var means: [Double]
    }

    /// One for each row; −1: noise.
    var labels: [Int]
    var groups: [Group]
    var noise: Int
    var inertia: Double?
    var merges: [Hierarchy.Merge]?
    /// −1 to 1, over 0.5: clear clusters (Rousseeuw 1987). Absent: one cluster, or too many rows to compare.
    var silhouette: Double?
    var tried: [Trial]?
    var warnings: [String]
    var evidence: Evidence

    struct Trial: Codable, Sendable {
        var clusters: Int
        var inertia: Double
        var silhouette: Double?
    }
}

enum ClusterTask {
    private static let largestCompared = 10_000

    static func run(_ input: ClusterInput) throws(TaskFailure) -> ClusterOutput {
        let data = try CheckedData(input.data), matrix = data.matrix
        let scaled = input.scale ?? true ? Scaling(matrix).apply(matrix) : matrix
        var output = ClusterOutput(
            labels: [], groups: [], noise: 0, warnings: [], evidence: evidence(input.method, data))
        switch input.method {
        case .kMeans: try kMeans(input, scaled, &output)
        case .hierarchical:
            guard matrix.rowCount <= largestCompared else {
                throw .tooLarge("/data/rows has \(matrix.rowCount) rows; hierarchical takes at most \(largestCompared)")
            }
            let clusters = input.clusters ?? 2
            try Check.range(clusters, 1...matrix.rowCount, at: "/clusters")
            let tree = Hierarchy(scaled, input.linkage ?? .ward)
            output.labels = tree.labels(clusters: clusters)
            output.merges = tree.merges
        case .dbscan:
            guard let radius = input.radius, radius > 0, radius <= 1e100 else {
                throw .invalid("/radius is absent or not over zero: dbscan needs one")
            }
            try Check.range(input.minimumPoints ?? 5, 1...100_000, at: "/minimum_points")
            output.labels = try DensityClusters.labels(
                scaled, radius: radius, minimumPoints: input.minimumPoints ?? 5)
            if output.labels.allSatisfy({ $0 == -1 }) {
                output.warnings.append("every row is noise: the radius is too small, or there are no clusters")
            }
        }
        finish(matrix, scaled, &output)
        return output
    }

    private static func kMeans(
        _ input: ClusterInput, _ scaled: Matrix, _ output: inout ClusterOutput
    ) throws(TaskFailure) {
        let restarts = input.restarts ?? 10, seed = input.seed ?? 0, most = min(10, scaled.rowCount)
        try Check.range(restarts, 1...100, at: "/restarts")
        try Check.range(input.clusters ?? 1, 1...scaled.rowCount, at: "/clusters")
        let choices = input.clusters.map { [$0] } ?? (most < 3 ? [1] : Array(2..<most))
        try Check.work(
            Double(choices.reduce(0, +) * restarts) * Double(scaled.values.count) * 30,
            "k-means on \(scaled.rowCount) rows")
        var best: (score: Double, found: KMeans)?, tried: [ClusterOutput.Trial] = []
        for clusters in choices {
            let found = KMeans.best(scaled, clusters: clusters, restarts: restarts, seed: seed)
            let score = silhouette(scaled, found.labels)
            tried.append(.init(clusters: clusters, inertia: found.inertia, silhouette: score))
            if best == nil || score ?? -1 > best?.score ?? -1 { best = (score ?? -1, found) }
        }
        output.labels = best?.found.labels ?? []
        output.inertia = best?.found.inertia
        output.tried = choices.count > 1 ? tried : nil
    }

    private static func finish(_ matrix: Matrix, _ scaled: Matrix, _ output: inout ClusterOutput) {
        var members: [Int: [Int]] = [:]
        for (row, label) in output.labels.enumerated() { members[label, default: []].append(row) }
        output.noise = members[-1]?.count ?? 0
        output.groups = members.filter { $0.key >= 0 }.sorted { $0.key < $1.key }.map { label, rows in
            let own = matrix.rows(rows)
            return .init(
                cluster: label, size: rows.count,
                means: (0..<matrix.columnCount).map { Descriptive.mean(own.column($0)) })
        }
        output.silhouette = silhouette(scaled, output.labels)
        if let value = output.silhouette, value < 0.25 {
            output.warnings.append("the silhouette is under 0.25: the rows hardly fall into these clusters")
        }
    }

    /// The mean over rows of (b − a)/max(a, b): a is the mean distance to the own cluster, b to the next.
    static func silhouette(_ matrix: Matrix, _ labels: [Int]) -> Double? {
        let rows = labels.indices.filter { labels[$0] >= 0 }, clusters = (labels.max() ?? -1) + 1
        guard Set(rows.map { labels[$0] }).count > 1, rows.count <= 5_000, rows.count > clusters else { return nil }
        var sizes = [Double](repeating: 0, count: clusters), total = 0.0
        for row in rows { sizes[labels[row]] += 1 }
        for row in rows where !Task.isCancelled {
            var sums = [Double](repeating: 0, count: clusters)
            for other in rows where other != row {
                sums[labels[other]] += matrix.squaredDistance(row, other).squareRoot()
            }
            let own = labels[row]
            guard sizes[own] > 1 else { continue }
            let inner = sums[own] / (sizes[own] - 1)
            var outer = Double.infinity
            for cluster in 0..<clusters where cluster != own && sizes[cluster] > 0 {
                outer = min(outer, sums[cluster] / sizes[cluster])
            }
            if max(inner, outer) > 0 { total += (outer - inner) / max(inner, outer) }
        }
        return total / Double(rows.count)
    }

    private static func evidence(_ method: ClusterInput.Method, _ data: CheckedData) -> Evidence {
        let source =
            switch method {
            case .kMeans: "Lloyd 1982; k-means++: Arthur and Vassilvitskii 2007"
            case .hierarchical: "Lance and Williams 1967; Murtagh 1983"
            case .dbscan: "Ester, Kriegel, Sander and Xu 1996"
            }
        return Evidence(
            method: method.rawValue, source: source,
            inputs: "\(data.matrix.rowCount) rows, \(data.features.count) features, \(data.fingerprint)",
            assumptions: ["Euclidean distance says how alike two rows are"],
            uncertainty: "judge by the silhouette; k-means finds a local optimum, the best of its restarts")
    }
}
