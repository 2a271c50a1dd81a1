import Synchronization

/// How many connections there are, together and from each address.
package final class ConnectionTable: Sendable {
    private struct State {
        var total = 0
        var byAddress: [String: Int] = [:]
    }

    private let maximum: Int
    private let maximumByAddress: Int
    private let state = Mutex(State())

    package init(maximum: Int, maximumByAddress: Int) {
        self.maximum = maximum
        self.maximumByAddress = maximumByAddress
    }

    /// - Parameter isProxy: many clients come from a proxy, so that only all connections together are limited.
    /// - Returns: false: there are too many; else ``leave(_:)`` says when this one is gone.
    package func enter(_ address: ClientAddress, isProxy: Bool) -> Bool {
        state.withLock { state in
            let key = address.limitKey
            guard state.total < maximum, isProxy || state.byAddress[key, default: 0] < maximumByAddress else {
                return false
            }
            state.total += 1
            state.byAddress[key, default: 0] += 1
            return true
        }
    }

    package func leave(_ address: ClientAddress) {
        state.withLock { state in
            state.total -= 1
            let rest = state.byAddress[address.limitKey, default: 1] - 1
            state.byAddress[address.limitKey] = rest > 0 ? rest : nil
        }
    }

    package var count: Int { state.withLock { $0.total } }
}
