/// The ratio of the lowest selection rate of a group to the highest: below four fifths it is taken as evidence of
/// adverse impact (EEOC Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D).
package struct DisparateImpact: Hashable, Sendable {
    package static let thresholdMilli: Int64 = 800

    package struct Group: Hashable, Sendable {
        package var name: String
        package var selected: Int64
        package var total: Int64

        package init(name: String, selected: Int64, total: Int64) {
            self.name = name
            self.selected = selected
            self.total = total
        }

        /// Rounded down to a thousandth.
        package var rateMilli: Int64 { total > 0 ? 1000 * selected / total : 0 }
    }

    /// Highest rate first; equal ones by name.
    package let groups: [Group]

    /// - Throws: `.invalid` for fewer than two groups, a group without members, more selected than members, a name
    ///   twice, or no selection at all: the ratio means nothing then.
    package init(_ groups: [Group]) throws(Failure) {
        guard groups.count >= 2 else { throw Failure(.invalid, "a ratio needs at least two groups") }
        guard Set(groups.map(\.name)).count == groups.count else {
            throw Failure(.invalid, "a group is named twice")
        }
        for group in groups {
            guard group.total > 0, (0...group.total).contains(group.selected), group.total <= 1 << 40 else {
                throw Failure(
                    .invalid, "group \(group.name): \(group.selected) selected of \(group.total) is no selection")
            }
        }
        guard groups.contains(where: { $0.selected > 0 }) else {
            throw Failure(.invalid, "nobody was selected in any group: there is no ratio")
        }
        self.groups = groups.sorted { left, right in
            let (a, b) = (left.selected * right.total, right.selected * left.total)
            return a == b ? left.name < right.name : a > b
        }
    }

    /// Of one group to the one with the highest rate, rounded down to a thousandth.
    package func ratioMilli(of group: Group) -> Int64 {
        guard let best = groups.first else { return 0 }
        let (number, divisor) = (
            Int128(group.selected) * Int128(best.total), Int128(group.total) * Int128(best.selected)
        )
        return Int64(1000 * number / divisor)
    }

    /// Of the group with the lowest rate.
    package var ratioMilli: Int64 { groups.last.map { ratioMilli(of: $0) } ?? 0 }
    package var isWithinFourFifths: Bool { ratioMilli >= Self.thresholdMilli }

    /// From rows of group and outcome: `group,selected` with `1` or `0`, or `group,selected,total` with counts. The
    /// first line names the columns.
    package init(csv: String) throws(Failure) {
        var lines = csv.split(whereSeparator: \.isNewline).map { line in
            line.split(separator: ",", omittingEmptySubsequences: false).map { Self.trimmed($0) }
        }
        guard let header = lines.first, header == ["group", "selected"] || header == ["group", "selected", "total"]
        else { throw Failure(.invalid, "the first line must be group,selected or group,selected,total") }
        lines.removeFirst()
        var groups: [String: Group] = [:]
        for (number, fields) in lines.enumerated() {
            guard fields.count == header.count, !fields[0].isEmpty, let selected = Int64(fields[1]),
                let total = fields.count == 3 ? Int64(fields[2]) : 1, (0...total).contains(selected), total <= 1 << 30
            else { throw Failure(.invalid, "line \(number + 2): \(fields.joined(separator: ",")) is no row") }
            var group = groups[fields[0]] ?? Group(name: fields[0], selected: 0, total: 0)
            group.selected += selected
            group.total += total
            groups[fields[0]] = group
        }
        try self.init(groups.values.sorted { $0.name < $1.name })
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    package var json: JSONValue {
        [
            "ratio_milli": .integer(ratioMilli), "threshold_milli": .integer(Self.thresholdMilli),
            "within_four_fifths": .bool(isWithinFourFifths),
            "groups": .array(
                groups.map { group in
                    [
                        "group": .string(group.name), "selected": .integer(group.selected),
                        "total": .integer(group.total), "rate_milli": .integer(group.rateMilli),
                        "ratio_milli": .integer(ratioMilli(of: group)),
                    ]
                }),
        ]
    }
}
