/// Numbers in rows, one after the other in memory.
package struct Matrix: Sendable {
    package var rowCount: Int
    package var columnCount: Int
    package var values: [Double]

    package init(rowCount: Int, columnCount: Int, values: [Double]) {
        precondition(values.count == rowCount * columnCount)
        self.rowCount = rowCount
        self.columnCount = columnCount
        self.values = values
    }

    init(rowCount: Int, columnCount: Int) {
        self.init(
            rowCount: rowCount, columnCount: columnCount, values: [Double](repeating: 0, count: rowCount * columnCount))
    }

    subscript(row: Int, column: Int) -> Double {
        get { values[row * columnCount + column] }
        set { values[row * columnCount + column] = newValue }
    }

    func row(_ index: Int) -> [Double] { Array(values[index * columnCount..<(index + 1) * columnCount]) }

    func column(_ index: Int) -> [Double] { (0..<rowCount).map { values[$0 * columnCount + index] } }

    func rows(_ indices: [Int]) -> Matrix {
        var taken: [Double] = []
        taken.reserveCapacity(indices.count * columnCount)
        for index in indices { taken += values[index * columnCount..<(index + 1) * columnCount] }
        return Matrix(rowCount: indices.count, columnCount: columnCount, values: taken)
    }

    func squaredDistance(_ first: Int, _ second: Int) -> Double {
        values.withUnsafeBufferPointer { values in
            let start = first * columnCount, other = second * columnCount
            var sum = 0.0
            for column in 0..<columnCount {
                let difference = values[start + column] - values[other + column]
                sum += difference * difference
            }
            return sum
        }
    }
}
