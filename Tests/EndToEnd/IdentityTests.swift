import Foundation
import Kernel
import TestSupport
import Testing

@Suite("A host is closed unless somebody opens it")
struct IdentityTests {
    private static let password = "a quiet harbour at dusk"

    private func serve(_ command: Command, _ options: String...) throws -> Served {
        try Served(
            command,
            starting: [
                "serve", "--port", "0", "--json", "--drain-seconds", "1", "--plugins", try CompiledPlugin.desk.get(),
            ]
                + options)
    }

    private func json(_ served: Served, _ method: String, _ path: String, _ body: String, _ token: String? = nil)
        throws -> Served.Response
    {
        try served.curl(
            ["-X", method, "-H", "Content-Type: application/json", "--data-binary", body]
                + (token.map { ["-H", "Authorization: Bearer \($0)"] } ?? []) + [served.address + path])
    }

    /// The word that the host prints while there is nobody.
    private func setupToken(_ served: Served) throws -> String {
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while Date() < end {
            let errors = served.started.errorsSoFar
            if let match = errors.firstMatch(of: #/bureau_setup_[A-Za-z0-9_-]+/#) { return String(match.output) }
            usleep(10_000)
        }
        throw Failure(.deadline, "no setup token")
    }

    @Test("from the first start to an administrator: nothing without a token, then everything by one's role")
    func firstStart() throws {
        let command = try Command(), served = try serve(command)
        for path in ["/status", "/departments", "/users", "/auth/me", "/keys", "/jobs", "/events"] {
            #expect(try served.get(path).status == 401, "\(path)")
        }
        for path in ["/health", "/readyz", "/.well-known/jwks.json"] { #expect(try served.get(path).status == 200) }
        let token = try setupToken(served)
        let body = #"{"token": "\#(token)", "email": "Root@Example.org", "password": "\#(Self.password)"}"#
        #expect(
            try json(served, "POST", "/auth/setup", body.replacingOccurrences(of: "bureau_setup_", with: "x")).status
                == 401)
        let made = try json(served, "POST", "/auth/setup", body)
        #expect(made.status == 201)
        #expect(try json(served, "POST", "/auth/setup", body).status == 401)
        let root = try #require(try made.json()["access_token"]?.stringValue)
        #expect(try served.get("/status", "Authorization: Bearer \(root)").status == 200)
        // As the seeds write it.
        let form = try served.curl([
            "-d", "email=root@example.org", "--data-urlencode", "password=\(Self.password)",
            served.address + "/auth/login",
        ])
        #expect(form.status == 200)
        let answer = try form.json()
        #expect(answer["token_type"] == "bearer" && answer["expires_in"] == 600)
        let again = try json(
            served, "POST", "/auth/refresh", #"{"refresh_token": "\#(answer["refresh_token"]?.stringValue ?? "")"}"#,
            "an.expired.token")
        #expect(again.status == 200)
        let wrong = try served.curl([
            "-d", "email=root@example.org", "-d", "password=nothing", served.address + "/auth/login",
        ])
        let nobody = try served.curl([
            "-d", "email=nobody@example.org", "-d", "password=nothing", served.address + "/auth/login",
        ])
        #expect(wrong.status == 401 && nobody.status == 401)
        // The same in all but the request's own number.
        var answers = try [wrong, nobody].map { try $0.json().objectValue ?? [:] }
        for index in answers.indices { answers[index]["request_id"] = nil }
        #expect(answers[0] == answers[1] && !answers[0].isEmpty, "\(wrong.body) \(nobody.body)")
        #expect(served.stop() == 0)
        #expect(try command("audit", "verify").status == 0)
        let log = try command.run(["audit", "search", "--json"]).output
        #expect(!log.contains(Self.password) && !log.contains(root))
    }

    @Test("users, services, keys and tokens over the API: made, used, narrowed, revoked; extra members are refused")
    func administration() throws {
        let command = try Command(), served = try serve(command)
        let setup = try json(
            served, "POST", "/auth/setup",
            #"{"token": "\#(try setupToken(served))", "email": "root@example.org", "password": "\#(Self.password)"}"#)
        let root = try #require(try setup.json()["access_token"]?.stringValue)
        let mass = #"{"email": "a@example.org", "roles": ["user"], "version": 9}"#
        #expect(try json(served, "POST", "/users", mass, root).status == 422)
        let add = #"{"email": "ada@example.org", "roles": ["developer"], "password": "\#(Self.password)"}"#
        let user = try json(served, "POST", "/users", add, root)
        #expect(user.status == 201 && !user.body.contains("$2b$"))
        let id = try #require(try user.json()["id"]?.stringValue)
        #expect(try json(served, "POST", "/users", add, root).status == 409)
        let login =
            #"{"email": "ada@example.org", "password": "\#(Self.password)", "new_password": "chosen by herself"}"#
        let early = #"{"email": "ada@example.org", "password": "\#(Self.password)"}"#
        #expect(try json(served, "POST", "/auth/login", early).status == 403)
        let ada = try #require(try json(served, "POST", "/auth/login", login).json()["access_token"]?.stringValue)
        #expect(try served.get("/users", "Authorization: Bearer \(ada)").status == 403)
        #expect(try served.get("/departments", "Authorization: Bearer \(ada)").status == 200)
        let key = try json(served, "POST", "/keys", #"{"title": "ci", "scopes": ["agents.read"]}"#, ada)
        #expect(key.status == 201)
        let text = try #require(try key.json()["key"]?.stringValue),
            keyID = try #require(try key.json()["id"]?.stringValue)
        #expect(try served.get("/departments", "X-API-Key: \(text)").status == 403)
        #expect(try served.get("/auth/me", "X-API-Key: \(text)").json()["scopes"] == ["agents.read"])
        #expect(try json(served, "POST", "/keys", #"{"scopes": ["users.write"]}"#, ada).status == 403)
        #expect(try json(served, "DELETE", "/keys/\(keyID)", "", ada).status == 200)
        #expect(try served.get("/auth/me", "X-API-Key: \(text)").status == 401)
        let role = try json(served, "PATCH", "/users/\(id)", #"{"roles": ["user"]}"#, root)
        #expect(role.status == 200)
        #expect(try served.get("/auth/me", "Authorization: Bearer \(ada)").status == 401)
        #expect(try json(served, "PUT", "/roles/admin", #"{"scopes": []}"#, root).status == 422)
        #expect(try json(served, "PUT", "/tenants/acme", #"{"title": "Acme"}"#, root).status == 200)
        #expect(try json(served, "GET", "/users/00000000-0000-7000-8000-000000000000", "", root).status == 404)
        #expect(try json(served, "POST", "/auth/keys/rotate", #"{"immediate": true}"#, root).status == 200)
        #expect(try served.get("/auth/me", "Authorization: Bearer \(root)").status == 401)
        #expect(served.stop() == 0)
        #expect(try command("audit", "verify").status == 0)
    }

    @Test("the command line makes users, tokens and keys while no host serves, and the next host takes them")
    func commandLine() throws {
        let command = try Command()
        let add = try command.run(
            ["users", "add", "admin@example.com", "--role", "admin", "--operator", "--json"],
            input: Self.password + "\n")
        #expect(add.status == 0, "\(add.errors)")
        let weak = try command.run(["users", "add", "b@example.com"], input: "password1234\n")
        #expect(weak.status == 3)
        #expect(try command("teams", "add", "red").status == 0)
        #expect(
            try command("roles", "add", "reporter", "--scopes", "read:reports", "--based-on", "analyst").status == 0)
        let minted = try command.run(
            ["token", "mint", "admin@example.com", "--scopes", "admin.*,life.read,departments.read", "--expires", "1h"])
        #expect(minted.status == 0, "\(minted.errors)")
        let key = try command.run(["api-keys", "create", "robot", "--role", "developer"])
        #expect(key.status == 0, "\(key.errors)")
        #expect(try command("secret", "gen").output.count == 65)
        let served = try serve(command)
        let token = minted.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try served.get("/departments", "Authorization: Bearer \(token)").status == 200)
        #expect(try served.get("/status", "Authorization: Bearer \(token)").status == 403)
        let robot = key.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try served.get("/departments", "X-API-Key: \(robot)").status == 200)
        let path = command.store + "/operator-token"
        let local = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        let me = try served.get("/auth/me", "Authorization: Bearer \(local)", "x-bureau-user: ana").json()
        #expect(me["kind"] == "local" && me["name"] == "ana")
        #expect(!served.started.errorsSoFar.contains("bureau_setup_"))
        #expect(served.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(try command("token", "keys", "rotate", "--immediate").status == 0)
        let next = try serve(command)
        #expect(try next.get("/departments", "Authorization: Bearer \(token)").status == 401)
        #expect(next.stop() == 0)
        // A lost password: the old one fails, the new one works once.
        let reset = try command.run(["users", "reset-password", "admin@example.com"])
        #expect(reset.status == 0)
        #expect(try command("audit", "verify").status == 0)
    }

    private static let listener = """
        import http.server
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                print("asked", self.headers.get("Authorization"), flush=True)
                self.send_response(401)
                self.send_header("Content-Length", "0")
                self.end_headers()
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        print("port %d" % server.server_port, flush=True)
        server.serve_forever()
        """

    @Test("the operator's token is shown to the host that serves, and to nobody who listens elsewhere")
    func operatorToken() throws {
        let command = try Command(), served = try serve(command)
        let known = try command.run(["runs", "--address", served.address])
        #expect(known.status == 0, "\(known.errors)")
        let other = try command.start(["python3", "-c", Self.listener], program: "/usr/bin/env")
        let port = try other.line(with: "port ").dropFirst("port ".count)
        for host in ["127.0.0.1:\(port)", "localhost:\(port)"] {
            #expect(try command.run(["runs", "--address", "http://\(host)"]).status != 0)
        }
        #expect(try other.line(with: "asked ") == "asked None")
        other.process.terminate()
        #expect(other.process.waitUntilExit(upTo: Command.limitSeconds))
        #expect(!other.result.output.contains("bureau_op_"))
        // Nor over plain HTTP to what only begins like an address of this machine.
        for host in ["127.0.0.1.example.invalid", "localhost:1@example.invalid", "127.1.2"] {
            let login = try command.run(
                ["login", "http://\(host)", "--email", "a@b", "--password-stdin"], input: "x\n")
            #expect(login.status == 2 && login.errors.contains("TLS"), "\(host): \(login.errors)")
        }
        #expect(served.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: command.store + "/operator-address"))
    }

    @Test("off only on loopback, loudly, and visible in the status")
    func secureModeOff() throws {
        let command = try Command()
        for options in [["--host", "0.0.0.0", "--secure-mode", "off"], ["--host", "::", "--secure-mode", "off"]] {
            let refused = try command.run(["serve", "--port", "0"] + options)
            #expect(refused.status == 2 && refused.errors.contains("loopback"))
        }
        let byName = try command.run(
            ["serve", "--port", "0", "--host", "0.0.0.0"], environment: ["BUREAU_SECURE_MODE": "off"])
        #expect(byName.status == 2)
        let served = try serve(command, "--secure-mode", "off")
        #expect(try served.get("/status").json()["secure_mode"] == "off")
        #expect(served.started.errorsSoFar.contains("SECURE MODE IS OFF"))
        #expect(served.stop() == 0)
        let weak = try command.run(["serve", "--port", "0"], environment: ["JWT_SECRET": "short"])
        #expect(weak.status == 3 && weak.errors.contains("JWT_SECRET"))
    }
}
