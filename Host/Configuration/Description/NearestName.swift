/// What was probably meant.
package enum NearestName {
    /// The name with the fewest changed, missing, added or swapped letters, where that is at most a third of them.
    package static func of(_ name: String, in names: [String]) -> String? {
        let wanted = Array(name.lowercased().utf8)
        let limit = max(1, wanted.count / 3)
        let found = names.map { (name: $0, distance: distance(wanted, Array($0.lowercased().utf8))) }
            .filter { $0.distance <= limit }
        return found.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
    }

    /// Optimal string alignment.
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard !left.isEmpty, !right.isEmpty else { return max(left.count, right.count) }
        var rows = [[Int]](repeating: Array(0...right.count), count: 1)
        for i in 1...left.count {
            var row = [i]
            for j in 1...right.count {
                let changed = rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)
                var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, changed)
                if i > 1, j > 1, left[i - 1] == right[j - 2], left[i - 2] == right[j - 1] {
                    best = min(best, rows[i - 2][j - 2] + 1)
                }
                row.append(best)
            }
            rows.append(row)
        }
        return rows[left.count][right.count]
    }
}
