import Engine
import Hummingbird
import Journal
import Kernel

/// Finds the agent that a path names: a department (its own agent), `department:name`, or a name that only one has.
struct AgentFinder: Sendable {
    static let name = Operation.Parameter.path(
        "name", "A department, department:name, or a name that only one agent or pool has", Schema.text(130))

    let runtime: HostRuntime

    /// - Throws: 404, or 409 where several have the name.
    func address(_ call: APICall) async throws -> AgentAddress { try await address(call.text("name"), call) }

    func address(_ text: String, _ call: APICall) async throws -> AgentAddress {
        if await isDepartment(text) { return AgentAddress(department: text) }
        let found: AgentAddress?
        do {
            found = try await call.read { scoped throws(JournalError) -> AgentAddress? in
                let journal = scoped.journal
                guard let address = try journal.agentAddress(text) else { return nil }
                if try journal.agent(address) != nil { return address }
                if try journal.pool(address) != nil { return address }
                return address.name == AgentAddress.defaultName ? address : nil
            }
        } catch let error as JournalError {
            if case .conflict = error.code { throw Problem(.conflict, "ambiguous_agent", error.message) }
            // What is no name of an agent names none.
            guard error.code == .invalid else { throw error }
            throw Problem(.notFound, "unknown_agent", error.message)
        }
        guard let found else { throw Problem(.notFound, "unknown_agent", "there is no agent \(text)") }
        if found.name == AgentAddress.defaultName, await !isDepartment(found.department) {
            throw Problem(.notFound, "unknown_agent", "there is no department \(found.department)")
        }
        return found
    }

    /// One that was made, not a department's own and no pool.
    func agent(_ call: APICall) async throws -> AgentRecord {
        let address = try await address(call)
        let found = try await call.read { scoped throws(JournalError) in try scoped.journal.agent(address) }
        guard let found else {
            throw Problem(
                .conflict, "not_an_agent",
                "\(address) is a department's own agent or a pool: it has no life of its own")
        }
        return found
    }

    private func isDepartment(_ name: String) async -> Bool {
        await runtime.departments().contains { $0.name == name }
    }
}
