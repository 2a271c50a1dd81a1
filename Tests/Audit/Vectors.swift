import Foundation
import Kernel
import TestSupport
import Testing

/// Vectors that others published, or that three independent implementations computed alike.
struct Vectors: Decodable {
    struct Tessera: Decodable {
        var skey: String
        var entries: [String]
        var checkpoints: [String: String]
    }

    /// The tree of as many leaves, each its own number in decimal.
    var goldenDecimalLeavesRoots: [String: String]
    var rfc6962ReferenceRoots: [String: String]
    var rfc6962LeafInputsHex: [String]
    /// Tessera's `testdata/log`.
    var tessera: Tessera

    static func load() throws -> Vectors {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let file = Built.checkout.appendingPathComponent("Tests/Audit/vectors.json")
        return try decoder.decode(Vectors.self, from: Data(contentsOf: file))
    }
}
