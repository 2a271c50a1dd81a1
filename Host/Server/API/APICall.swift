import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// An admitted request: who asks is known and may, and what is asked has the form that its operation describes.
struct APICall: Sendable {
    let operation: Operation
    let request: Request
    let context: APIContext
    let caller: Principal
    /// Of path, query and headers, as their schemas say.
    let parameters: [String: JSONValue]
    /// Null where the operation takes none.
    let body: JSONValue

    /// A text of the path or query that the operation requires.
    func text(_ name: String) -> String { parameters[name]?.stringValue ?? "" }

    func number(_ name: String) -> Int64? { parameters[name]?.integerValue }

    /// What follows the path of an operation that ends with `**`.
    var rest: String { context.parameters.getCatchAll().joined(separator: "/") }

    /// Where something new belongs: the caller's tenant; for operators, who belong to none, the one that they name in
    /// the header `x-bureau-tenant`, else the default one.
    var tenant: String {
        caller.tenant ?? request.headers[.bureauTenant] ?? CallOrigin.defaultTenant
    }

    /// Whose name a change carries. What a body says of it (`by`) counts only while the secure mode is off.
    var by: String {
        if caller.kind == .open, caller.name == "open", let by = body["by"]?.stringValue { return by }
        return caller.name
    }
}
