package import Kernel

/// Somebody who has an account, as far as this folder knows accounts.
package struct AccountMark: Hashable, Sendable {
    /// Opaque and stable.
    package var id: String
    package var tenant: String
    /// For people: the name or address.
    package var name: String

    package init(id: String, tenant: String, name: String) {
        self.id = id
        self.tenant = tenant
        self.name = name
    }
}

/// What second factors and federation need of accounts and sessions. Answers with tokens are given to the client as
/// they are.
package protocol AccountSessions: Sendable {
    /// Whose token this is: one of typ `mfa`, given out when the first factor was right. `.wrong` for any other.
    func pending(_ token: String) async throws(ProofError) -> (account: AccountMark, methods: Set<String>)
    /// Gives out such a token: the first factor was right, and the account has second ones.
    func pend(_ account: AccountMark, methods: Set<String>) async throws(ProofError) -> JSONValue
    /// All that is needed was proved.
    func begin(
        _ account: AccountMark, methods: Set<String>, client: Client
    ) async throws(ProofError) -> JSONValue
    /// The person of a session proved anew to be there, just now.
    func renew(
        session: String, account: String, methods: Set<String>, client: Client
    ) async throws(ProofError) -> JSONValue
    func isPassword(_ password: String, of account: String, client: Client) async throws(ProofError) -> Bool
    /// Nil where nobody has it, or may not sign in.
    func account(_ id: String) async throws(ProofError) -> AccountMark?
    func account(email: String, tenant: String) async throws(ProofError) -> AccountMark?
    /// Without a password.
    func create(email: String, tenant: String, roles: [String], by: String) async throws(ProofError) -> AccountMark
    /// Those that an identity provider gives, in place of those that it gave before.
    func setRoles(_ roles: [String], of account: String, by: String) async throws(ProofError)
    /// `.forbidden` where the account may do what the caller may not: nobody gets hold of more than they have.
    func requireRights(over account: String, by caller: Principal) async throws(ProofError)
    func endSessions(of account: String, by: String) async throws(ProofError)
}
