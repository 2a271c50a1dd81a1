package import Journal
package import Kernel

/// Keys of authenticators (W3C Web Authentication).
extension FactorDesk {
    /// What `navigator.credentials.create` is given (`parseCreationOptionsFromJSON`).
    package func beginKey(_ account: AccountMark) async throws(ProofError) -> JSONValue {
        let party = try party()
        let known = try await factors(of: account.id).compactMap(\.credential)
        return [
            "challenge": .string(newChallenge(for: account.id)),
            "rp": ["id": .string(party.id), "name": .string(settings.issuer)],
            "user": [
                "id": .string(UnpaddedBase64.encode(Self.handle(of: account.id))), "name": .string(account.name),
                "displayName": .string(account.name),
            ],
            "pubKeyCredParams": .array(
                [SignatureKey.Algorithm.es256, .eddsa, .rs256].filter(party.algorithms.contains).map {
                    ["type": "public-key", "alg": .integer($0.coseNumber)]
                }),
            "excludeCredentials": .array(known.map(Self.descriptor)), "attestation": "none",
            "authenticatorSelection": [
                "residentKey": "discouraged", "userVerification": .string(Self.verification(party)),
            ],
            "timeout": .integer(Self.challengeMilliseconds),
        ]
    }

    package func addKey(
        _ account: AccountMark, label: String, answer: JSONValue
    ) async throws(ProofError) -> FactorRecord {
        let party = try party()
        let credential: WebAuthnCredential
        do throws(WebAuthnRefusal) {
            let answer = try WebAuthnAnswer(json: answer)
            credential = try party.register(answer, challenge: try challenge(of: answer, for: account.id))
        } catch {
            throw try ProofError(ProofOutcome.refused(error))
        }
        var factor = newFactor(.webauthn, account, label)
        factor.confirmedAt = factor.createdAt
        factor.credential = credential.id
        factor.publicKey = credential.publicKey
        factor.counter = Int64(credential.counter)
        factor.canBeBackedUp = credential.canBeBackedUp
        try await add(factor, by: account.name)
        return factor
    }

    /// What `navigator.credentials.get` is given (`parseRequestOptionsFromJSON`).
    package func askKey(of account: String) async throws(ProofError) -> JSONValue {
        let party = try party()
        let known = try await factors(of: account).compactMap(\.credential)
        guard !known.isEmpty else { throw ProofError(.conflict, "the account has no key of an authenticator") }
        return [
            "challenge": .string(newChallenge(for: account)), "rpId": .string(party.id),
            "allowCredentials": .array(known.map(Self.descriptor)),
            "userVerification": .string(Self.verification(party)), "timeout": .integer(Self.challengeMilliseconds),
        ]
    }

    func tryKey(_ answer: WebAuthnAnswer, _ account: String) async throws(ProofError) -> ProofOutcome {
        let party = try party()
        let asked = try? challenge(of: answer, for: account)
        return try await tried(account) { journal, _ throws(JournalError) in
            guard let asked else { return .refused(.challenge) }
            guard let factor = try journal.factor(credential: answer.id), factor.account == account,
                let publicKey = factor.publicKey
            else { return .refused(.credential) }
            let credential = WebAuthnCredential(
                id: answer.id, publicKey: publicKey, counter: UInt32(clamping: factor.counter ?? 0),
                canBeBackedUp: factor.canBeBackedUp)
            switch Self.judged(answer, by: credential, party, account, asked) {
            case .success(let current):
                try journal.factorUse(factor.id, counter: Int64(current.counter), secret: nil)
                return .right(.hardwareKey)
            case .failure(let refusal): return .refused(refusal)
            }
        }
    }

    private static func judged(
        _ answer: WebAuthnAnswer, by credential: WebAuthnCredential, _ party: RelyingParty, _ account: String,
        _ challenge: [UInt8]
    ) -> Result<WebAuthnCredential, WebAuthnRefusal> {
        Result { () throws(WebAuthnRefusal) in
            try party.assert(answer, by: credential, account: handle(of: account), challenge: challenge)
        }
    }

    // MARK: Parts

    /// What authenticators keep of an account: opaque, and no name.
    private static func handle(of account: String) -> [UInt8] {
        Digest.sha256("bureau.account/1 \(account)".utf8).bytes
    }

    private static func descriptor(_ id: [UInt8]) -> JSONValue {
        ["type": "public-key", "id": .string(UnpaddedBase64.encode(id))]
    }

    private static func verification(_ party: RelyingParty) -> String {
        party.requiresVerification ? "required" : "preferred"
    }

    private func party() throws(ProofError) -> RelyingParty {
        guard let party = settings.party else {
            throw ProofError(
                .unavailable,
                "keys of authenticators need the address at which people find this host: server.public_url")
        }
        return party
    }

    private func newChallenge(for account: String) -> String {
        let challenge = UnpaddedBase64.encode(settings.random(RelyingParty.challengeBytes))
        challenges.keep(account, under: challenge, at: settings.clock())
        return challenge
    }

    /// The one that the answer is to; it is over with that, whatever comes of it.
    private func challenge(of answer: WebAuthnAnswer, for account: String) throws(WebAuthnRefusal) -> [UInt8] {
        guard let data = try? JSONParser.parse(answer.clientData) else { throw .malformed }
        guard let text = data["challenge"]?.stringValue, challenges.take(text, at: settings.clock()) == account,
            let challenge = UnpaddedBase64.decode(text)
        else { throw .challenge }
        return challenge
    }
}

extension ProofError {
    fileprivate init(_ outcome: ProofOutcome) throws(ProofError) {
        _ = try outcome.method()
        self.init(.wrong, "not taken")
    }
}
