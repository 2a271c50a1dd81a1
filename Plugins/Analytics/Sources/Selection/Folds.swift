/// Which rows test while the others train.
enum Folds {
    struct Split: Sendable {
        var training: [Int]
        var test: [Int]
    }

    /// Each row tests once; classes keep their shares.
    static func stratified(_ truth: [Int], count: Int, seed: Int) -> [[Int]] {
        var generator = Generator(seed: seed), folds = [[Int]](repeating: [], count: count), next = 0
        for label in 0...(truth.max() ?? 0) {
            var rows = truth.indices.filter { truth[$0] == label }
            generator.shuffle(&rows)
            for row in rows {
                folds[next % count].append(row)
                next += 1
            }
        }
        return folds.filter { !$0.isEmpty }
    }

    static func random(_ rows: Int, count: Int, truth: [Int]?, seed: Int) -> [Split] {
        let folds = stratified(truth ?? [Int](repeating: 0, count: rows), count: count, seed: seed)
        return folds.map { fold in
            let test = Set(fold)
            return Split(training: (0..<rows).filter { !test.contains($0) }, test: fold.sorted())
        }
    }

    /// Rows are in order of time: what trains is always before what tests, with a gap between them.
    static func forward(_ rows: Int, count: Int, gap: Int) -> [Split] {
        let size = rows / (count + 1)
        return (1...count).compactMap { fold in
            let start = rows - (count - fold + 1) * size
            guard start - gap > 0, size > 0 else { return nil }
            return Split(training: Array(0..<start - gap), test: Array(start..<start + size))
        }
    }
}
