extension Instant {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T08:13:18.250Z`.
    package var timestamp: String {
        let day: Int64 = 86_400_000
        let date = CivilDate(daysSinceEpoch: Int(unixMilliseconds.floorDivided(by: day)))
        let time = unixMilliseconds.remainder(floorDividedBy: day)
        func digits(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(date)T\(digits(time / 3_600_000, 2)):\(digits(time / 60_000 % 60, 2)):"
            + "\(digits(time / 1_000 % 60, 2)).\(digits(time % 1_000, 3))Z"
    }
}
