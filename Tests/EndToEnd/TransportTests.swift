import Foundation
import Kernel
import TestSupport
import Testing

@Suite("TLS, HTTP/2, restarts and proxies, by the real command and clients of others", .timeLimit(.minutes(5)))
struct TransportTests {
    private static let echo = #"{"task":"echo","parameters":{"text":"hello","count":1}}"#

    /// A certificate that signs itself.
    private struct Certificate {
        let path: String
        let key: String
        let serial: String

        init(_ scratch: Scratch, _ command: Command) throws {
            let name = UUID().uuidString
            (path, key) = (scratch.folder(name + ".pem"), scratch.folder(name + ".key"))
            let made = try command.run(
                [
                    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-out", path, "-keyout", key,
                ], program: "/usr/bin/env")
            guard made.status == 0 else { throw Failure(.internal, made.errors) }
            let shown = try command.run(
                ["openssl", "x509", "-noout", "-serial", "-in", path], program: "/usr/bin/env")
            serial = shown.output.trimmingCharacters(in: .whitespacesAndNewlines)
                .replacingOccurrences(of: "serial=", with: "")
        }
    }

    private func port(_ served: Served) throws -> String {
        try #require(served.address.split(separator: ":").last.map(String.init))
    }

    @Test("TLS 1.3 alone by default, HTTP/2 by ALPN, HTTP/1.1 where asked, and HSTS on every answer")
    func secure() throws {
        let command = try Command(), certificate = try Certificate(command.scratch, command)
        let tls = ["--tls-certificate", certificate.path, "--tls-key", certificate.key]
        let served = try Served(command, starting: Self.arguments + tls)
        #expect(served.address.hasPrefix("https://"))
        func version(_ options: String...) throws -> String {
            try command.run(
                ["curl", "-s", "--cacert", certificate.path, "-o", "/dev/null", "-w", "%{http_version}"] + options
                    + [served.address + "/health"], program: "/usr/bin/env"
            ).output
        }
        #expect(try version("--http2") == "2" && version("--http1.1") == "1.1" && version("--tlsv1.3") == "2")
        for maximum in ["1.0", "1.1", "1.2"] {
            #expect(try version("--tlsv1.0", "--tls-max", maximum) == "0", "TLS \(maximum)")
        }
        for path in ["/health", "/nowhere", "/status"] {
            let answer = try served.curl(["--cacert", certificate.path, served.address + path])
            #expect(
                answer.headers.lowercased().contains("strict-transport-security: max-age=31536000; includesubdomains"))
        }
        let load = try command.run(
            ["h2load", "-n", "2000", "-c", "10", "-m", "20", served.address + "/health"], program: "/usr/bin/env")
        #expect(load.output.contains("2000 succeeded, 0 failed, 0 errored, 0 timeout"), "\(load.output)")
        #expect(served.stop() == 0)

        let older = try Served(command, starting: Self.arguments + tls + ["--tls-1.2"])
        let twelve = try command.run(
            ["curl", "-s", "--cacert", certificate.path, "--tls-max", "1.2", older.address + "/health"],
            program: "/usr/bin/env")
        #expect(twelve.output == #"{"status":"ok"}"#)
        #expect(
            try command.run(
                [
                    "curl", "-s", "--cacert", certificate.path, "--tlsv1.0", "--tls-max", "1.1",
                    older.address + "/health",
                ],
                program: "/usr/bin/env"
            ).status != 0)
        #expect(older.stop() == 0)
        let wrong = try command("serve", "--tls-certificate", certificate.path)
        #expect(wrong.status != 0 && wrong.errors.contains("go together"), "\(wrong.errors)")
    }

    private static let arguments = [
        "serve", "--port", "0", "--json", "--drain-seconds", "1", "--grant-all",
    ]

    @Test("a new certificate is shown to new connections, by its files or SIGHUP, and no open one is dropped")
    func reload() throws {
        let command = try Command()
        let old = try Certificate(command.scratch, command), new = try Certificate(command.scratch, command)
        let path = command.scratch.folder("live.pem"), key = command.scratch.folder("live.key")
        func install(_ certificate: Certificate) throws {
            for (source, target) in [(certificate.path, path), (certificate.key, key)] {
                let other = target + ".new"
                try FileManager.default.copyItem(atPath: source, toPath: other)
                rename(other, target)
            }
        }
        try install(old)
        let served = try Served(command, starting: Self.arguments + ["--tls-certificate", path, "--tls-key", key])
        let client = try Conversation("tls_client.py", "127.0.0.1:\(try port(served))", old.path, new.path)
        #expect(try client.ask("show") == old.serial + " TLSv1.3" && client.ask("ask") == "200")
        try install(new)
        var shown = ""
        for _ in 0..<200 where !shown.hasPrefix(new.serial) {
            shown = try client.ask("show")
            usleep(100_000)
        }
        #expect(shown.hasPrefix(new.serial))
        #expect(try client.ask("ask") == "200", "the connection of before goes on")
        // What is no certificate changes nothing, and is said.
        try Data("rubbish".utf8).write(to: URL(fileURLWithPath: path))
        kill(served.started.process.processIdentifier, SIGHUP)
        let end = Date().addingTimeInterval(Command.limitSeconds)
        while !served.started.errorsSoFar.contains("the new certificate is not used"), Date() < end { usleep(50_000) }
        #expect(served.started.errorsSoFar.contains("the new certificate is not used"))
        #expect(try client.ask("show").hasPrefix(new.serial))
        try install(old)
        kill(served.started.process.processIdentifier, SIGHUP)
        shown = ""
        for _ in 0..<200 where !shown.hasPrefix(old.serial) {
            shown = try client.ask("show")
            usleep(20_000)
        }
        #expect(shown.hasPrefix(old.serial))
        client.end()
        #expect(served.stop() == 0)
    }

    @Test("restarts under load tear no answer: clients are told to go, and come back")
    func restarts() throws {
        let command = try Command()
        var served = try Served(command, starting: Self.arguments + ["--secure-mode", "off"])
        let port = try port(served)
        let client = try Conversation("restart_client.py", port, "8", "8")
        for _ in 0..<3 {
            usleep(1_200_000)
            #expect(served.stop() == 0)
            served = try Served(
                command, starting: ["serve", "--port", port, "--json", "--drain-seconds", "1", "--secure-mode", "off"])
        }
        let report = try JSONParser.parse(Array((try client.line()).utf8))
        #expect(report["torn"] == 0 && report["other"] == [], "\(report)")
        #expect((report["answered"]?.integerValue ?? 0) > 100 && (report["closed_by_answer"]?.integerValue ?? 0) > 0)
        #expect(served.stop() == 0)
    }

    @Test("the management port serves the host's health, and nothing else")
    func management() throws {
        let command = try Command()
        let served = try Served(command, starting: Self.arguments + ["--management-port", "0"])
        let line = try served.started.line(with: "management_address")
        let address = try #require(try JSONParser.parse(Array(line.utf8))["management_address"]?.stringValue)
        for (path, status) in [("/health", 200), ("/readyz", 200), ("/status", 404), ("/ws", 404), ("/v1/models", 404)]
        {
            #expect(try served.curl([address + path]).status == status, "\(path)")
        }
        #expect(served.stop() == 0)
    }

    @Test("500 slow clients of slowhttptest do not keep others waiting")
    func slow() throws {
        let command = try Command(), served = try Served(command, starting: Self.arguments)
        for mode in ["-H", "-B"] {
            let slow = try command.run(
                [
                    "slowhttptest", mode, "-c", "500", "-i", "1", "-r", "500", "-t", mode == "-H" ? "GET" : "POST",
                    "-u",
                    served.address + "/health", "-x", "8", "-p", "5", "-l", "8",
                ], program: "/usr/bin/env")
            #expect(slow.output.contains("service available:"), "\(slow.output)")
            #expect(!slow.output.contains("service available:   NO"), "\(slow.output.suffix(600))")
        }
        #expect(try served.get("/health").status == 200)
        #expect(served.stop() == 0)
    }

    @Test("nginx before it: TLS, sockets, event streams as they come, and clients' own addresses")
    func nginx() throws {
        let command = try Command(), certificate = try Certificate(command.scratch, command)
        let desk = try CompiledPlugin.desk.get()
        let served = try Served(command, desk: desk, "--trusted-proxy", "127.0.0.1", "--rate-limit", "address=6000/600")
        let shipped = Built.checkout.appendingPathComponent("scripts/deploy/nginx/bureau.conf")
        let listen = Int.random(in: 20_000...29_999)
        var site = try String(contentsOf: shipped, encoding: .utf8)
        for (text, other) in [
            ("server 127.0.0.1:8080;", "server 127.0.0.1:\(try port(served));"),
            ("listen 443 ssl http2;", "listen 127.0.0.1:\(listen) ssl http2;"),
            ("/etc/bureau/tls/fullchain.pem", certificate.path), ("/etc/bureau/tls/key.pem", certificate.key),
        ] {
            #expect(site.contains(text), "\(text)")
            site = site.replacingOccurrences(of: text, with: other)
        }
        let folder = command.scratch.path
        let configuration = """
            pid \(folder)/nginx.pid; error_log \(folder)/nginx.log; daemon off; master_process off;
            events { worker_connections 256; }
            http { access_log off; client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy;
            fastcgi_temp_path \(folder)/f; uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
            \(site) }
            """
        let path = try command.scratch.write(Array(configuration.utf8), to: "nginx.conf")
        let checked = try command.run(["-t", "-c", path, "-p", folder], program: "/usr/sbin/nginx")
        #expect(checked.status == 0, "\(checked.errors)")
        let nginx = try command.start(["-c", path, "-p", folder], program: "/usr/sbin/nginx")
        defer { nginx.process.terminate() }
        let address = "https://127.0.0.1:\(listen)"
        var status = 0
        for _ in 0..<100 where status != 200 {
            usleep(50_000)
            status = (try? served.curl(["--cacert", certificate.path, address + "/health"]).status) ?? 0
        }
        #expect(status == 200, "\((try? String(contentsOfFile: folder + "/nginx.log", encoding: .utf8)) ?? "")")
        let job = try #require(try served.post("/agents/desk/execute", Self.echo).json()["job_id"]?.stringValue)
        _ = try served.get("/jobs/\(job)/events")
        // A stream without an end: what is shown before curl gives up was not kept back.
        let stream = try command.run(
            [
                "curl", "-sN", "--cacert", certificate.path, "--max-time", "3",
                address + "/events/stream?topic=run.completed",
            ], program: "/usr/bin/env")
        #expect(stream.status == 28 && stream.output.contains("event: run.completed"), "\(stream)")
        let client = try Conversation("proxied_socket.py", "wss://127.0.0.1:\(listen)", certificate.path)
        let heard = try JSONParser.parse(Array((try client.line()).utf8))
        #expect(heard["metric"] == "system.memory" && (heard["heard"]?.arrayValue ?? []).contains("event"), "\(heard)")
        #expect(served.stop() == 0)
    }
}

/// A script of `Clients` that answers a line with a line.
private final class Conversation {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ script: String, _ arguments: String...) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Clients")
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", folder.appendingPathComponent(script).path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.runAlone()
    }

    func line() throws -> String {
        var bytes: [UInt8] = []
        while let byte = output.fileHandleForReading.readData(ofLength: 1).first, byte != UInt8(ascii: "\n") {
            bytes.append(byte)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func ask(_ question: String) throws -> String {
        input.fileHandleForWriting.write(Data((question + "\n").utf8))
        return try line()
    }

    func end() {
        input.fileHandleForWriting.closeFile()
        process.waitUntilExit()
    }
}
