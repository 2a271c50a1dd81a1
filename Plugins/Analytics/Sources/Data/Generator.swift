import Glibc

/// A seeded generator (SplitMix64: Steele, Lea, Flood 2014). The same seed gives the same numbers on every machine.
struct Generator: RandomNumberGenerator, Sendable {
    private var state: UInt64
    private var spare: Double?

    init(seed: Int) { state = UInt64(bitPattern: Int64(seed)) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// In [0, 1), from 53 bits.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// In 0..<bound, without bias (Lemire 2019).
    mutating func integer(below bound: Int) -> Int {
        let limit = UInt64(bound)
        while true {
            let product = next().multipliedFullWidth(by: limit)
            if product.low >= limit || product.low >= (0 &- limit) % limit { return Int(product.high) }
        }
    }

    /// Standard normal (Box and Muller 1958).
    mutating func gaussian() -> Double {
        if let value = spare {
            spare = nil
            return value
        }
        let radius = (-2 * log(1 - uniform())).squareRoot(), angle = 2 * Double.pi * uniform()
        spare = radius * sin(angle)
        return radius * cos(angle)
    }

    /// Fisher and Yates, as Durstenfeld 1964 gives it.
    mutating func shuffle<T>(_ items: inout [T]) {
        for index in stride(from: items.count - 1, to: 0, by: -1) { items.swapAt(index, integer(below: index + 1)) }
    }

    /// `count` different numbers below `bound`.
    mutating func sample(_ count: Int, below bound: Int) -> [Int] {
        var all = Array(0..<bound)
        for index in 0..<count { all.swapAt(index, index + integer(below: bound - index)) }
        return Array(all.prefix(count))
    }
}
