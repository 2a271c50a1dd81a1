package import Kernel

/// Where calls of model providers are sent from: the member `egress`.
package enum EgressPlace: String, CaseIterable, Sendable {
    /// A process of their own, which keeps answers until they are committed.
    case process
    /// The host itself: nothing to start, and a call in flight is lost with it.
    case inProcess = "in-process"

    static func read(_ text: String?, at place: JSONPointer) throws(Failure) -> EgressPlace? {
        guard let text else { return nil }
        guard let found = EgressPlace(rawValue: text) else {
            let words = allCases.map { "\"\($0.rawValue)\"" }.joined(separator: " or ")
            throw MemberReader.wrong(place, "must be \(words)")
        }
        return found
    }
}
