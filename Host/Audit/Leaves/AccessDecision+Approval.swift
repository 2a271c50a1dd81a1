package import Journal
package import Kernel

extension AccessDecision {
    /// Whether `by` may act about a request: by the operator's rules for it.
    package static func about(
        run: RunID, sequence: Int, _ wish: ApprovalWish, by: String, id: RunID
    ) -> AccessDecision {
        let action =
            switch wish {
            case .approve: "approve"
            case .reject: "reject"
            case .edit: "edit"
            case .delegate: "delegate"
            case .withdraw: "withdraw"
            }
        return AccessDecision(
            id: id, user: by, resource: "approval:\(run):\(sequence)", action: action, run: run)
    }
}
