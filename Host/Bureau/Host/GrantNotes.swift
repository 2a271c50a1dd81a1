import Engine
import Journal
import Kernel

extension HostRuntime {
    /// Tells the operator what the start granted by their word, and which departments wait for it.
    func noteGrants(on terminal: Terminal) async {
        let tools = ReadOnlyTools.names
        for record in grantedAtStart where record.grant.origin != .bundled {
            let list = record.grant.granted.summary(readOnlyTools: tools).joined(separator: "; ")
            let grant = record.grant
            terminal.note("granted \(grant.department) (\(grant.plugin.printable)) what it asks for: \(list.printable)")
        }
        for department in await departments() where department.state == "needs_grant" {
            terminal.note(
                "\(department.name) needs a grant before it works: bureau departments enable \(department.name)")
        }
    }
}
