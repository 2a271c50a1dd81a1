import Kernel
import TestSupport

/// An approval against slips of paper: each approver has one, hands it on, or writes a vote on it.
struct ApprovalModel: ComparedModel {
    private struct Slip {
        /// Who has had it, first to last.
        var hands: [String]
        var vote: Bool?
        var holder: String { hands[hands.count - 1] }
    }

    private static let people = ["ann", "bob", "cem", "dan", "eve", "fay"]

    private let rules: ApprovalRules
    private var approval: Approval
    private var slips: [Slip]
    private var escalated = 0
    private var outcome: ApprovalOutcome?
    private var revision = 0
    private var editor: String?
    private var clock: Int64 = 0

    init(seed: UInt64) {
        var random = SplitMix64(seed: seed ^ 3)
        func some(_ count: Int, using random: inout SplitMix64) -> Set<String> {
            Set(Self.people.shuffled(using: &random).prefix(count))
        }
        var rules: ApprovalRules
        repeat {
            rules = ApprovalRules(
                approvers: some(Int.random(in: 1...4, using: &random), using: &random),
                quorum: Int.random(in: 1...3, using: &random), rejections: Int.random(in: 1...2, using: &random),
                excluded: some(Int.random(in: 0...2, using: &random), using: &random),
                mayDelegate: Int.random(in: 0..<4, using: &random) > 0, editorMayApprove: Bool.random(using: &random),
                escalations: Bool.random(using: &random)
                    ? [] : [.init(afterMilliseconds: 2_000, approvers: some(2, using: &random))],
                expiresAfterMilliseconds: Bool.random(using: &random) ? nil : 6_000)
        } while !rules.problems.isEmpty
        self.rules = rules
        approval = Approval(rules, createdAt: Instant(unixMilliseconds: 0))
        slips = rules.approvers.sorted().map { Slip(hands: [$0]) }
    }

    mutating func step(using random: inout SplitMix64) -> String? {
        clock += Int64.random(in: 0...250, using: &random)
        let now = Instant(unixMilliseconds: clock)
        if Int.random(in: 0..<4, using: &random) == 0 {
            _ = approval.advance(at: now)
            passTime()
            return compare("time")
        }
        let act = Self.act(revision, using: &random)
        // An act that is refused changes nothing, not even what time has brought.
        let before = self
        passTime()
        let isAccepted = outcome == nil && accepts(act)
        if !isAccepted { self = before }
        let wasAccepted = (try? approval.apply(act, at: now)) != nil
        guard wasAccepted == isAccepted else {
            return "\(act) was \(wasAccepted ? "accepted" : "refused") at \(clock): \(rules), \(slips)"
        }
        return compare("\(act)")
    }

    private static func act(_ revision: Int, using random: inout SplitMix64) -> ApprovalAct {
        let name = people[Int.random(in: 0..<people.count, using: &random)]
        let other = people[Int.random(in: 0..<people.count, using: &random)]
        let seen = Int.random(in: 0..<5, using: &random) == 0 ? revision - 1 : revision
        switch Int.random(in: 0..<20, using: &random) {
        case ..<7: return .approve(by: name, revision: seen)
        case ..<10: return .reject(by: name, reason: Int.random(in: 0..<5, using: &random) == 0 ? " " : "no")
        case ..<13: return .edit(by: name, revision: seen)
        case ..<19: return .delegate(from: name, to: other)
        default: return .withdraw
        }
    }

    private func compare(_ what: String) -> String? {
        if approval.outcome != outcome {
            return "after \(what): \(approval.outcome as Any), not \(outcome as Any): \(rules), \(slips)"
        }
        let voters = Set(slips.map(\.holder)).subtracting(rules.excluded)
        return approval.voters == voters ? nil : "after \(what): \(approval.voters) may vote, not \(voters)"
    }

    // MARK: By looking at every slip

    private mutating func passTime() {
        guard outcome == nil else { return }
        for escalation in rules.escalations.dropFirst(escalated) where escalation.afterMilliseconds <= clock {
            escalated += 1
            for name in escalation.approvers.sorted() where !slips.contains(where: { $0.hands.contains(name) }) {
                slips.append(Slip(hands: [name]))
            }
        }
        if let expiry = rules.expiresAfterMilliseconds, expiry <= clock { outcome = .expired }
    }

    private func slip(of name: String) -> Int? {
        guard !rules.excluded.contains(name) else { return nil }
        return slips.firstIndex { $0.holder == name && $0.vote == nil }
    }

    private mutating func accepts(_ act: ApprovalAct) -> Bool {
        switch act {
        case .approve(let name, let seen):
            guard let slip = slip(of: name), seen == revision, rules.editorMayApprove || editor != name else {
                return false
            }
            slips[slip].vote = true
        case .reject(let name, let reason):
            guard let slip = slip(of: name), reason != " " else { return false }
            slips[slip].vote = false
        case .edit(let name, let seen):
            guard slip(of: name) != nil, seen == revision else { return false }
            revision += 1
            editor = name
            for index in slips.indices where slips[index].vote == true { slips[index].vote = nil }
        case .delegate(let name, let other):
            guard let slip = slip(of: name), mayReceive(other), slips[slip].hands.count <= 3 else { return false }
            slips[slip].hands.append(other)
        case .withdraw:
            outcome = .withdrawn
            return true
        }
        conclude()
        return true
    }

    private func mayReceive(_ name: String) -> Bool {
        rules.mayDelegate && !rules.excluded.contains(name) && !slips.contains { $0.hands.contains(name) }
            && !rules.escalations.contains { $0.approvers.contains(name) }
    }

    private mutating func conclude() {
        let votes = slips.compactMap(\.vote)
        let approvals = votes.count { $0 }
        if approvals >= rules.quorum { return outcome = .granted }
        if votes.count - approvals >= rules.rejections { return outcome = .denied }
        let coming = rules.escalations.dropFirst(escalated).reduce(Set<String>()) { $0.union($1.approvers) }
            .filter { name in !slips.contains { $0.hands.contains(name) } }
        let able = slips.filter { $0.vote == nil }.map(\.holder) + coming
        if approvals + Set(able).subtracting(rules.excluded).count < rules.quorum { outcome = .denied }
    }
}
