import Foundation
import Kernel
import TestSupport
import Testing

@Suite("Requests are read by the rules of HTTP", .timeLimit(.minutes(5)))
struct RequestTests {
    private static let ann = TestServer.Caller.user("ann", of: "acme")

    @Test("a cursor goes on where a page ended, for its own question alone")
    func cursors() async throws {
        let server = try await TestServer.start()
        var made: Set<String> = []
        for _ in 0..<5 { made.insert(try await server.run(Self.ann)) }
        _ = try await server.run(.user("eve", of: "umbrella"))
        var seen: [String] = [], cursor: String?
        repeat {
            let page = try await server.ask(
                Self.ann, "GET", "/jobs?limit=2" + (cursor.map { "&cursor=" + $0 } ?? "")
            ).json()
            seen += page["jobs"]?.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
            cursor = page["next_cursor"]?.stringValue
        } while cursor != nil
        #expect(seen.count == 5 && Set(seen) == made)
        let first = try await server.ask(Self.ann, "GET", "/jobs?limit=2").json()["next_cursor"]?.stringValue
        let good = try #require(first)
        #expect(try await server.ask(Self.ann, "GET", "/jobs?cursor=\(good)").status == 200)
        let eve = TestServer.Caller.user("eve", of: "umbrella")
        let flipped = String(good.dropLast()) + (good.hasSuffix("0") ? "1" : "0")
        for (caller, query) in [
            (eve, "/jobs?cursor=\(good)"), (Self.ann, "/jobs?cursor=\(flipped)"), (Self.ann, "/runs?cursor=\(good)"),
            (Self.ann, "/jobs?status=done&cursor=\(good)"), (Self.ann, "/jobs?cursor=17"),
        ] {
            let answer = try await server.ask(caller, "GET", query)
            #expect(answer.status == 400, "\(query): \(answer.status)")
        }
        for limit in ["-1", "0", "1000000000", "1e9", "x", "9223372036854775808"] {
            #expect(try await server.ask(Self.ann, "GET", "/jobs?limit=\(limit)").status == 400, "\(limit)")
        }
        try await server.stop()
    }

    @Test("a request under a key is done once, also after a restart, and another one under it is refused")
    func keys() async throws {
        var server = try await TestServer.start()
        let body: JSONValue = ["task": "echo", "parameters": ["n": 1]], path = "/agents/desk/execute"
        let key = ["Idempotency-Key": "order-17"]
        let first = try await server.ask(Self.ann, "POST", path, body, headers: key)
        let again = try await server.ask(Self.ann, "POST", path, body, headers: key)
        #expect(first.status == 202 && again.status == 202 && first.body == again.body)
        #expect(first.headers["location"] == again.headers["location"])
        #expect(first.headers["idempotency-replayed"] == nil && again.headers["idempotency-replayed"] == "true")
        let other = try await server.ask(
            Self.ann, "POST", path, ["task": "echo", "parameters": ["n": 2]], headers: key)
        #expect(try other.status == 409 && other.json()["code"] == "idempotency_key_reused")
        // Another caller's keys are other keys.
        let eve = TestServer.Caller.user("eve", of: "acme")
        #expect(try await server.ask(eve, "POST", path, body, headers: key).headers["idempotency-replayed"] == nil)
        // What was refused may be asked again under the same key.
        let wrong: JSONValue = ["task": "nothing"]
        let key2 = ["Idempotency-Key": "order-18"]
        #expect(try await server.ask(Self.ann, "POST", path, wrong, headers: key2).status == 404)
        #expect(try await server.ask(Self.ann, "POST", path, body, headers: key2).status == 202)
        #expect(try await server.ask(Self.ann, "POST", path, body, headers: ["Idempotency-Key": "a b"]).status == 400)
        // Many at once make one.
        let statuses = try await withThrowingTaskGroup(of: (Int, String?).self) { tasks in
            for _ in 0..<8 {
                tasks.addTask { [server] in
                    let answer = try await server.ask(
                        Self.ann, "POST", path, body, headers: ["Idempotency-Key": "order-19"])
                    return (answer.status, try answer.json()["job_id"]?.stringValue)
                }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { [202, 409].contains($0.0) })
        #expect(Set(statuses.compactMap(\.1)).count == 1)
        let folder = try await server.stop()
        server = try await TestServer.start(in: folder)
        let late = try await server.ask(Self.ann, "POST", path, body, headers: key)
        #expect(late.body == first.body && late.headers["idempotency-replayed"] == "true")
        try await server.stop()
    }

    @Test("a change for an older revision is refused, and what is known already is not sent again")
    func revisions() async throws {
        let server = try await TestServer.start()
        let root = TestServer.Caller.operatorOfAll
        let schedule: JSONValue = ["task": "desk/echo", "when": "@yearly"]
        #expect(try await server.ask(root, "PUT", "/schedules/s", schedule).status == 200)
        let shown = try await server.ask(root, "GET", "/schedules/s")
        let tag = try #require(shown.headers["etag"])
        let known = try await server.ask(root, "GET", "/schedules/s", headers: ["If-None-Match": tag])
        #expect(known.status == 304 && known.body.isEmpty && known.headers["etag"] == tag)
        let match = ["If-Match": tag]
        let other: JSONValue = ["task": "desk/echo", "when": "@monthly"]
        #expect(try await server.ask(root, "PUT", "/schedules/s", other, headers: match).status == 200)
        let stale = try await server.ask(root, "PUT", "/schedules/s", schedule, headers: match)
        #expect(stale.status == 412, "\(stale.status)")
        #expect(try await server.ask(root, "PUT", "/schedules/s", schedule, headers: ["If-Match": "x"]).status == 400)
        let agent: JSONValue = ["type": "desk", "name": "scout"]
        #expect(try await server.ask(root, "POST", "/agents/create", agent).status == 201)
        let version = ["If-Match": try #require(try await server.ask(root, "GET", "/agents/scout").headers["etag"])]
        let change: JSONValue = ["config": ["a": 1]]
        #expect(try await server.ask(root, "POST", "/agents/scout/configure", change, headers: version).status == 200)
        let second: JSONValue = ["config": ["a": 2]]
        #expect(try await server.ask(root, "POST", "/agents/scout/configure", second, headers: version).status == 412)
        try await server.stop()
    }

    @Test("a request has a name in its answer and in its problem; one that could break a log is not taken over")
    func names() async throws {
        let server = try await TestServer.start()
        let named = try await server.ask(Self.ann, "GET", "/jobs/x", headers: ["X-Request-ID": "abc-1.2:3_4"])
        #expect(try named.headers["x-request-id"] == "abc-1.2:3_4" && named.json()["request_id"] == "abc-1.2:3_4")
        for bad in ["a b", "{\"type\":\"admin\"}", String(repeating: "x", count: 129), "\u{202E}x"] {
            let answer = try await server.ask(Self.ann, "GET", "/jobs", headers: ["X-Request-ID": bad])
            let given = try #require(answer.headers["x-request-id"])
            #expect(given != bad && given.count == 36, "\(given)")
        }
        try await server.stop()
    }

    @Test("other methods, forms and wishes are told what there is")
    func forms() async throws {
        let server = try await TestServer.start()
        let list = try await server.ask(Self.ann, "OPTIONS", "/jobs")
        #expect(list.status == 204 && list.headers["allow"] == "GET, HEAD, OPTIONS")
        let head = try await server.ask(Self.ann, "HEAD", "/jobs")
        #expect(head.status == 200 && head.body.isEmpty)
        #expect(try await server.ask(.nobody, "HEAD", "/jobs").status == 401)
        for method in ["POST", "PUT", "DELETE", "PATCH", "TRACE"] {
            let answer = try await server.ask(Self.ann, method, "/jobs")
            #expect(answer.status == 405 && answer.headers["allow"] == "GET, HEAD, OPTIONS", "\(method)")
        }
        for path in ["/JOBS", "/nothing", "/jobs/..", "/jobs;x", "/v4/jobs", "/%6aobs%2f"] {
            #expect(try await server.ask(Self.ann, "GET", path).status == 404, "\(path)")
        }
        for header in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
            #expect(try await server.ask(Self.ann, "GET", "/jobs", headers: [header: "DELETE"]).status == 200)
        }
        let path = "/agents/desk/execute", body: JSONValue = ["task": "echo"]
        for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/jsonx"]
        {
            let answer = try await server.ask(Self.ann, "POST", path, body, headers: ["Content-Type": type])
            #expect(answer.status == 415, "\(type): \(answer.status)")
        }
        let packed = ["Content-Encoding": "gzip"]
        #expect(try await server.ask(Self.ann, "POST", path, body, headers: packed).status == 415)
        let charset = ["Content-Type": "application/json; charset=utf-8"]
        #expect(try await server.ask(Self.ann, "POST", path, body, headers: charset).status == 202)
        #expect(try await server.ask(Self.ann, "GET", "/jobs", headers: ["Accept": "image/png"]).status == 406)
        for accept in ["*/*", "application/*", "text/html, application/json;q=0.5"] {
            #expect(try await server.ask(Self.ann, "GET", "/jobs", headers: ["Accept": accept]).status == 200)
        }
        let csv = try await server.ask(Self.ann, "GET", "/costs", headers: ["Accept": "text/csv"])
        #expect(csv.headers["content-type"]?.hasPrefix("text/csv") == true)
        try await server.stop()
    }
}
