import Crypto
import Foundation
import Identity
import Journal
import Kernel
import Synchronization
import TestSupport

final class DeskClock: Sendable {
    private let milliseconds = Mutex<Int64>(1_800_000_000_000)
    var now: Instant { Instant(unixMilliseconds: milliseconds.withLock { $0 }) }
    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1_000 } }
}

/// A desk over a store of its own, with a clock that moves when told, and people in two tenants.
struct DeskFixture {
    static let password = "a quiet harbour at dusk"
    static let operatorCaller = Principal.local(name: "root")

    let folder: Scratch
    let clock: DeskClock
    let journal: SQLiteJournal
    let desk: IdentityDesk

    static var settings: IdentitySettings {
        var settings = IdentitySettings()
        settings.bcryptCost = 4
        return settings
    }

    init(
        folder: Scratch? = nil, clock: DeskClock = DeskClock(), settings: IdentitySettings = Self.settings
    ) async throws {
        let scratch = try folder ?? Scratch()
        self.folder = scratch
        self.clock = clock
        journal = try await SQLiteJournal.open(
            folder: scratch.folder("store"), clock: { clock.now }, hostID: "test")
        do {
            desk = try await IdentityDesk.open(
                journal: journal, files: IdentityFiles(storeFolder: scratch.folder("store")), settings: settings,
                clock: { clock.now }, by: "test")
        } catch {
            await journal.close()
            throw error
        }
    }

    /// With ada (developer) and bob (admin) in acme, eve (admin) in other.
    static func populated(settings: IdentitySettings = Self.settings) async throws -> DeskFixture {
        let fixture = try await DeskFixture(settings: settings)
        for tenant in ["acme", "other"] { try await fixture.desk.ensureTenant(tenant, by: operatorCaller) }
        _ = try await fixture.add("ada@example.org", ["developer"])
        _ = try await fixture.add("bob@example.org", ["admin"])
        _ = try await fixture.add("eve@example.org", ["admin"], tenant: "other")
        return fixture
    }

    func reopened(settings: IdentitySettings = Self.settings) async throws -> DeskFixture {
        await desk.close()
        await journal.close()
        return try await DeskFixture(folder: folder, clock: clock, settings: settings)
    }

    @discardableResult
    func add(
        _ name: String, _ roles: [String], tenant: String? = "acme", by: Principal = operatorCaller
    ) async throws -> AccountRecord {
        try await desk.add(
            NewAccount(kind: .user, tenant: tenant, name: name, roles: roles, password: Self.password), by: by)
    }

    static let client = Client(address: "192.0.2.7", userAgent: "tester/1")

    func signIn(
        _ name: String, _ password: String = DeskFixture.password, client: Client = DeskFixture.client
    ) async throws -> TokenAnswer {
        guard case .signedIn(let answer) = try await desk.signIn(email: name, password: password, client: client) else {
            throw Failure(.invalid, "a second factor was asked for")
        }
        return answer
    }

    func caller(
        bearer: String? = nil, key: String? = nil, client: Client = DeskFixture.client
    ) async throws -> Principal {
        try await desk.principal(
            of: ShownCredentials(bearer: bearer, key: key, claimedName: nil, client: client))
    }

    func isRefused(bearer: String, client: Client = DeskFixture.client) async -> Bool {
        (try? await caller(bearer: bearer, client: client)) == nil
    }

    func account(_ name: String) async throws -> AccountRecord {
        try await desk.user(named: name, seenBy: Self.operatorCaller)
    }

    func leafTypes() async throws -> [String] {
        try await journal.read { journal throws(JournalError) in try journal.auditLeaves(from: 0, limit: 100_000) }
            .map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    func mismatches() async throws -> [AuditMismatch] {
        try await journal.read { journal throws(JournalError) in try journal.auditMismatches() }
    }

    /// The key that signs, from its file: what an attacker does not have.
    func seed() throws -> (id: String, seed: [UInt8]) {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.folder("store.token-keys")))
        let keys = try JSONParser.parse(Array(bytes))["keys"]?.arrayValue ?? []
        guard let last = keys.last, let id = last["kid"]?.stringValue,
            let seed = last["seed"]?.stringValue.flatMap(Hex.decode)
        else { throw Failure(.io, "no key") }
        return (id, seed)
    }

    /// A token with any header and claims, signed by the host's own key: only its content is wrong.
    func forge(header: String? = nil, claims: String) throws -> String {
        let (id, seed) = try seed()
        let header = header ?? #"{"alg":"EdDSA","kid":"\#(id)","typ":"at+jwt"}"#
        let signed = (header.replacingOccurrences(of: "KID", with: id)).base64URL + "." + claims.base64URL
        let key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        return signed + "." + UnpaddedBase64.encode(Array(try key.signature(for: Data(signed.utf8))))
    }
}

extension String {
    var base64URL: String { UnpaddedBase64.encode(Array(utf8)) }
}

/// The code of what `body` throws; nil when it does not.
func refusal<Value>(_ body: () async throws -> Value) async -> IdentityError.Code? {
    do {
        _ = try await body()
        return nil
    } catch let error as IdentityError {
        return error.code
    } catch {
        return .storage
    }
}
