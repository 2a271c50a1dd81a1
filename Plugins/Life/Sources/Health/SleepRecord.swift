import PluginKit

/// Episodes of sleep on a grid of minutes, in days from noon to noon.
struct SleepRecord {
    struct Episode {
        var start: Int
        var end: Int
        var isFree: Bool?
    }

    static let maximumDays = 732

    /// By start, without overlap.
    let episodes: [Episode]
    /// The number of the day on whose noon the record begins.
    let firstDay: Int
    let dayCount: Int
    /// Whether day i was recorded.
    let isRecorded: [Bool]
    /// Minutes slept in day i.
    let slept: [Int]

    init(_ input: SleepInput) throws(TaskFailure) {
        try Check.count(input.episodes.count, "/episodes", in: 1...2000)
        episodes = try Self.read(input.episodes)
        var sleepless: [Int] = []
        for (index, text) in (input.sleeplessNights ?? []).enumerated() {
            sleepless.append(try Check.date(text, "/sleepless_nights/\(index)").dayNumber)
        }
        let nights = episodes.map { Self.day(of: $0.start) } + sleepless
        guard let first = nights.min(), let last = (nights + episodes.map { Self.day(of: $0.end - 1) }).max(),
            last - first < Self.maximumDays
        else { throw .invalid("/episodes span more than \(Self.maximumDays) days; send less, or check the years") }
        firstDay = first
        dayCount = last - first + 1
        var minutes = [Int](repeating: 0, count: dayCount)
        for episode in episodes {
            for day in Self.day(of: episode.start)...Self.day(of: episode.end - 1) {
                let noon = day * 1440 + 720
                minutes[day - first] += min(episode.end, noon + 1440) - max(episode.start, noon)
            }
        }
        slept = minutes
        var recorded = minutes.map { $0 > 0 }
        for (index, day) in sleepless.enumerated() {
            guard minutes[day - first] == 0 else {
                throw .invalid("/sleepless_nights/\(index): an episode of sleep is recorded for that night")
            }
            recorded[day - first] = true
        }
        isRecorded = recorded
    }

    /// The day from whose noon on a minute counts.
    static func day(of minute: Int) -> Int {
        LocalTime(minute: minute - 720).day.dayNumber
    }

    private static func read(_ episodes: [SleepEpisode]) throws(TaskFailure) -> [Episode] {
        var read: [(index: Int, episode: Episode)] = []
        for (index, episode) in episodes.enumerated() {
            let start = try Check.time(episode.start, "/episodes/\(index)/start")
            let end = try Check.time(episode.end, "/episodes/\(index)/end")
            guard end > start else { throw .invalid("/episodes/\(index): it ends before it starts, or at once") }
            guard end.minute - start.minute <= 1440 else {
                throw .invalid("/episodes/\(index): more than 24 hours of sleep; check the dates")
            }
            read.append((index, Episode(start: start.minute, end: end.minute, isFree: episode.freeDay)))
        }
        read.sort { ($0.episode.start, $0.index) < ($1.episode.start, $1.index) }
        for (left, right) in zip(read, read.dropFirst()) where right.episode.start < left.episode.end {
            throw .invalid("/episodes/\(left.index) and /episodes/\(right.index) overlap; nobody sleeps twice at once")
        }
        return read.map(\.episode)
    }

    /// Sleep Regularity Index (Phillips et al. 2017): how often sleep or wake is the same 24 hours later, from −100
    /// to 100. Only pairs of recorded days count.
    func regularity() -> (index: Double, comparedMinutes: Int)? {
        var asleep = [Bool](repeating: false, count: dayCount * 1440)
        let origin = firstDay * 1440 + 720
        for episode in episodes {
            for minute in (episode.start - origin)..<(episode.end - origin) { asleep[minute] = true }
        }
        var same = 0
        var compared = 0
        for day in 0..<max(0, dayCount - 1) where isRecorded[day] && isRecorded[day + 1] {
            for minute in (day * 1440)..<((day + 1) * 1440) where asleep[minute] == asleep[minute + 1440] { same += 1 }
            compared += 1440
        }
        return compared == 0 ? nil : (-100 + 200 * Double(same) / Double(compared), compared)
    }

    /// The longest episode that begins in each recorded day.
    func mainEpisodes() -> [Episode] {
        var main: [Int: Episode] = [:]
        for episode in episodes {
            let day = Self.day(of: episode.start)
            if let known = main[day], known.end - known.start >= episode.end - episode.start { continue }
            main[day] = episode
        }
        return main.sorted { $0.key < $1.key }.map(\.value)
    }
}
