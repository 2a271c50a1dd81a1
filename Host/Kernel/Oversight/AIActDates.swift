/// When parts of the AI Act begin to apply: a table with sources, that an operator may replace line by line. The host
/// decides nothing by it; reports quote it.
package struct AIActDates: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var id: String
        /// `2027-12-02`
        package var date: String
        package var about: String
        package var source: String
    }

    package private(set) var entries: [Entry]

    private static let act = "Regulation (EU) 2024/1689, Article 113"
    private static let omnibus =
        "Regulation (EU) 2024/1689, Article 113, as amended by the Digital Omnibus on AI (approved by the Council on "
        + "29 June 2026; before: 2 August 2026 and 2 August 2027)"

    package static let standard = AIActDates(entries: [
        Entry(
            id: "in_force", date: "2024-08-01", about: "the regulation is in force", source: act),
        Entry(
            id: "prohibitions", date: "2025-02-02", about: "Chapters I and II: prohibited practices, AI literacy",
            source: act),
        Entry(
            id: "general_purpose_models", date: "2025-08-02", about: "Chapter V: general-purpose models", source: act),
        Entry(id: "general", date: "2026-08-02", about: "everything that has no other date", source: act),
        Entry(
            id: "high_risk_annex_3", date: "2027-12-02",
            about: "Chapter III for systems of Annex III: Articles 12, 14, 19 and 26 among them", source: omnibus),
        Entry(
            id: "high_risk_annex_1", date: "2028-08-02",
            about: "the same for systems in products of Annex I", source: omnibus),
    ])

    /// Lines of the table replaced or added: `{"high_risk_annex_3": {"date": "2027-12-02", "source": "…"}}`.
    package init(_ base: AIActDates = .standard, replacing json: JSONValue) throws(Failure) {
        self = base
        guard let members = json.objectValue else { throw Failure(.invalid, "a table of dates is an object") }
        for (id, value) in members.sorted(by: { $0.key < $1.key }) {
            guard Name.isValid(id), let date = value["date"]?.stringValue, Self.isDate(date),
                let source = value["source"]?.stringValue, !source.isEmpty
            else { throw Failure(.invalid, "\(id): write {\"date\": \"2027-12-02\", \"source\": \"…\"}") }
            let known = entries.firstIndex { $0.id == id }
            let about = value["about"]?.stringValue ?? known.map { entries[$0].about } ?? ""
            let entry = Entry(id: id, date: date, about: about, source: source)
            if let known { entries[known] = entry } else { entries.append(entry) }
        }
    }

    private init(entries: [Entry]) { self.entries = entries }

    private static func isDate(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], let month = Int(parts[1]), let day = Int(parts[2]), Int(parts[0]) != nil
        else { return false }
        return (1...12).contains(month) && (1...31).contains(day)
    }

    /// - Parameter today: `2026-11-22`.
    package func json(today: String) -> JSONValue {
        .array(
            entries.map { entry in
                [
                    "id": .string(entry.id), "date": .string(entry.date), "about": .string(entry.about),
                    "source": .string(entry.source), "applies": .bool(entry.date <= today),
                ]
            })
    }
}
