extension PlanReader {
    /// `"all"`, `"any"`, `"settled"` or `{"at_least": n}`.
    mutating func readJoin(_ value: JSONValue?, edges: Int, at place: JSONPointer) -> PlanJoin {
        guard let value else { return .all }
        switch value {
        case "all": return .all
        case "settled": return .settled
        case "any" where edges > 0: return .atLeast(1)
        case .object(let members) where members.count == 1:
            if let count = members["at_least"]?.integerValue, (1...max(1, edges)).contains(Int(count)), edges > 0 {
                return .atLeast(Int(count))
            }
        default: break
        }
        report(place, "must be \"all\", \"any\", \"settled\" or {\"at_least\": 1 to the number of nodes in after}")
        return .all
    }

    mutating func readFailurePolicy(_ value: JSONValue?, at place: JSONPointer) -> PlanFailurePolicy {
        guard let value else { return .skip }
        guard let policy = value.stringValue.flatMap(PlanFailurePolicy.init) else {
            report(place, "must be \"skip\", \"cancel\" or \"continue\"")
            return .skip
        }
        return policy
    }

    /// An element of `after`: a node's id, or an object with conditions.
    mutating func readEdge(_ element: JSONValue, from id: String, at place: JSONPointer) -> PlanEdge? {
        if let other = element.stringValue {
            return known(other, from: id, at: place).map { PlanEdge(node: $0, trigger: .success, condition: nil) }
        }
        guard let members = element.objectValue, let other = members["node"]?.stringValue else {
            report(place, "must be a node id, or {\"node\": a node id, \"on\": …, \"when\": …}")
            return nil
        }
        for key in members.keys.sorted() where !["node", "on", "when"].contains(key) {
            report(place.appending(key), "is not known; an edge has node, on and when")
        }
        var trigger = PlanEdge.Trigger.success
        if let value = members["on"] {
            if let known = value.stringValue.flatMap(PlanEdge.Trigger.init) {
                trigger = known
            } else {
                report(place.appending("on"), "must be \"success\", \"failure\" or \"always\"")
            }
        }
        let condition = members["when"].flatMap { readCondition($0, trigger, at: place.appending("when")) }
        return known(other, from: id, at: place.appending("node")).map {
            PlanEdge(node: $0, trigger: trigger, condition: condition)
        }
    }

    private mutating func readCondition(
        _ value: JSONValue, _ trigger: PlanEdge.Trigger, at place: JSONPointer
    ) -> PlanCondition? {
        guard trigger == .success else {
            report(place, "asks for an output, which only a node that ended well has; leave out \"on\"")
            return nil
        }
        guard let members = value.objectValue, members.count == 3,
            let pointer = members["pointer"]?.stringValue.flatMap({ JSONPointer($0) }),
            let comparison = members["is"]?.stringValue.flatMap(PlanCondition.Comparison.init),
            let operand = members["value"]
        else {
            let known = PlanCondition.Comparison.allCases.map(\.rawValue).joined(separator: " ")
            report(place, "must be {\"pointer\": a JSON pointer, \"is\": one of \(known), \"value\": anything}")
            return nil
        }
        return PlanCondition(pointer: pointer, comparison: comparison, value: operand)
    }
}
