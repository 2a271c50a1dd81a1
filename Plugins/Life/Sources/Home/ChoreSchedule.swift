import PluginKit

/// Longest chore first, to the person and day that leave the loads most even (Graham 1969).
struct ChoreSchedule {
    private struct Occurrence {
        var chore: Int
        var due: Int
        var latest: Int
    }

    private let input: ChoresInput
    private let start: CivilDate
    private var room: [[Int]]
    private var loads: [Int]
    private var assignments: [(day: Int, chore: Int, person: Int, due: Int)] = []
    private var unassigned: [ChoresOutput.Unassigned] = []

    static func make(_ input: ChoresInput) throws(TaskFailure) -> ChoresOutput {
        var schedule = try ChoreSchedule(input)
        let last = try schedule.assignAll()
        return schedule.output(longest: last)
    }

    private init(_ input: ChoresInput) throws(TaskFailure) {
        self.input = input
        let start = try Check.date(input.start, "/start")
        self.start = start
        try Check.integer(input.days, "/days", in: 1...92)
        try Check.count(input.people.count, "/people", in: 1...20)
        try Check.count(input.chores.count, "/chores", in: 1...200)
        try Check.unique(input.people.map(\.name), "/people")
        try Check.unique(input.chores.map(\.id), "/chores")
        let known = Set(input.chores.map(\.id))
        for (index, person) in input.people.enumerated() {
            try Check.count(person.minutesByWeekday.count, "/people/\(index)/minutes_by_weekday", in: 7...7)
            for minutes in person.minutesByWeekday {
                try Check.integer(minutes, "/people/\(index)/minutes_by_weekday", in: 0...1440)
            }
            try Check.number(person.share ?? 1, "/people/\(index)/share", in: 0.01...100)
            for chore in person.cannot ?? [] where !known.contains(chore) {
                throw .invalid("/people/\(index)/cannot: there is no chore \"\(chore)\"")
            }
        }
        room = input.people.map { person in
            (0..<input.days).map { person.minutesByWeekday[start.adding(days: $0).weekday - 1] }
        }
        loads = input.people.map { _ in 0 }
    }

    private func occurrences() throws(TaskFailure) -> [Occurrence] {
        var found: [Occurrence] = []
        for (index, chore) in input.chores.enumerated() {
            try Check.integer(chore.minutes, "/chores/\(index)/minutes", in: 1...1440)
            try Check.integer(chore.everyDays, "/chores/\(index)/every_days", in: 1...366)
            let flexible = try Check.integer(
                chore.flexibleDays ?? chore.everyDays / 3, "/chores/\(index)/flexible_days", in: 0...366)
            var due = 0
            if let text = chore.lastDone {
                let done = try Check.date(text, "/chores/\(index)/last_done")
                guard done < start else { throw .invalid("/chores/\(index)/last_done lies on or after /start") }
                due = max(0, done.dayNumber + chore.everyDays - start.dayNumber)
            }
            while due < input.days {
                // Not later than the day before it is due again.
                let latest = min(due + min(flexible, chore.everyDays - 1), input.days - 1)
                found.append(Occurrence(chore: index, due: due, latest: latest))
                due += chore.everyDays
            }
        }
        return found
    }

    /// Returns the longest chore that was given to somebody, for the bound.
    private mutating func assignAll() throws(TaskFailure) -> Int {
        let sorted = try occurrences().sorted { left, right in
            let (a, b) = (input.chores[left.chore].minutes, input.chores[right.chore].minutes)
            return a != b ? a > b : (left.due, left.chore) < (right.due, right.chore)
        }
        var longest = 0
        for occurrence in sorted {
            let chore = input.chores[occurrence.chore]
            guard let (person, day) = bestPlace(occurrence, chore) else {
                unassigned.append(
                    .init(
                        chore: chore.id, due: start.adding(days: occurrence.due).text,
                        reason: reason(occurrence, chore)))
                continue
            }
            room[person][day] -= chore.minutes
            loads[person] += chore.minutes
            longest = max(longest, chore.minutes)
            assignments.append((day, occurrence.chore, person, occurrence.due))
        }
        return longest
    }

    private func bestPlace(_ occurrence: Occurrence, _ chore: ChoresInput.Chore) -> (person: Int, day: Int)? {
        var best: (person: Int, day: Int, load: Double)?
        for (index, person) in input.people.enumerated() where !(person.cannot ?? []).contains(chore.id) {
            let load = Double(loads[index] + chore.minutes) / (person.share ?? 1)
            guard best.map({ load < $0.load }) ?? true else { continue }
            if let day = (occurrence.due...occurrence.latest).first(where: { room[index][$0] >= chore.minutes }) {
                best = (index, day, load)
            }
        }
        return best.map { ($0.person, $0.day) }
    }

    private func reason(_ occurrence: Occurrence, _ chore: ChoresInput.Chore) -> String {
        let able = input.people.indices.filter { !(input.people[$0].cannot ?? []).contains(chore.id) }
        guard !able.isEmpty else { return "nobody does this chore: all have it in cannot" }
        let most = able.flatMap { person in (occurrence.due...occurrence.latest).map { room[person][$0] } }.max() ?? 0
        return "nobody has \(chore.minutes) minutes left from \(start.adding(days: occurrence.due).text) to "
            + "\(start.adding(days: occurrence.latest).text); the most is \(most)"
    }

    private func output(longest: Int) -> ChoresOutput {
        let relative = input.people.indices.map { Double(loads[$0]) / (input.people[$0].share ?? 1) }
        let sum = relative.reduce(0, +), squares = relative.reduce(0) { $0 + $1 * $1 }
        let shares = input.people.reduce(0) { $0 + ($1.share ?? 1) }
        let widest = input.people.map { $0.share ?? 1 }.max() ?? 1
        let rows = assignments.sorted { ($0.day, $0.person, $0.chore) < ($1.day, $1.person, $1.chore) }
        return ChoresOutput(
            assignments: rows.map { row in
                .init(
                    date: start.adding(days: row.day).text, chore: input.chores[row.chore].id,
                    person: input.people[row.person].name, minutes: input.chores[row.chore].minutes,
                    due: start.adding(days: row.due).text)
            },
            loads: input.people.indices.map {
                .init(person: input.people[$0].name, minutes: loads[$0], minutesPerShare: relative[$0])
            },
            unassigned: unassigned,
            fairnessIndex: squares == 0 ? 1 : sum * sum / (Double(relative.count) * squares),
            highestLoadBound: max(Double(loads.reduce(0, +)) / shares, Double(longest) / widest),
            evidence: Evidence(
                inputs: [
                    "\(input.people.count) people", "\(input.chores.count) chores",
                    "\(assignments.count + unassigned.count) times in \(input.days) days",
                ],
                methods: [
                    "longest processing time first: Graham 1969, SIAM J Appl Math 17:416",
                    "fairness index: Jain, Chiu & Hawe 1984, DEC-TR-301",
                ],
                assumptions: [
                    "a chore falls due in its rhythm, whether or not it was done late the last time",
                    "one person does a chore in one go",
                ],
                uncertainty:
                    "a heuristic: the highest load may be over the best one, but never more than the distance to "
                    + "highest_load_bound"))
    }
}
