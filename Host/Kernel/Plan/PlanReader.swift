/// Reads a plan and gathers all that is wrong with it.
struct PlanReader {
    private static let maximumProblems = 100

    private(set) var problems = [PlanError.Problem]()
    private var ids = Set<String>()

    mutating func readNodes(_ json: JSONValue) -> [Plan.Node] {
        guard let members = json.objectValue else {
            report(JSONPointer(), "must be an object")
            return []
        }
        let place = JSONPointer(tokens: ["nodes"])
        guard let elements = members["nodes"]?.arrayValue else {
            report(place, "must be an array of nodes")
            return []
        }
        guard (1...Plan.maximumNodes).contains(elements.count) else {
            report(place, "must have 1 to \(Plan.maximumNodes) nodes, not \(elements.count)")
            return []
        }
        for (index, element) in elements.enumerated() { readID(element, at: place.appending(index)) }
        return elements.enumerated().compactMap { readNode($1, at: place.appending($0)) }
    }

    private mutating func readID(_ element: JSONValue, at place: JSONPointer) {
        guard let members = element.objectValue else {
            report(place, "must be an object")
            return
        }
        guard let id = name("id", in: members, at: place) else { return }
        if !ids.insert(id).inserted { report(place.appending("id"), "repeats the id \"\(id)\"") }
    }

    private mutating func readNode(_ element: JSONValue, at place: JSONPointer) -> Plan.Node? {
        guard let members = element.objectValue, let id = members["id"]?.stringValue else { return nil }
        let department = name("department", in: members, at: place)
        let task = name("task", in: members, at: place)
        let input = members["input"] ?? .object([:])
        let edges = readAfter(members["after"] ?? .array([]), of: id, at: place.appending("after"))
        let references = readReferences(input, of: id, at: place.appending("input"))
        let join = readJoin(members["join"], edges: edges.count, at: place.appending("join"))
        let onFailure = readFailurePolicy(members["on_failure"], at: place.appending("on_failure"))
        guard let department, let task else { return nil }
        return Plan.Node(
            id: id, task: TaskReference(department: department, task: task), input: input, edges: edges,
            references: Self.unique(references), dependencies: Self.unique(edges.map(\.node) + references),
            join: join, onFailure: onFailure)
    }

    private static func unique(_ ids: [String]) -> [String] {
        var seen = Set<String>()
        return ids.filter { seen.insert($0).inserted }
    }

    private mutating func readAfter(_ value: JSONValue, of id: String, at place: JSONPointer) -> [PlanEdge] {
        guard let elements = value.arrayValue else {
            report(place, "must be an array of node ids")
            return []
        }
        return elements.enumerated().compactMap { readEdge($1, from: id, at: place.appending($0)) }
    }

    private mutating func readReferences(_ value: JSONValue, of id: String, at place: JSONPointer) -> [String] {
        switch value {
        case .array(let elements):
            return elements.enumerated().flatMap { readReferences($1, of: id, at: place.appending($0)) }
        case .object(let members):
            guard members[PlanReference.marker] != nil else {
                return members.sorted { $0.key < $1.key }.flatMap {
                    readReferences($0.value, of: id, at: place.appending($0.key))
                }
            }
            guard let reference = PlanReference(value) else {
                report(place, "must be {\"$from\": a node id, \"pointer\": a JSON pointer} and nothing else")
                return []
            }
            return known(reference.node, from: id, at: place.appending(PlanReference.marker)).map { [$0] } ?? []
        case .null, .bool, .integer, .double, .string: return []
        }
    }

    mutating func known(_ other: String, from id: String, at place: JSONPointer) -> String? {
        guard other != id else {
            report(place, "makes node \"\(id)\" depend on itself")
            return nil
        }
        guard ids.contains(other) else {
            report(place, "names node \"\(other)\", which is not in the plan")
            return nil
        }
        return other
    }

    private mutating func name(_ key: String, in members: [String: JSONValue], at place: JSONPointer) -> String? {
        guard let text = members[key]?.stringValue else {
            report(place.appending(key), "must be a string")
            return nil
        }
        guard Name.isValid(text) else {
            report(place.appending(key), "must be 1 to \(Name.maximumBytes) of a-z, 0-9, '.', '_' and '-'")
            return nil
        }
        return text
    }

    mutating func report(_ place: JSONPointer, _ message: String) {
        guard problems.count < Self.maximumProblems else { return }
        problems.append(PlanError.Problem(pointer: place.description, message: message))
    }
}
