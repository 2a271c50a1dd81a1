/// What one WebSocket, and all of them, may take.
package struct SocketLimits: Hashable, Sendable {
    package var maximumSockets = 20_000
    /// Of one caller; operators of the machine itself (local, open) have no cap but the one above.
    package var maximumByCaller = 50
    package var maximumMessageBytes = 16 << 10
    package var maximumFragments = 64
    package var maximumSubscriptions = 64
    /// Messages, pings and fragments from the client.
    package var messages = CellRate(perMinute: 1_200, burst: 120)
    /// For a first message that says who it is, where the request did not.
    package var authenticationSeconds: Int64 = 5
    package var pingSeconds: Int64 = 30
    /// Without a word from the client, a pong included.
    package var silenceSeconds: Int64 = 75
    /// While the client takes nothing of what is sent.
    package var stalledSeconds: Int64 = 30
    /// What may wait for the client before events are dropped.
    package var queueBytes = 64 << 10
    /// How often it is asked whether the caller may still do what the socket does.
    package var recheckSeconds: Int64 = 60

    package init() {}
}
