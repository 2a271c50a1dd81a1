import Glibc
import Journal
package import Kernel
import Synchronization

/// The one way in while there is nobody: a word that the host prints at its start, good for one first administrator.
struct SetupLink: Sendable {
    var digest: Kernel.Digest?
    var until = Instant(unixMilliseconds: 0)
}

/// What lets the command line in: whoever can read the store's folder may do everything with the store anyway.
enum OperatorToken {
    static let prefix = "bureau_op_"
}

extension IdentityDesk {
    /// Nobody can sign in, in any tenant.
    package var hasNobody: Bool {
        directory.withLock { directory in !directory.accounts.values.contains { $0.kind == .user } }
    }

    /// A new word; the one before is good no more. Nil when there is somebody.
    package func makeSetupToken() -> String? {
        guard hasNobody else { return nil }
        let token = "bureau_setup_" + UnpaddedBase64.encode(RandomBytes.make(24))
        setup.withLock { link in
            link = SetupLink(
                digest: Kernel.Digest.sha256(token.utf8),
                until: clock().advanced(byMilliseconds: settings.setupMinutes * 60_000))
        }
        return token
    }

    /// Makes the first administrator, over all tenants, and the tenant that work belongs to when nobody says another.
    package func setUp(
        token: String, email: String, password: String, title: String, client: Client
    ) async throws(IdentityError) -> TokenAnswer {
        let now = clock(), digest = Kernel.Digest.sha256(token.utf8)
        // Taken while it is used, so that two at once make one; put back when nobody came of it.
        let taken = setup.withLock { link -> SetupLink? in
            // Of 192 random bits: no number of guesses finds it, and a bound would let anybody end the set-up.
            guard let known = link.digest, now < link.until, ConstantTime.isEqual(known.bytes, digest.bytes) else {
                return nil
            }
            defer { link = SetupLink() }
            return link
        }
        guard let taken, hasNobody else {
            throw IdentityError(.unauthenticated, "this word is over, or was used: restart the host for another")
        }
        let account: AccountRecord
        do {
            account = try await addFirst(email: email, password: password, title: title)
        } catch {
            setup.withLock { $0 = taken }
            throw error
        }
        return try await begin(account: account.id, methods: ["pwd"], client: client)
    }

    private func addFirst(
        email: String, password: String, title: String
    ) async throws(IdentityError) -> AccountRecord {
        let system = Principal.local(name: EmailAddress.normalised(email) ?? "setup")
        try await ensureTenant("default", by: system)
        return try await add(
            NewAccount(
                kind: .user, tenant: nil, name: email, title: title, roles: ["admin"], clearance: .restricted,
                password: password), by: system)
    }

    package func ensureTenant(_ name: String, by caller: Principal) async throws(IdentityError) {
        guard directory.withLock({ $0.tenants[name] }) == nil else { return }
        let record = TenantRecord(name: name, title: "", createdAt: clock(), createdBy: caller.name)
        try await changeShared { journal throws(JournalError) in try journal.tenantSet(record, by: caller.name) }
    }

    // MARK: The local operator

    /// Another for each start; only its owner may read the file.
    package func writeOperatorToken() throws(IdentityError) {
        // That of a host which was killed: somebody else may listen there by now.
        unlink(files.operatorAddress)
        let token = OperatorToken.prefix + UnpaddedBase64.encode(RandomBytes.make(32))
        try SecretFile.replace(files.operatorToken, with: Array((token + "\n").utf8))
        operatorToken.withLock { $0 = Kernel.Digest.sha256(token.utf8).bytes }
    }

    /// Where the token is good, once the host listens.
    package func writeOperatorAddress(_ address: String) throws(IdentityError) {
        try SecretFile.replace(files.operatorAddress, with: Array((address + "\n").utf8))
    }

    func removeOperatorToken() {
        let had = operatorToken.withLock { token in
            defer { token = nil }
            return token != nil
        }
        guard had else { return }
        unlink(files.operatorAddress)
        unlink(files.operatorToken)
    }

    /// Nil for a wrong token, and from anywhere but this machine.
    func operatorName(_ text: String, _ shown: ShownCredentials) -> String? {
        guard Self.isLoopback(shown.client.address),
            let known = operatorToken.withLock({ $0 }),
            ConstantTime.isEqual(known, Kernel.Digest.sha256(text.utf8).bytes)
        else { return nil }
        let name = shown.claimedName ?? "operator"
        return name.utf8.count <= 200 ? name : "operator"
    }

    package static func isLoopback(_ address: String) -> Bool {
        guard let bytes = IPAddress(address)?.bytes else { return false }
        if bytes.count == 4 { return bytes[0] == 127 }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]
        return bytes == [UInt8](repeating: 0, count: 15) + [1] || (bytes.prefix(12) == mapped[...] && bytes[12] == 127)
    }
}
