import Engine
import Hummingbird
import Journal
import Kernel

/// Finds the agent that a path names: a department (its own agent), `department:name`, or a name that only one has.
struct AgentFinder: Sendable {
    let runtime: HostRuntime

    /// - Throws: 404, or 409 where several have the name.
    func address(_ context: APIContext) async throws -> AgentAddress {
        try await address(try context.parameters.require("name"))
    }

    func address(_ path: String) async throws -> AgentAddress {
        let text = path.replacing("%3A", with: ":").replacing("%3a", with: ":")
        if await isDepartment(text) { return AgentAddress(department: text) }
        let found: AgentAddress?
        do throws(JournalError) {
            found = try await runtime.journal.read { journal throws(JournalError) -> AgentAddress? in
                guard let address = try journal.agentAddress(text) else { return nil }
                if try journal.agent(address) != nil { return address }
                if try journal.pool(address) != nil { return address }
                return address.name == AgentAddress.defaultName ? address : nil
            }
        } catch {
            if case .conflict = error.code { throw Problem(.conflict, "ambiguous_agent", error.message) }
            guard error.code == .invalid else { throw error }
            throw Problem(.badRequest, "invalid", error.message)
        }
        guard let found else { throw Problem(.notFound, "unknown_agent", "there is no agent \(text)") }
        if found.name == AgentAddress.defaultName, await !isDepartment(found.department) {
            throw Problem(.notFound, "unknown_agent", "there is no department \(found.department)")
        }
        return found
    }

    /// One that was made, not a department's own and no pool.
    func agent(_ context: APIContext) async throws -> AgentRecord {
        let address = try await address(context)
        let found = try await runtime.journal.read { journal throws(JournalError) in try journal.agent(address) }
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
