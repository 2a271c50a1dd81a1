/// A network of two inputs, two units and two outputs with the numbers of a published example (Mazur 2015), and the
/// comparison of back-propagation with differences: what makes the gradient checkable from outside.
package struct BackPropagationExample {
    private var network: Network
    private let input = [0.05, 0.10]
    private let target = [0.01, 0.99]

    package init() {
        network = Network(sizes: [2, 2, 2], activation: .logistic, output: .logistic, seed: 0)
        network.layers[0].weights = [0.15, 0.20, 0.25, 0.30]
        network.layers[0].biases = [0.35, 0.35]
        network.layers[1].weights = [0.40, 0.45, 0.50, 0.55]
        network.layers[1].biases = [0.60, 0.60]
    }

    package var loss: Double { network.loss(input, target) }

    package func weights(_ layer: Int) -> [Double] { network.layers[layer].weights }

    /// One step of plain descent. The example leaves biases as they are.
    package mutating func step(rate: Double) {
        var gradient = network.zeroGradient
        network.addGradient(input, target, to: &gradient)
        for layer in gradient.indices {
            for index in gradient[layer].weights.indices {
                network.layers[layer].weights[index] -= rate * gradient[layer].weights[index]
            }
        }
    }

    /// Over all weights of small networks of every kind, drawn from the seed.
    package static func largestGradientError(seed: Int) -> Double {
        var generator = Generator(seed: seed), largest = 0.0
        for activation in Network.Activation.allCases where activation != .relu {
            for output in Network.Output.allCases {
                var network = Network(sizes: [3, 4, 3, 2], activation: activation, output: output, seed: seed)
                let input = (0..<3).map { _ in generator.gaussian() }
                let target = output == .softmax ? [1.0, 0] : [generator.uniform(), generator.uniform()]
                var gradient = network.zeroGradient
                network.addGradient(input, target, to: &gradient)
                for layer in network.layers.indices {
                    for index in network.layers[layer].weights.indices {
                        let weight = network.layers[layer].weights[index], step = 1e-5
                        network.layers[layer].weights[index] = weight + step
                        let up = network.loss(input, target)
                        network.layers[layer].weights[index] = weight - step
                        let down = network.loss(input, target)
                        network.layers[layer].weights[index] = weight
                        let difference = (up - down) / (2 * step)
                        largest = max(largest, (difference - gradient[layer].weights[index]).magnitude)
                    }
                }
            }
        }
        return largest
    }
}
