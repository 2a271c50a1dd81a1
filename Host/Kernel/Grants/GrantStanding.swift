/// How a department stands with the operator.
package enum GrantStanding: Hashable, Sendable {
    /// It asks for nothing that needs a decision.
    case needless
    case granted(Grant)
    /// It asks for this, and no decision covers it: it takes no new work.
    case missing(Manifest.Wants)

    /// - Parameter inForce: the newest decision about the department; nil when there is none or it was taken back.
    package init(of wants: Manifest.Wants, plugin: String, inForce: Grant?, readOnlyTools: Set<String>) {
        if let inForce, inForce.decides(wants, of: plugin) {
            self = .granted(inForce)
        } else if wants.isHarmless(readOnlyTools: readOnlyTools) {
            self = .needless
        } else if let inForce, inForce.plugin == plugin {
            self = .missing(inForce.asked.extra(in: wants))
        } else {
            self = .missing(wants)
        }
    }

    package var isMissing: Bool { if case .missing = self { true } else { false } }
}

extension Permissions {
    /// What a department may do under its newest decision. Without one: only what needs none.
    package init(of wants: Manifest.Wants, plugin: String, inForce: Grant?, readOnlyTools: Set<String>) {
        if let inForce, inForce.plugin == plugin {
            self.init(asked: wants, granted: inForce.granted)
        } else {
            let harmless = Manifest.Wants(
                tools: wants.tools.filter(readOnlyTools.contains), concurrency: wants.concurrency)
            self.init(asked: wants, granted: harmless)
        }
    }
}
