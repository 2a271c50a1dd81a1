import Glibc

/// Adam (Kingma and Ba 2015) over batches drawn anew in each pass.
struct Adam {
    var rate: Double
    var batch: Int
    var epochs: Int
    /// Added to the loss: half of this times the sum of squared weights.
    var decay: Double
    var seed: Int

    func train(_ network: inout Network, _ rows: Matrix, _ targets: [[Double]]) {
        var first = network.zeroGradient, second = network.zeroGradient, step = 0
        var generator = Generator(seed: seed), order = Array(0..<rows.rowCount)
        for _ in 0..<epochs where !Task.isCancelled {
            generator.shuffle(&order)
            for start in stride(from: 0, to: order.count, by: batch) {
                let chosen = order[start..<min(start + batch, order.count)]
                var gradient = network.zeroGradient
                for row in chosen { network.addGradient(rows.row(row), targets[row], to: &gradient) }
                step += 1
                let scale = 1 / Double(chosen.count)
                let correction = (1 - pow(0.999, Double(step))).squareRoot() / (1 - pow(0.9, Double(step)))
                for index in network.layers.indices {
                    let weights = network.layers[index].weights
                    let slope = weights.indices.map { gradient[index].weights[$0] * scale + decay * weights[$0] }
                    update(
                        &network.layers[index].weights, slope, &first[index].weights, &second[index].weights,
                        rate * correction)
                    update(
                        &network.layers[index].biases, gradient[index].biases.map { $0 * scale },
                        &first[index].biases, &second[index].biases, rate * correction)
                }
            }
        }
    }

    private func update(
        _ values: inout [Double], _ slope: [Double], _ first: inout [Double], _ second: inout [Double], _ rate: Double
    ) {
        for index in values.indices {
            first[index] = 0.9 * first[index] + 0.1 * slope[index]
            second[index] = 0.999 * second[index] + 0.001 * slope[index] * slope[index]
            values[index] -= rate * first[index] / (second[index].squareRoot() + 1e-8)
        }
    }
}
