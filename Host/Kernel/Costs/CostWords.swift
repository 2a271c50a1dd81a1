/// How people write questions about costs, on the command line and in requests.
package enum CostWords {
    /// `provider,model`: each once.
    package static func dimensions(_ text: String) throws(Failure) -> [CostDimension] {
        var found: [CostDimension] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let dimension = try dimension(word)
            guard !found.contains(dimension) else { throw Failure(.invalid, "\"\(word)\" is named twice") }
            found.append(dimension)
        }
        guard found.count <= CostQuery.maximumDimensions else {
            throw Failure(.invalid, "costs are told apart by at most \(CostQuery.maximumDimensions) dimensions")
        }
        return found
    }

    private static func dimension(_ word: String) throws(Failure) -> CostDimension {
        guard let dimension = CostDimension(rawValue: word) else {
            let all = CostDimension.allCases.map(\.rawValue).joined(separator: ", ")
            throw Failure(.invalid, "\"\(word)\" is no dimension of costs; there are \(all)")
        }
        return dimension
    }

    /// `department=finance`; `user=` for charges of no user. Of one dimension any may hold, of several all must.
    package static func filters(_ texts: [String]) throws(Failure) -> [CostDimension: Set<String?>] {
        var filters: [CostDimension: Set<String?>] = [:]
        for text in texts {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw Failure(.invalid, "\"\(text)\" is no condition: write dimension=value")
            }
            filters[try dimension(parts[0]), default: []].insert(parts[1].isEmpty ? nil : parts[1])
        }
        return filters
    }

    package static func day(_ text: String) throws(Failure) -> CivilDate {
        guard let day = CivilDate(text) else {
            throw Failure(.invalid, "\"\(text)\" is no day such as 2026-11-21")
        }
        return day
    }

    /// `2026-11`: its first day.
    package static func month(_ text: String) throws(Failure) -> CivilDate {
        guard let day = CivilDate("\(text)-01") else {
            throw Failure(.invalid, "\"\(text)\" is no month such as 2026-11")
        }
        return day
    }
}
