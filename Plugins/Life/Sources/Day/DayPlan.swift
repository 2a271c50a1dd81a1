import PluginKit

/// One day out of appointments, meals, errands, chores that are due, cards that are due, and the ways between places.
enum DayPlan {
    /// All orders are tried up to so many items.
    static let exactLimit = 7

    static func make(_ input: DayPlanInput) throws(TaskFailure) -> DayPlanOutput {
        let date = try Check.date(input.date, "/date")
        let wake = try Check.clock(input.wake, "/wake"), bedtime = try Check.clock(input.bedtime, "/bedtime")
        guard wake < bedtime else { throw .invalid("/bedtime must be after /wake on the same day, at most 24:00") }
        let appointments = try self.appointments(input, wake, bedtime)
        let items = try self.items(input, date, wake, bedtime)
        try Check.unique(appointments.map(\.item.title) + items.map(\.title), "the titles of the day")
        let places = Set(appointments.map(\.item.place) + items.map(\.place) + [Ways.home])
        let ways = try Ways(roads: input.roads, vehicle: input.vehicle, places: places)
        var base = DaySchedule(wake: wake, bedtime: bedtime, ways: ways)
        if let (title, reason) = base.fix(appointments) {
            throw .invalid("/appointments: \"\(title)\" cannot be kept: \(reason)")
        }
        let schedule = best(base, items)
        return output(input, schedule, items)
    }

    private static func appointments(
        _ input: DayPlanInput, _ wake: Int, _ bedtime: Int
    ) throws(TaskFailure) -> [(item: DaySchedule.Item, start: Int)] {
        var fixed: [(item: DaySchedule.Item, start: Int)] = []
        try Check.count(input.appointments?.count ?? 0, "/appointments", in: 0...50)
        for (index, appointment) in (input.appointments ?? []).enumerated() {
            let start = try Check.clock(appointment.start, "/appointments/\(index)/start")
            let end = try Check.clock(appointment.end, "/appointments/\(index)/end")
            guard start < end else { throw .invalid("/appointments/\(index): it ends before it starts, or at once") }
            let item = DaySchedule.Item(
                title: appointment.title, kind: .appointment, minutes: end - start, priority: 5, earliest: start,
                latest: end, place: appointment.place ?? Ways.home)
            fixed.append((item, start))
        }
        return fixed
    }

    private static func items(
        _ input: DayPlanInput, _ date: CivilDate, _ wake: Int, _ bedtime: Int
    ) throws(TaskFailure) -> [DaySchedule.Item] {
        var items: [DaySchedule.Item] = []
        try Check.count(input.errands?.count ?? 0, "/errands", in: 0...60)
        try Check.count(input.meals?.count ?? 0, "/meals", in: 0...8)
        for (index, errand) in (input.meals ?? []).enumerated() {
            items.append(try item(errand, .meal, 5, "/meals/\(index)", wake, bedtime))
        }
        for (index, errand) in (input.errands ?? []).enumerated() {
            items.append(try item(errand, .errand, 3, "/errands/\(index)", wake, bedtime))
        }
        if let duty = input.chores {
            guard duty.schedule.people.contains(where: { $0.name == duty.person }) else {
                throw .invalid("/chores/person: \"\(duty.person)\" is not one of the people")
            }
            let chores = try ChoreSchedule.make(duty.schedule)
            for chore in chores.assignments where chore.date == date.text && chore.person == duty.person {
                items.append(
                    .init(
                        title: chore.chore, kind: .chore, minutes: chore.minutes, priority: 2, earliest: wake,
                        latest: bedtime, place: Ways.home))
            }
        }
        if let study = input.study {
            guard study.review.asOf == input.date else { throw .invalid("/study/review/as_of is not /date") }
            let seconds = try Check.integer(study.secondsPerCard ?? 20, "/study/seconds_per_card", in: 1...3600)
            let cards = try ReviewPlan.make(study.review).queue.count
            if cards > 0 {
                items.append(
                    .init(
                        title: "\(cards) cards", kind: .study, minutes: (cards * seconds + 59) / 60, priority: 2,
                        earliest: wake, latest: bedtime, place: Ways.home))
            }
        }
        return items
    }

    private static func item(
        _ errand: DayPlanInput.Errand, _ kind: DayPlanOutput.Entry.Kind, _ priority: Int, _ pointer: String,
        _ wake: Int, _ bedtime: Int
    ) throws(TaskFailure) -> DaySchedule.Item {
        try Check.integer(errand.minutes, "\(pointer)/minutes", in: 1...1440)
        let earliest = try errand.earliest.map { text throws(TaskFailure) in
            try Check.clock(text, "\(pointer)/earliest")
        }
        let latest = try errand.latest.map { text throws(TaskFailure) in try Check.clock(text, "\(pointer)/latest") }
        return DaySchedule.Item(
            title: errand.title, kind: kind, minutes: errand.minutes,
            priority: try Check.integer(errand.priority ?? priority, "\(pointer)/priority", in: 1...5),
            earliest: max(wake, earliest ?? wake), latest: min(bedtime, latest ?? bedtime),
            place: errand.place ?? Ways.home)
    }

    /// The best plan over several orders of placing: all of them for few items, else four rules of thumb.
    private static func best(_ base: DaySchedule, _ items: [DaySchedule.Item]) -> DaySchedule {
        var best = base
        func attempt(_ order: [DaySchedule.Item]) {
            var trial = base
            for item in order { _ = trial.place(item) }
            if trial.worth(items) > best.worth(items) { best = trial }
        }
        if items.count <= exactLimit {
            permutations(items.count) { order in attempt(order.map { items[$0] }) }
            return best
        }
        func byPriority(_ next: (DaySchedule.Item) -> Int) -> [DaySchedule.Item] {
            items.enumerated().sorted {
                let left = (-$0.element.priority, next($0.element), $0.offset)
                return left < (-$1.element.priority, next($1.element), $1.offset)
            }.map(\.element)
        }
        attempt(byPriority(\.latest))
        attempt(byPriority(\.minutes))
        attempt(byPriority { -$0.minutes })
        attempt(byPriority { $0.latest - $0.earliest - $0.minutes })
        return best
    }

    /// Heap's algorithm (Heap 1963).
    private static func permutations(_ count: Int, _ body: ([Int]) -> Void) {
        var order = Array(0..<count)
        var counters = [Int](repeating: 0, count: count)
        body(order)
        var index = 0
        while index < count {
            if counters[index] < index {
                order.swapAt(index % 2 == 0 ? 0 : counters[index], index)
                body(order)
                counters[index] += 1
                index = 0
            } else {
                counters[index] = 0
                index += 1
            }
        }
    }

    private static func output(
        _ input: DayPlanInput, _ schedule: DaySchedule, _ items: [DaySchedule.Item]
    ) -> DayPlanOutput {
        var output = DayPlanOutput(
            date: input.date, entries: [], unplaced: [], busyMinutes: 0, travelMinutes: 0, freeMinutes: 0,
            travelCostMicros: 0, sleepHours: Double(1440 - schedule.bedtime + schedule.wake) / 60, warnings: [],
            evidence: evidence(input, items.count))
        var (place, time) = (Ways.home, schedule.wake)
        func travel(to next: String, by deadline: Int?) {
            let minutes = schedule.ways.minutes(place, next)
            guard minutes > 0 else { return place = next }
            let start = deadline.map { $0 - minutes } ?? time
            output.entries.append(
                .init(
                    start: Text.clock(start), end: Text.clock(start + minutes), kind: .travel,
                    title: "\(place) → \(next)", place: next))
            output.travelMinutes += minutes
            output.travelCostMicros += schedule.ways.micros(place, next)
            place = next
        }
        for placed in schedule.placed {
            travel(to: placed.item.place, by: placed.start)
            output.entries.append(
                .init(
                    start: Text.clock(placed.start), end: Text.clock(placed.end), kind: placed.item.kind,
                    title: placed.item.title, place: placed.item.place))
            output.busyMinutes += placed.item.minutes
            time = placed.end
        }
        travel(to: Ways.home, by: nil)
        output.freeMinutes = schedule.bedtime - schedule.wake - output.busyMinutes - output.travelMinutes
        let done = Set(schedule.placed.map(\.item.title))
        output.unplaced = items.filter { !done.contains($0.title) }.map { item in
            .init(title: item.title, kind: item.kind, minutes: item.minutes, reason: reason(item, schedule))
        }
        let need = input.sleepNeedHours ?? 8
        if output.sleepHours < need {
            output.warnings.append(
                "\(Text.number(output.sleepHours)) hours from bedtime to waking are less than the need of "
                    + "\(Text.number(need))")
        }
        return output
    }

    private static func reason(_ item: DaySchedule.Item, _ schedule: DaySchedule) -> String {
        let there = schedule.ways.minutes(Ways.home, item.place)
        let window = min(item.latest, schedule.bedtime - there) - max(item.earliest, schedule.wake + there)
        if window < item.minutes {
            return "\(item.minutes) minutes do not fit its own times: \(max(0, window)) minutes are possible"
        }
        return "no gap of \(item.minutes) minutes with its ways is left between \(Text.clock(item.earliest)) and "
            + "\(Text.clock(item.latest)) beside what has the same or a higher priority"
    }

    private static func evidence(_ input: DayPlanInput, _ count: Int) -> Evidence {
        Evidence(
            inputs: [
                "\(input.appointments?.count ?? 0) appointments", "\(count) items to place",
                "\(input.roads?.count ?? 0) roads",
            ],
            methods: [
                count <= exactLimit
                    ? "list scheduling into the earliest gap; every order of the items was tried"
                    : "list scheduling into the earliest gap; four orders (deadline, shortest, longest, least slack)",
                "chores as home.chores, cards as learning.review, ways as transport.route by time",
            ],
            assumptions: [
                "the day begins and ends at home", "an item is done in one go, as early as it fits",
                "one item of a priority counts more than any number of the priority below",
            ],
            uncertainty: "durations are taken as exact; leave free minutes for what runs over")
    }
}
