/// Which department is meant, with all that speaks for it and for others.
package struct DepartmentInference: Hashable, Sendable {
    package struct Candidate: Hashable, Sendable {
        package var department: String
        package var score: Int
        package var matches: [PlannerRule]
        package var isInstalled: Bool
    }

    /// The likeliest first; those with a score only.
    package var candidates: [Candidate]

    package var best: Candidate? { candidates.first }
    package var department: String? { best?.department }

    /// How much of the two best scores is the best's, in thousandths: 500 is a draw.
    package var confidence: Int {
        guard let best else { return 0 }
        let second = candidates.count > 1 ? candidates[1].score : 0
        return best.score * 1000 / (best.score + second)
    }

    package var json: JSONValue {
        [
            "department": department.map { .string($0) } ?? .null,
            "installed": .bool(best?.isInstalled ?? false),
            "confidence": .double(Double(confidence) / 1000),
            "matches": .array(best?.matches.map(\.json) ?? []),
            "alternatives": .array(candidates.dropFirst().map(\.json)),
        ]
    }
}

extension DepartmentInference.Candidate {
    package var json: JSONValue {
        [
            "department": .string(department), "score": .integer(Int64(score)), "installed": .bool(isInstalled),
            "matches": .array(matches.map(\.json)),
        ]
    }
}
