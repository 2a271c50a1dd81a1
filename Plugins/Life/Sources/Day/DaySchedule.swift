/// Items in order of time, with room for the ways between them; the day begins and ends at home.
struct DaySchedule {
    struct Item {
        var title: String
        var kind: DayPlanOutput.Entry.Kind
        var minutes: Int
        var priority: Int
        var earliest: Int
        var latest: Int
        var place: String
    }

    struct Placed {
        var item: Item
        var start: Int
        var end: Int { start + item.minutes }
    }

    let wake: Int
    let bedtime: Int
    let ways: Ways
    private(set) var placed: [Placed] = []

    init(wake: Int, bedtime: Int, ways: Ways) {
        self.wake = wake
        self.bedtime = bedtime
        self.ways = ways
    }

    /// The item at the earliest time at which it fits; false if there is none.
    mutating func place(_ item: Item) -> Bool {
        for position in 0...placed.count {
            let before = position > 0 ? placed[position - 1] : nil
            let after = position < placed.count ? placed[position] : nil
            let free = (before?.end ?? wake) + ways.minutes(before?.item.place ?? Ways.home, item.place)
            let start = max(free, item.earliest)
            let end = start + item.minutes
            let deadline = (after?.start ?? bedtime) - ways.minutes(item.place, after?.item.place ?? Ways.home)
            if end <= min(deadline, item.latest) {
                placed.insert(Placed(item: item, start: start), at: position)
                return true
            }
        }
        return false
    }

    /// Appointments stand where they are; returns the first that cannot be kept.
    mutating func fix(_ appointments: [(item: Item, start: Int)]) -> (title: String, reason: String)? {
        for (item, start) in appointments.sorted(by: { $0.start < $1.start }) {
            let free = (placed.last?.end ?? wake) + ways.minutes(placed.last?.item.place ?? Ways.home, item.place)
            guard start >= free else {
                let what = placed.last.map { "\"\($0.item.title)\"" } ?? "waking"
                return (item.title, "it starts before one can be there after \(what)")
            }
            placed.append(Placed(item: item, start: start))
        }
        if let last = placed.last, last.end + ways.minutes(last.item.place, Ways.home) > bedtime {
            return (last.item.title, "it ends too late to be at home by bedtime")
        }
        return nil
    }

    /// What a plan is worth: by priority, then by how early the day is done.
    func worth(_ items: [Item]) -> (priority: Int, minutes: Int, end: Int) {
        let own = placed.filter { $0.item.kind != .appointment }
        return (
            own.reduce(0) { $0 + Self.weight($1.item) }, own.reduce(0) { $0 + $1.item.minutes },
            -(own.map(\.end).reduce(0, +))
        )
    }

    /// One item of a priority outweighs all that a day can hold of the one below.
    static func weight(_ item: Item) -> Int {
        (1..<item.priority).reduce(1) { weight, _ in weight * 100 }
    }
}
