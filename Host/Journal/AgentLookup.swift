package import Kernel

extension JournalReading {
    /// The agent or pool that people mean: `department:name`, or a name that only one has. Nil when none has it; what
    /// is written with its department need not be there.
    package func agentAddress(_ text: String) throws(JournalError) -> AgentAddress? {
        guard !text.contains(":") else {
            guard let address = AgentAddress(text) else {
                throw JournalError(.invalid, "\"\(text)\" is no agent: write department:name")
            }
            return address
        }
        let agents = try agents(named: text).map(\.address)
        let pools = try pools().filter { $0.name == text }.map(\.address)
        let all = (agents + pools).sorted()
        guard all.count < 2 else {
            let list = all.map(\.description).joined(separator: ", ")
            throw JournalError(.conflict(current: 0), "there are several agents \(text): \(list)")
        }
        return all.first
    }
}
