package import Journal
package import Kernel

extension ScheduleOutlook {
    package var json: JSONValue {
        var members = record.definition.json.objectValue ?? [:]
        members["name"] = .string(record.name)
        members["revision"] = .integer(record.revision)
        members["paused"] = .bool(record.state.isPaused)
        members["high_water"] = .string(record.state.highWater.timestamp)
        members["held"] = .init(record.state.held?.timestamp)
        members["open_runs"] = .integer(Int64(openRuns))
        members["words"] = .init(words)
        members["next"] = .init(record.state.isPaused ? nil : next?.timestamp)
        members["problem"] = .init(problem)
        members["created_at"] = .string(record.createdAt.timestamp)
        return .object(members)
    }

    package func json(preview: SchedulePreview) -> JSONValue {
        var members = json.objectValue ?? [:]
        members["preview"] = preview.json
        return .object(members)
    }
}

extension ScheduleFireRecord {
    package var json: JSONValue {
        [
            "schedule": .string(schedule), "nominal": .string(fire.nominal.timestamp),
            "cause": .string(fire.cause.rawValue), "job_id": .string(run.description),
            "fired_at": .string(firedAt.timestamp),
        ]
    }
}

extension SchedulePreview {
    /// - Parameter words: what the expression means.
    package func json(words: String) -> JSONValue {
        var members = json.objectValue ?? [:]
        members["words"] = .string(words)
        return .object(members)
    }

    package var json: JSONValue {
        [
            "fires": .array(
                fires.map { fire in
                    [
                        "at": .string(fire.at.timestamp), "local": .string(fire.local),
                        "clock_change": .init(fire.change?.rawValue),
                    ]
                }),
            "clock_changes": .array(
                days.map { day in
                    [
                        "date": .string(day.date.description), "clock_change": .string(day.change.rawValue),
                        "at": .string(day.at.timestamp), "from": .string(day.from), "to": .string(day.to),
                        "fires": .integer(Int64(day.fires)),
                    ]
                }),
        ]
    }
}
