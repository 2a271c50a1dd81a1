extension Instant {
    /// RFC 3339 in UTC with milliseconds: `2026-11-21T08:13:18.250Z`.
    package var timestamp: String {
        let day: Int64 = 86_400_000
        let date = CivilDate(daysSinceEpoch: Int(unixMilliseconds.floorDivided(by: day)))
        let time = unixMilliseconds.remainder(floorDividedBy: day)
        return "\(date)T\((time / 3_600_000).digits(2)):\((time / 60_000 % 60).digits(2)):"
            + "\((time / 1_000 % 60).digits(2)).\((time % 1_000).digits(3))Z"
    }
}
