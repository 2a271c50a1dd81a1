import Glibc

/// A multilayer perceptron, trained by back-propagation (Rumelhart, Hinton and Williams 1986) with Adam (Kingma and
/// Ba 2015).
struct Network: Codable, Sendable, Predictor {
    enum Activation: String, Codable, CaseIterable, Sendable {
        case tanh, relu, logistic
    }

    enum Output: String, Codable, CaseIterable, Sendable {
        /// Numbers, squared error.
        case identity
        /// Independent shares, squared error.
        case logistic
        /// Shares that sum to 1, cross-entropy.
        case softmax
    }

    struct Layer: Codable, Sendable {
        var inputs: Int
        var outputs: Int
        /// `outputs` rows of `inputs` numbers.
        var weights: [Double]
        var biases: [Double]
    }

    var activation: Activation
    var output: Output
    var layers: [Layer]
    /// A prediction is stretched and moved by these, so that targets of any size are learnt alike.
    var targetScale: Double
    var targetMean: Double

    enum CodingKeys: String, CodingKey {
        case activation, output, layers
        case targetScale = "target_scale"
        case targetMean = "target_mean"
    }

    /// Starts with Glorot's uniform weights (Glorot and Bengio 2010).
    init(sizes: [Int], activation: Activation, output: Output, seed: Int) {
        var generator = Generator(seed: seed)
        self.activation = activation
        self.output = output
        (targetScale, targetMean) = (1, 0)
        layers = zip(sizes, sizes.dropFirst()).map { inputs, outputs in
            let bound = (6 / Double(inputs + outputs)).squareRoot()
            return Layer(
                inputs: inputs, outputs: outputs,
                weights: (0..<inputs * outputs).map { _ in (2 * generator.uniform() - 1) * bound },
                biases: [Double](repeating: 0, count: outputs))
        }
    }

    private func activate(_ sums: inout [Double], isLast: Bool) {
        if isLast {
            switch output {
            case .identity: return
            case .logistic: sums = sums.map(LinearModel.logistic)
            case .softmax: sums = Softmax.shares(sums)
            }
            return
        }
        switch activation {
        case .tanh: sums = sums.map { Glibc.tanh($0) }
        case .relu: sums = sums.map { max(0, $0) }
        case .logistic: sums = sums.map(LinearModel.logistic)
        }
    }

    /// What each layer gives, the input first.
    private func forward(_ row: [Double]) -> [[Double]] {
        var results = [row]
        for (index, layer) in layers.enumerated() {
            var sums = layer.biases
            let input = results[index]
            layer.weights.withUnsafeBufferPointer { weights in
                for unit in 0..<layer.outputs {
                    var sum = 0.0
                    let start = unit * layer.inputs
                    for position in 0..<layer.inputs { sum += weights[start + position] * input[position] }
                    sums[unit] += sum
                }
            }
            activate(&sums, isLast: index == layers.count - 1)
            results.append(sums)
        }
        return results
    }

    func output(_ row: [Double]) -> [Double] {
        let last = forward(row)[layers.count]
        return output == .identity ? last.map { $0 * targetScale + targetMean } : last
    }

    /// ½·Σ(output − target)², or −Σ target·ln(output) for softmax.
    func loss(_ row: [Double], _ target: [Double]) -> Double {
        let result = forward(row)[layers.count]
        if output == .softmax { return -zip(result, target).reduce(0) { $0 + $1.1 * log(max($1.0, 1e-300)) } }
        return zip(result, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 2
    }

    /// Adds the gradient of the loss of one row.
    func addGradient(_ row: [Double], _ target: [Double], to gradient: inout [Layer]) {
        let results = forward(row)
        var delta = zip(results[layers.count], target).map { $0 - $1 }
        if output == .logistic { delta = zip(delta, results[layers.count]).map { $0 * $1 * (1 - $1) } }
        for index in layers.indices.reversed() {
            let layer = layers[index], input = results[index]
            var below = [Double](repeating: 0, count: layer.inputs)
            for unit in 0..<layer.outputs {
                let part = delta[unit], start = unit * layer.inputs
                gradient[index].biases[unit] += part
                for position in 0..<layer.inputs {
                    gradient[index].weights[start + position] += part * input[position]
                    below[position] += part * layer.weights[start + position]
                }
            }
            guard index > 0 else { break }
            delta = below.indices.map { position in
                let value = input[position]
                return switch activation {
                case .tanh: below[position] * (1 - value * value)
                case .relu: value > 0 ? below[position] : 0
                case .logistic: below[position] * value * (1 - value)
                }
            }
        }
    }

    var zeroGradient: [Layer] {
        layers.map {
            Layer(
                inputs: $0.inputs, outputs: $0.outputs, weights: [Double](repeating: 0, count: $0.weights.count),
                biases: [Double](repeating: 0, count: $0.biases.count))
        }
    }

    func isSound(features: Int, width: Int) -> Bool {
        guard let first = layers.first, let last = layers.last, first.inputs == features, last.outputs == width else {
            return false
        }
        return layers.allSatisfy {
            $0.inputs > 0 && $0.outputs > 0 && $0.biases.count == $0.outputs
                && $0.weights.count.isMultiple(of: $0.inputs) && $0.weights.count / $0.inputs == $0.outputs
        } && zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs }
    }
}
