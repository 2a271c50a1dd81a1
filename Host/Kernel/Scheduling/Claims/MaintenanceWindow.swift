/// When nothing of a scope begins.
package enum MaintenanceWindow: Hashable, Sendable {
    case once(from: Instant, to: Instant)
    /// From each nominal time of a recurrence on, for so long.
    case recurring(text: String, Recurrence, zone: String, milliseconds: Int64)

    package static let maximumMilliseconds: Int64 = 366 * 86_400_000

    package func isOpen(at now: Instant) -> Bool {
        switch self {
        case .once(let from, let to): from <= now && now < to
        case .recurring(_, let recurrence, _, let length):
            if let begin = recurrence.previous(before: now.advanced(byMilliseconds: 1)) {
                now < begin.advanced(byMilliseconds: length)
            } else {
                false
            }
        }
    }

    /// When it next opens or closes; nil when it is over for good.
    package func nextChange(after now: Instant) -> Instant? {
        switch self {
        case .once(let from, let to): now < from ? from : now < to ? to : nil
        case .recurring(_, let recurrence, _, let length):
            if isOpen(at: now), let begin = recurrence.previous(before: now.advanced(byMilliseconds: 1)) {
                begin.advanced(byMilliseconds: length)
            } else {
                recurrence.next(after: now)
            }
        }
    }
}

extension MaintenanceWindow {
    /// - Parameter text: a cron expression, or `@daily` and the like.
    /// - Throws: `.invalid` with what is wrong.
    package init(
        _ text: String, zone: String, milliseconds: Int64, rules: TimeZoneRules
    ) throws(Failure) {
        guard (1_000...Self.maximumMilliseconds).contains(milliseconds) else {
            throw Failure(.invalid, "a window lasts from 1s to 366d")
        }
        do {
            let clock = WallClock(zone: rules)
            let recurrence = try Recurrence(text, clock: clock, anchor: Instant(unixMilliseconds: 0))
            self = .recurring(text: text, recurrence, zone: zone, milliseconds: milliseconds)
        } catch {
            throw Failure(.invalid, "\(error)")
        }
    }

    package var json: JSONValue {
        switch self {
        case .once(let from, let to):
            ["from_ms": .integer(from.unixMilliseconds), "to_ms": .integer(to.unixMilliseconds)]
        case .recurring(let text, _, let zone, let length):
            ["at": .string(text), "zone": .string(zone), "for_ms": .integer(length)]
        }
    }

    /// - Throws: `.invalid` for another form.
    package init(
        json: JSONValue, zones: (String) throws(TimeZoneError) -> TimeZoneRules
    ) throws(Failure) {
        if let from = json["from_ms"]?.integerValue, let to = json["to_ms"]?.integerValue, from <= to {
            self = .once(from: Instant(unixMilliseconds: from), to: Instant(unixMilliseconds: to))
            return
        }
        guard let text = json["at"]?.stringValue, let zone = json["zone"]?.stringValue,
            let length = json["for_ms"]?.integerValue
        else { throw Failure(.invalid, "a window has from_ms and to_ms, or at, zone and for_ms") }
        let rules: TimeZoneRules
        do throws(TimeZoneError) {
            rules = try zones(zone)
        } catch {
            throw Failure(.invalid, error.description)
        }
        try self.init(text, zone: zone, milliseconds: length, rules: rules)
    }
}
