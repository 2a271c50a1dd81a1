import Audit
import Gateway
import Journal
import Kernel
import Placement

extension RunExecution {
    /// Why the plugin may not do this, naming the grant that is missing and how to give it; nil when it may. Asked
    /// anew for each effect: what the operator takes back is gone at once.
    func denial(of request: EffectRequest) -> Failure? {
        switch request {
        case .model(let request):
            let name = request.model.isEmpty ? "the default model" : "model \"\(request.model)\""
            return missing(request.model, in: .models, name)
        case .tool(let name, _, _): return missing(name, in: .tools, "tool \"\(name)\"")
        case .child(let task, let input):
            return missing(department: task.department) ?? (task == PlanPlugin.task ? denial(ofPlan: input) : nil)
        case .plan(let plan): return denial(ofPlan: plan)
        case .message(let receiver, _, _): return missing(department: AgentAddress(receiver)?.department ?? receiver)
        case .http(let request): return denial(ofFetch: request)
        default: return nil
        }
    }

    /// A plan starts its children itself, so what it names is checked before it starts. One that cannot be read fails
    /// as such, later.
    private func denial(ofPlan plan: [UInt8]) -> Failure? {
        guard run.task != PlanPlugin.task, let plan = try? PlanPlugin.parse(plan) else { return nil }
        return plan.nodes.lazy.compactMap { self.missing(department: $0.task.department) }.first
    }

    /// The first hop; redirects are checked as they come. A URL that cannot be read fails as such, later.
    private func denial(ofFetch request: HTTPRequest) -> Failure? {
        guard let url = try? FetchURL(request.url), let refusal = fetchPolicy.refusal(of: url) else { return nil }
        let tail = url.port == url.scheme.defaultPort ? "" : ":\(url.port)"
        switch refusal {
        case .notAsked, .notGranted:
            let name = "\(url.host)\(tail)"
            return missing(refusal, in: .hosts, "host \"\(name)\"", name)
        case .notEncrypted:
            return Failure(
                .denied,
                "\(url.origin) is not encrypted: use https, or the operator starts the host with "
                    + "--allow-plain-http \(url.host):\(url.port)")
        }
    }

    /// What asks for hosts that cannot be read was refused with its manifest.
    var fetchPolicy: FetchPolicy {
        let settings = core.fetcher.settings
        let permissions = permissions
        return FetchPolicy(
            asked: permissions.asked.hosts.compactMap { try? HostPattern($0) },
            granted: permissions.granted.hosts.compactMap { try? HostPattern($0) },
            plainHosts: settings.plainHosts, privateHosts: settings.privateHosts)
    }

    private func missing(department: String) -> Failure? {
        missing(department, in: .departments, "department \"\(department)\"")
    }

    private func missing(_ name: String, in list: Permissions.List, _ what: String) -> Failure? {
        permissions.refusal(of: name, in: list).map { missing($0, in: list, what, name) }
    }

    private func missing(
        _ refusal: GrantRefusal, in list: Permissions.List, _ what: String, _ name: String
    ) -> Failure {
        let plugin = "plugin \(place.descriptor.id) may not use \(what): "
        if refusal == .notAsked {
            return Failure(.denied, plugin + "its manifest does not ask for it in wants.\(list.rawValue)")
        }
        return Failure(
            .denied,
            plugin + "the operator did not grant it; bureau departments enable \(run.task.department) grants what "
                + "the department asks for, --only \(list.rawValue)=\(name) that alone")
    }

    /// Tells the plugin and the audit log. A denied effect takes no step: it was never one.
    func deny(_ operation: OperationID, _ start: EffectStart, _ failure: Failure) {
        spawnAside(operation) { [self] in
            do throws(JournalError) {
                try await core.journal.write { [self] transaction throws(JournalError) in
                    try record(denialOf: start.request, failure, transaction)
                }
                deliver(.failed(failure, value: 0, replayed: false), to: operation)
            } catch {
                stop(after: error)
            }
        }
    }

    /// What an effect reaches for, as access is decided about it.
    private static func resource(of request: EffectRequest) -> String {
        switch request {
        case .model(let request): "model:\(request.model.isEmpty ? "default" : request.model)"
        case .tool(let name, _, _): "tool:\(name)"
        case .child(let task, _): "department:\(task.department)"
        case .message(let receiver, _, _): "department:\(AgentAddress(receiver)?.department ?? receiver)"
        case .http(let request): "host:\((try? FetchURL(request.url)).map { "\($0.host)" } ?? "unreadable")"
        default: "effect:\(request.kind.name)"
        }
    }

    /// What was refused and why, and that somebody was refused access.
    func record(
        denialOf request: EffectRequest, _ failure: Failure, _ transaction: any JournalTransaction
    ) throws(JournalError) {
        try record(denialOf: request.kind, Self.resource(of: request), failure, transaction)
    }

    func record(
        denialOf kind: EffectKind, _ resource: String, _ failure: Failure, _ transaction: any JournalTransaction
    ) throws(JournalError) {
        let plugin = place.descriptor.digest
        // Names that a plugin made up may say whom it works on.
        let isNamed = run.subject == nil
        let reason = isNamed ? String(failure.message.prefix(1_000)) : failure.status.name
        _ = try transaction.auditAppend(
            type: "effect.denied",
            fields: [
                "run": .string(run.id.description), "kind": .string(kind.name),
                "department": .leafText(run.task.department), "agent": .leafText(run.agent),
                "reason": .string(reason), "plugin": .string(plugin.hex),
            ])
        let access = AccessDecision(
            id: core.newRunID(), user: run.user ?? "agent:\(run.task.department)/\(run.agent)",
            resource: isNamed ? resource : "effect:\(kind.name)", action: kind.name, run: run.id, plugin: plugin)
        try transaction.audit(access, success: false, why: reason)
    }
}
