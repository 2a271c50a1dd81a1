import Journal
import Kernel
import Placement

extension RunExecution {
    /// Why the plugin may not do this, naming the grant that is missing; nil when it may. What the manifest does not
    /// ask for is denied.
    func denial(of request: EffectRequest) -> Failure? {
        Self.denial(of: request, granted: grants, to: place.descriptor.id)
    }

    static func denial(of request: EffectRequest, granted grants: Manifest.Wants, to plugin: String) -> Failure? {
        switch request {
        case .model(let request) where !matches(request.model, grants.models):
            let name = request.model.isEmpty ? "the default model" : "model \"\(request.model)\""
            return missing("models", name, plugin)
        case .tool(let name, _, _) where !matches(name, grants.tools):
            return missing("tools", "tool \"\(name)\"", plugin)
        case .child(let task, _) where !matches(task.department, grants.departments):
            return missing("departments", "department \"\(task.department)\"", plugin)
        case .message(let department, _, _) where !matches(department, grants.departments):
            return missing("departments", "department \"\(department)\"", plugin)
        default: return nil
        }
    }

    private static func missing(_ list: String, _ what: String, _ plugin: String) -> Failure {
        Failure(.denied, "plugin \(plugin) may not use \(what): its manifest does not ask for it in wants.\(list)")
    }

    private static func matches(_ name: String, _ granted: [String]) -> Bool {
        granted.contains { $0 == "*" || $0 == name || ($0.hasSuffix("*") && name.hasPrefix($0.dropLast())) }
    }

    /// Tells the plugin and the audit log. A denied effect takes no step: it was never one.
    func deny(_ operation: OperationID, _ start: EffectStart, _ failure: Failure) {
        spawnAside(operation) { [self] in
            let fields: [String: JSONValue] = [
                "run": .string(run.id.description), "kind": .string(start.request.kind.name),
                "reason": .string(failure.message), "plugin": .string(place.descriptor.digest.hex),
            ]
            do throws(JournalError) {
                _ = try await core.journal.write { transaction throws(JournalError) in
                    try transaction.auditAppend(type: "effect.denied", fields: fields)
                }
                deliver(.failed(failure, value: 0, replayed: false), to: operation)
            } catch {
                stop(after: error)
            }
        }
    }
}
