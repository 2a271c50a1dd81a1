import Engine
import HTTPTypes
import Hummingbird
import Kernel

/// What stands in headers beside the protocols: who pays, and what it cost.
enum CallHeaders {
    static let trailers = "x-bureau-cost-nanodollars, x-bureau-budget-left-nanodollars"

    /// The caller's tenant pays, and the caller beside it. The client's key is this host's, and goes nowhere else.
    static func origin(of call: APICall) throws -> CallOrigin {
        let headers = call.request.headers
        let user = call.caller.kind == .open ? headers[.bureauUser] : try call.user(headers[.bureauUser])
        if let department = headers[.bureauDepartment], call.caller.tenant != nil {
            do { try call.requireMayRun(department) } catch {
                throw CallProblem(
                    .forbidden, "forbidden", "x-bureau-department: you may not run \(department.prefix(80))")
            }
        }
        do throws(Failure) {
            return try CallOrigin(
                tenant: call.tenant, department: headers[.bureauDepartment] ?? CallOrigin.defaultDepartment,
                user: user)
        } catch {
            throw CallProblem(.badRequest, "invalid_header", error.message)
        }
    }

    static func add<Dialect: ModelDialect>(_ id: RunID, for: Dialect.Type, to headers: inout HTTPFields) {
        headers[.bureauCall] = id.description
        if let name = HTTPField.Name(Dialect.requestIDHeader) { headers[name] = id.description }
    }

    static func cache(isHit: Bool) -> String { isHit ? "hit" : "miss" }

    static func cost(_ receipt: CallReceipt) -> HTTPFields {
        var fields: HTTPFields = [.bureauCost: String(receipt.usage.cost.value)]
        if let left = receipt.budgetLeft { fields[.bureauBudgetLeft] = String(left.value) }
        return fields
    }
}

extension HTTPField.Name {
    static let bureauTenant = constant("x-bureau-tenant")
    static let bureauDepartment = constant("x-bureau-department")
    static let bureauUser = constant("x-bureau-user")
    /// `hit` or `miss`.
    static let bureauCache = constant("x-bureau-cache")
    static let bureauCall = constant("x-bureau-call-id")
    static let bureauCost = constant("x-bureau-cost-nanodollars")
    static let bureauBudgetLeft = constant("x-bureau-budget-left-nanodollars")
    /// OpenAI's and Anthropic's clients obey it.
    static let shouldRetry = constant("x-should-retry")

    private static func constant(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header's name") }
        return name
    }
}
