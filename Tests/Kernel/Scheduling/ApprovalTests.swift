import Kernel
import TestSupport
import Testing

@Suite("Approvals")
struct ApprovalTests {
    private func at(_ milliseconds: Int64) -> Instant { Instant(unixMilliseconds: milliseconds) }

    private func approval(
        quorum: Int = 1, rejections: Int = 1, excluded: Set<String> = ["author"], mayDelegate: Bool = true,
        editorMayApprove: Bool = true, escalations: [ApprovalRules.Escalation] = [], expires: Int64? = nil
    ) -> Approval {
        Approval(
            ApprovalRules(
                approvers: ["ann", "bob", "cy", "author"], quorum: quorum, rejections: rejections, excluded: excluded,
                mayDelegate: mayDelegate, editorMayApprove: editorMayApprove, escalations: escalations,
                expiresAfterMilliseconds: expires), createdAt: at(0))
    }

    private func refusal(_ approval: inout Approval, _ act: ApprovalAct, at now: Int64 = 1) -> ApprovalRefusal? {
        let before = approval
        do throws(ApprovalRefusal) {
            _ = try approval.apply(act, at: at(now))
            return nil
        } catch {
            #expect(approval == before, "a refused act changes nothing")
            return error
        }
    }

    @Test("a quorum of different people grants, once")
    func quorum() throws {
        var approval = approval(quorum: 2)
        #expect(try approval.apply(.approve(by: "ann", revision: 0), at: at(1)) == [])
        #expect(refusal(&approval, .approve(by: "ann", revision: 0)) == .alreadyVoted("ann"))
        #expect(
            try approval.apply(.approve(by: "bob", revision: 0), at: at(2))
                == [.decided(.granted, reason: "2 approved")])
        #expect(approval.outcome == .granted && approval.decidedAt == at(2))
        for act in [ApprovalAct.reject(by: "cy", reason: "no"), .withdraw, .delegate(from: "cy", to: "dee")] {
            #expect(refusal(&approval, act) == .decided(.granted))
        }
    }

    @Test("the author decides in nobody's name, and strangers not at all")
    func separation() throws {
        var approval = approval()
        #expect(refusal(&approval, .approve(by: "author", revision: 0)) == .excluded("author"))
        #expect(refusal(&approval, .reject(by: "author", reason: "no")) == .excluded("author"))
        #expect(refusal(&approval, .delegate(from: "ann", to: "author")) == .excluded("author"))
        #expect(refusal(&approval, .approve(by: "eve", revision: 0)) == .notApprover("eve"))
        #expect(refusal(&approval, .reject(by: "ann", reason: "  ")) == .reasonMissing)
        #expect(approval.outcome == nil)
    }

    @Test("a rejection denies, or as many as the rules ask for, or when too few are left")
    func rejections() throws {
        var one = approval()
        #expect(
            try one.apply(.reject(by: "ann", reason: "no"), at: at(1)) == [.decided(.denied, reason: "1 rejected")])
        var two = approval(quorum: 2, rejections: 3)
        #expect(try two.apply(.reject(by: "ann", reason: "no"), at: at(1)) == [])
        #expect(
            try two.apply(.reject(by: "bob", reason: "no"), at: at(1))
                == [.decided(.denied, reason: "too few are left for a quorum of 2")])
        let escalations = [ApprovalRules.Escalation(afterMilliseconds: 10, approvers: ["boss"])]
        var more = approval(quorum: 2, rejections: 3, escalations: escalations)
        for name in ["ann", "bob"] { #expect(try more.apply(.reject(by: name, reason: "no"), at: at(1)) == []) }
        #expect(more.outcome == nil, "the boss is still to come")
    }

    @Test("a vote is handed on once, to somebody who has none, and then it is theirs")
    func delegation() throws {
        var approval = approval(quorum: 3)
        #expect(refusal(&approval, .delegate(from: "ann", to: "bob")) != nil)
        #expect(refusal(&approval, .delegate(from: "ann", to: "ann")) != nil)
        #expect(try approval.apply(.delegate(from: "ann", to: "dee"), at: at(1)) == [.asked(["dee"])])
        #expect(refusal(&approval, .approve(by: "ann", revision: 0)) == .handedOn("ann", to: "dee"))
        #expect(refusal(&approval, .delegate(from: "dee", to: "ann")) != nil, "no circles")
        #expect(refusal(&approval, .delegate(from: "bob", to: "dee")) != nil, "nobody holds two")
        _ = try approval.apply(.delegate(from: "dee", to: "eli"), at: at(1))
        _ = try approval.apply(.delegate(from: "eli", to: "fay"), at: at(1))
        #expect(refusal(&approval, .delegate(from: "fay", to: "gus")) != nil, "a chain of three is the limit")
        #expect(approval.voters == ["bob", "cy", "fay"])
        var firm = self.approval(mayDelegate: false)
        #expect(refusal(&firm, .delegate(from: "ann", to: "dee")) != nil)
    }

    @Test("an edit asks for approval anew, and what was not read cannot be approved")
    func edits() throws {
        var approval = approval(quorum: 2, editorMayApprove: false)
        _ = try approval.apply(.approve(by: "ann", revision: 0), at: at(1))
        _ = try approval.apply(.edit(by: "bob", revision: 0), at: at(2))
        #expect(approval.approvals == 0 && approval.revision == 1)
        #expect(refusal(&approval, .approve(by: "ann", revision: 0)) == .revision(seen: 0, current: 1))
        #expect(refusal(&approval, .edit(by: "cy", revision: 0)) == .revision(seen: 0, current: 1))
        #expect(refusal(&approval, .approve(by: "bob", revision: 1)) == .ownEdit("bob"))
        _ = try approval.apply(.approve(by: "ann", revision: 1), at: at(3))
        _ = try approval.apply(.approve(by: "cy", revision: 1), at: at(4))
        #expect(approval.outcome == .granted)
    }

    @Test("time escalates and then expires, and nothing is decided at or after the expiry")
    func time() throws {
        let escalations = [
            ApprovalRules.Escalation(afterMilliseconds: 200, approvers: ["chief"]),
            ApprovalRules.Escalation(afterMilliseconds: 100, approvers: ["boss", "ann"]),
        ]
        var approval = approval(escalations: escalations, expires: 300)
        #expect(approval.nextLook == at(100))
        #expect(refusal(&approval, .approve(by: "boss", revision: 0), at: 99) == .notApprover("boss"))
        #expect(approval.advance(at: at(150)) == [.asked(["boss"])])
        #expect(approval.advance(at: at(150)) == [] && approval.nextLook == at(200))
        var late = approval
        #expect(
            late.advance(at: at(1_000)) == [
                .asked(["chief"]), .decided(.expired, reason: "nobody decided in time"),
            ])
        #expect(late.decidedAt == at(300) && late.nextLook == nil)
        #expect(refusal(&approval, .approve(by: "boss", revision: 0), at: 300) == .decided(.expired))
        #expect(approval.advance(at: at(300)).last == .decided(.expired, reason: "nobody decided in time"))
    }

    @Test("rules under which nothing could ever be decided are found")
    func problems() {
        func problems(_ change: (inout ApprovalRules) -> Void) -> [String] {
            var rules = ApprovalRules(approvers: ["ann", "bob"], expiresAfterMilliseconds: 100)
            change(&rules)
            return rules.problems
        }
        #expect(problems { _ in }.isEmpty)
        #expect(problems { $0.quorum = 0 }.count == 1)
        #expect(problems { $0.quorum = 3 }.first?.contains("only 2 of the approvers") == true)
        #expect(problems { $0.excluded = ["ann", "bob"] }.count == 1)
        #expect(problems { $0.rejections = 0 }.count == 1)
        #expect(problems { $0.expiresAfterMilliseconds = 0 }.count == 1)
        #expect(problems { $0.escalations = [.init(afterMilliseconds: 100, approvers: ["cy"])] }.count == 1)
    }

    @Test("under any acts it is decided at most once, never by the excluded, never by fewer than the quorum")
    func randomActs() {
        let seed = TestSeed.next()
        var random = SplitMix64(seed: seed)
        let names = ["ann", "bob", "cy", "author", "dee", "eli", "boss"]
        for _ in 0..<300 {
            let quorum = Int.random(in: 1...3, using: &random)
            var approval = approval(
                quorum: quorum, rejections: Int.random(in: 1...3, using: &random),
                escalations: [.init(afterMilliseconds: 50, approvers: ["boss"])], expires: 200)
            var decisions: [ApprovalOutcome] = []
            var now: Int64 = 0
            for _ in 0..<40 {
                now += Int64.random(in: 0...8, using: &random)
                let (one, other) = (names[Int(random.next() % 7)], names[Int(random.next() % 7)])
                let seen = approval.revision - (random.next() % 5 == 0 ? 1 : 0)
                let acts: [ApprovalAct] = [
                    .approve(by: one, revision: seen), .approve(by: one, revision: seen),
                    .reject(by: one, reason: "no"), .edit(by: one, revision: seen), .delegate(from: one, to: other),
                ]
                let final = approval.outcome
                let events = (try? approval.apply(acts[Int(random.next() % 5)], at: at(now))) ?? []
                for case .decided(let outcome, _) in events { decisions.append(outcome) }
                if let final { #expect(approval.outcome == final && events.isEmpty, "seed \(seed)") }
            }
            #expect(decisions.count <= 1, "seed \(seed)")
            #expect(approval.votes["author"] == nil && !approval.voters.contains("author"), "seed \(seed)")
            #expect(approval.outcome != .granted || approval.approvals >= quorum, "seed \(seed)")
        }
    }
}
