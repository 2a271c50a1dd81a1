import Glibc

/// Okapi BM25 over lists of terms.
///
/// Source: Robertson & Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with k1 = 1.2 and
/// b = 0.75 unless told otherwise. With N documents of which n hold the term, f occurrences in a document of length
/// L and mean length A, a term adds `idf · f · (k1 + 1) / (f + k1 · (1 − b + b · L / A))`.
package struct BM25: Sendable {
    package enum InverseDocumentFrequency: Hashable, Sendable {
        /// ln(1 + (N − n + ½) / (n + ½)): never negative, as Lucene has it.
        case positive
        /// ln((N − n + ½) / (n + ½)); where that is negative, epsilon times the mean over all terms (Trotman,
        /// Jia & Crane 2012, as the Python package rank-bm25 has it).
        case floored(epsilon: Double)
    }

    package let k1: Double
    package let b: Double
    private let frequencies: [[String: Int]]
    private let lengths: [Double]
    private let meanLength: Double
    private let inverseDocumentFrequencies: [String: Double]

    /// Text order inside a document has no meaning here; an empty document scores 0.
    package init(
        _ documents: [[String]], k1: Double = 1.2, b: Double = 0.75, idf: InverseDocumentFrequency = .positive
    ) {
        self.k1 = k1
        self.b = b
        frequencies = documents.map { $0.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
        lengths = documents.map { Double($0.count) }
        meanLength = documents.isEmpty ? 0 : lengths.reduce(0, +) / Double(documents.count)
        var holders: [String: Int] = [:]
        for document in frequencies { for term in document.keys { holders[term, default: 0] += 1 } }
        inverseDocumentFrequencies = Self.weights(holders, count: Double(documents.count), idf: idf)
    }

    /// One score a document, in the order of the documents. A term that stands twice in the query counts twice.
    package func scores(_ query: [String]) -> [Double] {
        frequencies.indices.map { document in
            query.reduce(0) { $0 + contribution(of: $1, to: document) }
        }
    }

    private func contribution(of term: String, to document: Int) -> Double {
        guard let count = frequencies[document][term], let idf = inverseDocumentFrequencies[term] else { return 0 }
        let frequency = Double(count)
        let norm = k1 * (1 - b + b * lengths[document] / meanLength)
        return idf * frequency * (k1 + 1) / (frequency + norm)
    }

    private static func weights(_ holders: [String: Int], count: Double, idf: InverseDocumentFrequency)
        -> [String: Double]
    {
        switch idf {
        case .positive:
            return holders.mapValues { log(1 + (count - Double($0) + 0.5) / (Double($0) + 0.5)) }
        case .floored(let epsilon):
            let raw = holders.mapValues { log(count - Double($0) + 0.5) - log(Double($0) + 0.5) }
            // Summed in a fixed order: the same corpus gives the same bits.
            let mean = raw.isEmpty ? 0 : raw.values.sorted().reduce(0, +) / Double(raw.count)
            return raw.mapValues { $0 < 0 ? epsilon * mean : $0 }
        }
    }
}
