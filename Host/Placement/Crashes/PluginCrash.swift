package import Kernel

/// One loss of a placed plugin that was no shutdown, told before the calls hear of it.
package struct PluginCrash: Sendable {
    package var department: String
    package var build: Digest
    package var loss: PluginLoss
    /// `TaskStart.runID` of the calls that may have caused it; one when it is known whose code was running.
    package var suspects: [String]

    package init(department: String, build: Digest, loss: PluginLoss, suspects: [String]) {
        self.department = department
        self.build = build
        self.loss = loss
        self.suspects = suspects
    }
}

/// How the open calls of a lost process stand to its loss.
///
/// A process that never was ready began none of them: all are innocent. When this host ended it for calls that were
/// overdue, they are guilty.
/// The one whose callback was running when the signal came is guilty, and the others are not. A thread of the
/// plugin's own, or a wake, tells the agent at most: then the calls of that agent are suspects. A kill or an exit
/// tells nothing: all are suspects. Who is the only suspect is guilty.
///
/// Where plugins share a process, ``LossShare`` says first which of them these rules are for.
struct Blaming {
    private var suspects: Set<CallID> = []
    private var isCertain = false
    private var others = 0

    static let nobody = Blaming()

    private init() {}

    init(overdue: Set<CallID>) {
        suspects = overdue
        isCertain = true
    }

    /// - Parameter others: suspects that are not among `calls`.
    init(calls: [(id: CallID, instance: InstanceID)], page: CrashPage?, cause: PluginLoss.Cause, others: Int = 0) {
        suspects = Set(calls.map(\.id))
        self.others = others
        guard let page, case .signal(page.signal) = cause else { return }
        if let call = page.call, suspects.contains(call) {
            suspects = [call]
        } else if let instance = page.instance {
            let own = calls.filter { $0.instance == instance }.map(\.id)
            if !own.isEmpty { suspects = Set(own) }
        }
    }

    func contains(_ call: CallID) -> Bool { suspects.contains(call) }

    func blame(of call: CallID) -> Blame {
        guard suspects.contains(call) else { return .innocent }
        return isCertain || suspects.count + others == 1 ? .guilty : .suspect
    }
}
