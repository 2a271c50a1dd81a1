import Foundation
import Kernel
import Synchronization

/// Where passwords are hashed: two at once, on threads of their own, and a short queue before them. What does not fit
/// is refused at once, so that a flood of sign-ins takes neither the processors nor memory.
package final class PasswordDesk: Sendable {
    package static let width = 2
    package static let maximumWaiting = 64

    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    package let cost: Int
    /// What is compared with where nobody has the name: the same work, and never right.
    private let dummy: String

    /// Nil when libcrypt cannot make such a hash.
    package init?(cost: Int) {
        let unknown = Base64.encode(RandomBytes.make(24))
        guard let dummy = Bcrypt.hash(unknown, cost: cost) else { return nil }
        self.cost = cost
        self.dummy = dummy
    }

    /// - Parameter hash: nil where there is none.
    package func verify(_ password: String, _ hash: String?) async throws(IdentityError) -> Bool {
        let hash = hash ?? dummy
        let isRight = try await run { Bcrypt.verify(password, hash) ? "right" : nil } != nil
        return isRight && hash != dummy
    }

    package func hash(_ password: String) async throws(IdentityError) -> String {
        let cost = cost
        guard let hash = try await run({ Bcrypt.hash(password, cost: cost) }) else {
            throw IdentityError(.storage, "libcrypt does not hash with cost \(cost)")
        }
        return hash
    }

    private func run(_ work: @escaping @Sendable () -> String?) async throws(IdentityError) -> String? {
        guard await enter() else {
            throw IdentityError(.busy, "too many sign-ins at once; try again in a moment")
        }
        defer { leave() }
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                Thread.current.name = "password"
                continuation.resume(returning: work())
            }
        }
    }

    /// False when the queue is full.
    private func enter() async -> Bool {
        enum Place { case now, later, never }
        let place = state.withLock { state -> Place in
            if state.running < Self.width {
                state.running += 1
                return .now
            }
            return state.waiting.count < Self.maximumWaiting ? .later : .never
        }
        switch place {
        case .now: return true
        case .never: return false
        case .later:
            await withCheckedContinuation { continuation in
                let mayGo = state.withLock { state -> Bool in
                    // Somebody may have left meanwhile.
                    if state.running < Self.width {
                        state.running += 1
                        return true
                    }
                    state.waiting.append(continuation)
                    return false
                }
                if mayGo { continuation.resume() }
            }
            return true
        }
    }

    /// The place goes to the one who waits longest.
    private func leave() {
        let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
