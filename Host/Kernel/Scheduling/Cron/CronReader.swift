/// Reads cron expressions; every error says which field and character, and what to write instead.
struct CronReader {
    private struct Part {
        var text: Substring
        /// Of its first character, from 1.
        var position: Int
    }

    private static let shortForms = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    private let source: String
    private var parts: [CronField: Part] = [:]
    let normalized: String

    init(_ source: String) throws(CronError) {
        self.source = source
        guard source.utf8.count <= CronExpression.maximumBytes, source.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw CronError(
                expression: String(source.prefix(40)) + "…", field: nil, position: 1,
                message: "it must be ASCII and at most \(CronExpression.maximumBytes) characters")
        }
        var words = Self.split(source[...], at: 1, by: [" ", "\t"]).filter { !$0.text.isEmpty }
        normalized = words.map { String($0.text) }.joined(separator: " ")
        if let first = words.first, first.text.hasPrefix("@") {
            guard words.count == 1, let long = Self.shortForms[first.text.lowercased()] else {
                throw Self.unknownShortForm(first, in: source)
            }
            words = Self.split(long[...], at: 1, by: [" "]).map { Part(text: $0.text, position: first.position) }
        }
        if let first = words.first, first.text.contains("=") {
            throw CronError(
                expression: source, field: nil, position: first.position,
                message: "a time zone is not part of the expression; give it as the schedule's zone")
        }
        guard words.count == 5 || words.count == 6 else {
            throw CronError(
                expression: source, field: nil, position: words.last.map { $0.position } ?? 1,
                message: "it has \(words.count) fields; write minute, hour, day of the month, month, day of the week, "
                    + "with the second first if there are six")
        }
        for (field, word) in zip(CronField.allCases.suffix(words.count), words) { parts[field] = word }
    }

    func position(of field: CronField) -> Int { parts[field]?.position ?? 1 }

    /// A field without special days. No seconds: at second 0.
    func numbers(_ field: CronField) throws(CronError) -> CronMask {
        guard parts[field] != nil else { return CronMask(0...0, step: 1) }
        var mask = CronMask()
        for item in items(field) { mask.formUnion(try numbers(item, field)) }
        return mask
    }

    func monthDays() throws(CronError) -> CronExpression.MonthDays {
        var days = CronExpression.MonthDays(isRestricted: true)
        for item in items(.dayOfMonth) {
            let text = item.text.uppercased()
            if text == "L" {
                days.beforeLast.insert(0)
            } else if text == "LW" || text == "WL" {
                days.isLastWeekday = true
            } else if text.hasPrefix("L-") {
                guard let count = Self.number(text.dropFirst(2)), (0...30).contains(count) else {
                    throw error(item, .dayOfMonth, "after L- write how many days before the last, 0 to 30")
                }
                days.beforeLast.insert(count)
            } else if text.hasSuffix("W") {
                guard let day = Self.number(text.dropLast()), (1...31).contains(day) else {
                    throw error(item, .dayOfMonth, "before W write one day, such as 15W, or LW for the last weekday")
                }
                days.nearest.insert(day)
            } else if isWhole(item) {
                days.isRestricted = false
            } else {
                days.numbers.formUnion(try numbers(item, .dayOfMonth))
            }
        }
        return days
    }

    func weekDays() throws(CronError) -> CronExpression.WeekDays {
        var days = CronExpression.WeekDays(isRestricted: true)
        for item in items(.dayOfWeek) {
            if isWhole(item) {
                days.isRestricted = false
            } else if let hash = item.text.firstIndex(of: "#") {
                guard let count = Self.number(item.text[item.text.index(after: hash)...]), (1...5).contains(count)
                else {
                    throw error(item, .dayOfWeek, "after # write which one of the month, 1 to 5")
                }
                days.inMonth[try value(part(item, upTo: hash), .dayOfWeek) % 7].insert(count)
            } else if let last = item.text.last, last == "L" || last == "l" {
                guard item.text.count > 1 else {
                    throw error(item, .dayOfWeek, "L needs a day here: 5L or FRIL is the last Friday of the month")
                }
                let day = part(item, upTo: item.text.index(before: item.text.endIndex))
                days.inMonth[try value(day, .dayOfWeek) % 7].insert(CronExpression.WeekDays.last)
            } else {
                days.numbers.formUnion(try numbers(item, .dayOfWeek))
            }
        }
        return days
    }
}

// MARK: - Items

extension CronReader {
    private func items(_ field: CronField) -> [Part] {
        parts[field].map { Self.split($0.text, at: $0.position, by: [","]) } ?? []
    }

    private func isWhole(_ item: Part) -> Bool { ["*", "?", "*/1", "?/1"].contains(item.text) }

    /// `*`, `5`, `5-10`, each with `/step`; `5/10` runs to the end.
    private func numbers(_ item: Part, _ field: CronField) throws(CronError) -> CronMask {
        guard !item.text.isEmpty else {
            throw error(item, field, "an item is empty; remove the comma or write a value")
        }
        let slash = item.text.firstIndex(of: "/")
        let base = part(item, upTo: slash ?? item.text.endIndex)
        var range = try self.range(base, field, runsToEnd: slash != nil)
        var step = 1
        if let slash {
            let text = item.text[item.text.index(after: slash)...]
            let place = Part(text: text, position: item.position + base.text.count + 1)
            let largest = field.all.count - (field.range.lowerBound == 0 ? 1 : 0)
            guard let number = Self.number(text), number >= 1 else {
                throw error(place, field, "after / write a step from 1 to \(largest)")
            }
            guard number <= largest else {
                throw error(
                    place, field,
                    "a step of \(number) is over \(largest), and steps begin anew each time the field "
                        + "does; for an interval of that length use @every")
            }
            step = number
            if field == .dayOfWeek, range == 0...7 { range = 0...6 }
        }
        var mask = CronMask(range, step: step)
        if field == .dayOfWeek, mask.contains(7) { mask.bits = mask.bits & 0x7F | 1 }
        return mask
    }

    private func range(_ base: Part, _ field: CronField, runsToEnd: Bool) throws(CronError) -> ClosedRange<Int> {
        let all = field == .dayOfWeek ? 0...6 : field.range
        if base.text == "*" { return all }
        if base.text == "?" {
            guard field == .dayOfMonth || field == .dayOfWeek else {
                throw error(base, field, "? stands only for a day; write *")
            }
            return all
        }
        guard let hyphen = base.text.firstIndex(of: "-") else {
            let first = try value(base, field)
            return first...(runsToEnd ? max(first, all.upperBound) : first)
        }
        let first = try value(part(base, upTo: hyphen), field)
        let rest = base.text[base.text.index(after: hyphen)...]
        var last = try value(Part(text: rest, position: base.position + base.text.count - rest.count), field)
        // A week may end with its Sunday.
        if field == .dayOfWeek, last == 0 { last = first == 0 ? 0 : 7 }
        guard first <= last else {
            throw error(
                base, field,
                "the range runs backwards; write it as two, "
                    + "such as \(first)-\(all.upperBound),\(all.lowerBound)-\(last)")
        }
        return first...last
    }

    private func value(_ part: Part, _ field: CronField) throws(CronError) -> Int {
        if let index = field.names.firstIndex(of: part.text.uppercased()) { return index + field.all.values[0] }
        guard let number = Self.number(part.text), field.range.contains(number) else {
            let shown = part.text.isEmpty ? "a value is missing" : "\"\(part.text)\" is no \(field.rawValue)"
            throw error(part, field, "\(shown); write \(field.shownRange)")
        }
        return number
    }

    private func part(_ item: Part, upTo end: Substring.Index) -> Part {
        Part(text: item.text[..<end], position: item.position)
    }

    private static func number(_ text: some StringProtocol) -> Int? {
        !text.isEmpty && text.utf8.count <= 4 && text.utf8.allSatisfy({ (48...57).contains($0) }) ? Int(text) : nil
    }

    private static func split(_ text: Substring, at position: Int, by separators: Set<Character>) -> [Part] {
        var parts: [Part] = []
        var next = position
        for word in text.split(omittingEmptySubsequences: false, whereSeparator: separators.contains) {
            parts.append(Part(text: word, position: next))
            next += word.count + 1
        }
        return parts
    }

    private func error(_ part: Part, _ field: CronField, _ message: String) -> CronError {
        CronError(expression: source, field: field, position: part.position, message: message)
    }

    private static func unknownShortForm(_ word: Part, in source: String) -> CronError {
        let message =
            switch word.text.lowercased() {
            case "@reboot": "a schedule has no boot; start the run when the host is ready by an event trigger instead"
            case "@every": "after @every write a duration of days, hours, minutes and seconds, such as @every 1h30m"
            default: "write one of \(shortForms.keys.sorted().joined(separator: ", ")), @every, or five or six fields"
            }
        return CronError(expression: source, field: nil, position: word.position, message: message)
    }
}
