/// The questions of a reload that wait for an answer: at most one an instance.
struct QuestionTable {
    typealias Waiter = CheckedContinuation<Result<ReloadAnswer, PlacementError>, Never>

    struct Question {
        /// The kind of its frame.
        let kind: Int
        let waiter: Waiter
        let due: UInt64
    }

    private var open: [InstanceID: Question] = [:]

    var nextDue: UInt64? { open.values.map(\.due).min() }

    subscript(instance: InstanceID) -> Question? { open[instance] }

    mutating func add(_ question: Question, of instance: InstanceID) { open[instance] = question }

    /// The question that an answer of this kind belongs to.
    mutating func take(_ instance: InstanceID, kind: Int) -> Question? {
        guard open[instance]?.kind == kind else { return nil }
        return open.removeValue(forKey: instance)
    }

    mutating func takeDue(at now: UInt64) -> [Waiter] {
        let due = open.filter { $0.value.due <= now }
        for instance in due.keys { open[instance] = nil }
        return due.values.map(\.waiter)
    }

    mutating func takeAll() -> [Waiter] {
        defer { open = [:] }
        return open.values.map(\.waiter)
    }
}
