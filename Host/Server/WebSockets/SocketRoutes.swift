import HTTPTypes
import Hummingbird
import Kernel

/// What plain requests say and see of the sockets.
struct SocketRoutes: Sendable {
    let hub: SocketHub

    func add(to api: APIRouter) {
        for (id, path, summary) in [
            ("sockets.open", "/ws", "Opens a WebSocket for events of channels"),
            ("sockets.system", "/ws/system", "Opens a WebSocket for the host's metrics, each second"),
        ] {
            api.add(
                Operation(
                    id, .get, path, summary, tag: "Sockets", access: .open,
                    answers: [.init(status: 101, summary: "From here on, WebSocket", schema: nil, mediaType: nil)])
            ) { _ in
                var problem = Problem(
                    .init(code: 426, reasonPhrase: "Upgrade Required"), "upgrade_required",
                    "this is a WebSocket: it is opened by the first request of a connection, with Upgrade: websocket")
                problem.headers = [.upgrade: "websocket", .connection: "close"]
                throw problem
            }
        }
        api.add(
            Operation(
                "sockets.stats", .get, "/ws/stats", "Sockets, subscriptions, rates, lag and what was dropped",
                tag: "Sockets", access: .needs(.system, .read),
                answers: [.ok("The numbers since the host began", Self.statsSchema)]
            ).forOperators()
        ) { _ in Response.json(await stats()) }
        api.add(
            Operation(
                "sockets.client", .get, "/static/bureau-socket.js", "A client for browsers, as a module",
                tag: "Sockets", access: .open,
                answers: [.init(status: 200, summary: "JavaScript", schema: nil, mediaType: "text/javascript")])
        ) { _ in
            Response(
                status: .ok, headers: [.contentType: "text/javascript; charset=utf-8", .cacheControl: "no-cache"],
                body: .init(byteBuffer: .init(bytes: PackageResources.bureau_socket_js)))
        }
    }

    private static let number: JSONValue = ["type": "integer"]
    private static let statsSchema: JSONValue = [
        "type": "object",
        "required": ["sockets", "callers", "subscriptions", "channels", "position", "lag_milliseconds"],
        "properties": [
            "sockets": number, "callers": number, "position": number, "lag_milliseconds": number,
            "worst_lag_milliseconds": number, "slow_closed": number, "silent_closed": number,
            "messages_received": number, "authentication_failures": number, "refused": number,
            "subscriptions": ["type": "object", "additionalProperties": number],
            "channels": [
                "type": "object",
                "additionalProperties": ["type": "object", "properties": ["sent": number, "dropped": number]],
            ],
        ],
    ]

    private func stats() async -> JSONValue {
        let snapshot = await hub.snapshot()
        func sum(_ value: (SocketShard.Statistics) -> Int64) -> JSONValue {
            .integer(snapshot.shards.reduce(0) { $0 + value($1) })
        }
        var subscriptions: [String: JSONValue] = [:], channels: [String: JSONValue] = [:]
        for family in SocketChannel.Family.allCases {
            subscriptions[family.rawValue] = sum { Int64($0.subscriptions[family] ?? 0) }
            channels[family.rawValue] = [
                "sent": sum { $0.counts[family]?.sent ?? 0 }, "dropped": sum { $0.counts[family]?.dropped ?? 0 },
            ]
        }
        return [
            "sockets": sum { Int64($0.sockets) }, "callers": .integer(Int64(snapshot.callers)),
            "subscriptions": .object(subscriptions), "channels": .object(channels),
            "position": .integer(snapshot.position),
            "lag_milliseconds": .integer(snapshot.shards.map(\.lagMilliseconds).max() ?? 0),
            "worst_lag_milliseconds": .integer(snapshot.shards.map(\.worstLagMilliseconds).max() ?? 0),
            "slow_closed": sum(\.slowClosed), "silent_closed": sum(\.silentClosed),
            "messages_received": sum(\.messages),
            "authentication_failures": .integer(snapshot.authenticationFailures),
            "refused": .integer(snapshot.refused),
        ]
    }
}
