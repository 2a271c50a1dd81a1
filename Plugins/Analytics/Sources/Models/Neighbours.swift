/// The mean or the shares of the k nearest training rows (Cover and Hart 1967).
struct Neighbours: Codable, Sendable, Predictor {
    var count: Int
    var rows: [[Double]]
    /// A number, or the index of a class.
    var values: [Double]
    var classes: Int?

    func output(_ row: [Double]) -> [Double] {
        var nearest: [(distance: Double, index: Int)] = []
        for (index, other) in rows.enumerated() {
            var distance = 0.0
            for column in row.indices { distance += (row[column] - other[column]) * (row[column] - other[column]) }
            if nearest.count == count, let last = nearest.last, distance >= last.distance { continue }
            let place = nearest.firstIndex { $0.distance > distance } ?? nearest.count
            nearest.insert((distance, index), at: place)
            if nearest.count > count { nearest.removeLast() }
        }
        let weight = 1 / Double(nearest.count)
        guard let classes else { return [nearest.reduce(0) { $0 + values[$1.index] * weight }] }
        var shares = [Double](repeating: 0, count: classes)
        for one in nearest { shares[Int(values[one.index])] += weight }
        return shares
    }

    func isSound(features: Int, width: Int) -> Bool {
        guard count > 0, !rows.isEmpty, rows.count == values.count, rows.allSatisfy({ $0.count == features }) else {
            return false
        }
        guard let classes else { return width == 1 }
        return classes == width && values.allSatisfy { $0 >= 0 && $0 < Double(width) }
    }
}
