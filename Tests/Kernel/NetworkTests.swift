import Kernel
import Testing

@Suite("Where a fetch may go")
struct NetworkTests {
    /// The IANA IPv4 and IPv6 special-purpose address registries, by their RFCs, with the edges of each block.
    static let special = [
        "0.0.0.0", "0.255.255.255",  // RFC 791
        "10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.0.1",  // RFC 1918
        "100.64.0.0", "100.127.255.255",  // RFC 6598
        "127.0.0.1", "127.255.255.255",  // RFC 1122
        "169.254.0.0", "169.254.169.254",  // RFC 3927
        "192.0.0.8", "192.0.0.170",  // RFC 7600, RFC 7050
        "192.0.2.1", "198.51.100.1", "203.0.113.255",  // RFC 5737
        "192.88.99.1",  // RFC 7526
        "198.18.0.0", "198.19.255.255",  // RFC 2544
        "224.0.0.1", "239.255.255.255",  // RFC 5771
        "240.0.0.1", "255.255.255.255",  // RFC 1112, RFC 919
        "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",  // RFC 4291
        "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b:1::1",  // RFC 6052, RFC 8215
        "100::1", "100:0:0:1::1",  // RFC 6666, RFC 9780
        "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",  // RFC 4380
        "2001:2::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::",  // RFC 5180, RFC 4843, RFC 7343, RFC 2928
        "2001:db8::1", "3fff:fff::1",  // RFC 3849, RFC 9637
        "2002:7f00:1::", "2002:808:808::1",  // RFC 3056
        "5f00::1",  // RFC 9602
        "fc00::1", "fdff::1",  // RFC 4193
        "fe80::1", "febf::1", "fec0::1",  // RFC 4291, RFC 3879
        "ff02::1", "4000::1", "e000::1",  // RFC 4291
    ]

    @Test("no address of a special-purpose block is global", arguments: special)
    func specialPurpose(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.scope != .global)
    }

    @Test(
        "the addresses beside those blocks are",
        arguments: [
            "1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
            "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.88.98.1",
            "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "8.8.8.8",
            "2000::1", "2001:200::1", "2001:db7::1", "2001:db9::1", "2003::1", "2606:4700::1111", "3ffe::1",
            "3fff:1000::1", "64:ff9b::8.8.8.8",
        ])
    func global(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(address.scope == .global)
    }

    @Test(
        "an address has one spelling in IPv4 and the usual ones in IPv6",
        arguments: [
            "127.1", "127.0.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "017700000001", "0177.0.0.1", "127.0.0.01",
            "256.0.0.1", "1.2.3.4.5", "1.2.3", "", "1.2.3.4 ", "+1.2.3.4", "1..2.3", "１.2.3.4",
            ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "fe80::1%eth0", "::1.2.3", "1.2.3.4::",
            "::ffff:1.2.3.4:5", "1:2:3:4:5:6:7:8::", "g::",
        ])
    func oddAddresses(text: String) { #expect(IPAddress(text) == nil) }

    @Test("an address is written as RFC 5952 says, and reads back")
    func spelling() throws {
        for (text, written) in [
            ("2001:0db8:0:0:0:0:2:1", "2001:db8::2:1"), ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"), ("::", "::"), ("1::", "1::"), ("::FFFF:1.2.3.4", "::ffff:102:304"),
            ("192.0.2.1", "192.0.2.1"),
        ] {
            let address = try #require(IPAddress(text))
            #expect(address.description == written)
            #expect(IPAddress(written) == address)
        }
    }

    @Test(
        "a URL that readers take differently is refused",
        arguments: [
            "", "example.org", "//example.org/", "file:///etc/passwd", "gopher://example.org/", "ftp://example.org/",
            "https:example.org", "https:/example.org", "https://", "https:///path", "https://user@example.org/",
            "https://user:secret@example.org/", "https://example.org@127.0.0.1/", "http://a\\@127.0.0.1/",
            "https://example.org\\.evil.example/", "https://exa mple.org/", "https://example.org/a b",
            "https://example.org/\r\nHost: evil", "https://example.org/\t", "https://example.org/\u{0}",
            "https://2130706433/", "https://0x7f.1/", "https://017700000001/", "https://127.1/", "https://0/",
            "https://1.2.3.4.5/", "https://example.0x1/", "https://localhost./", "https://example..org/",
            "https://-a.example/", "https://a-.example/", "https://ab--c.example/", "https://ex%61mple.org/",
            "https://bücher.example/", "https://１２７.0.0.1/", "https://example.org:/", "https://example.org:0/",
            "https://example.org:080/", "https://example.org:65536/", "https://example.org:443:443/",
            "https://[::1/", "https://[::1%25eth0]/", "https://[127.0.0.1]/", "https://::1/", "https://[::1]x/",
        ])
    func oddURLs(text: String) { #expect(throws: Failure.self) { try FetchURL(text) } }

    @Test("what is read keeps its meaning: lower-case host, default port, no fragment, no dots")
    func urls() throws {
        for (text, written) in [
            ("HTTPS://Example.ORG", "https://example.org/"),
            ("https://example.org:443/a?b#c", "https://example.org/a?b"),
            ("https://example.org:8443/", "https://example.org:8443/"),
            ("http://example.org:80/", "http://example.org/"),
            ("https://example.org/a/./b/../c", "https://example.org/a/c"),
            ("https://example.org/../..", "https://example.org/"),
            ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example/"),
            ("https://[2606:4700:0:0::1111]/", "https://[2606:4700::1111]/"),
            ("https://example.org?q=1", "https://example.org/?q=1"),
        ] {
            #expect(try FetchURL(text).description == written)
        }
    }

    @Test("a reference is resolved as RFC 3986 §5.4 says")
    func references() throws {
        let base = try FetchURL("https://a.example/b/c/d?q")
        for (reference, written) in [
            ("g", "/b/c/g"), ("./g", "/b/c/g"), ("g/", "/b/c/g/"), ("/g", "/g"), ("?y", "/b/c/d?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d?q"), ("g#s", "/b/c/g"), ("", "/b/c/d?q"), (".", "/b/c/"), ("..", "/b/"), ("../g", "/b/g"),
            ("../../g", "/g"), ("../../../g", "/g"), ("g;x=1/../y", "/b/c/y"),
        ] {
            #expect(try base.resolve(reference).description == "https://a.example" + written)
        }
        #expect(try base.resolve("//g.example").description == "https://g.example/")
        #expect(try base.resolve("http://g.example/x").description == "http://g.example/x")
        #expect(throws: Failure.self) { try base.resolve("javascript:alert(1)") }
        #expect(throws: Failure.self) { try base.resolve("https://u@g.example/") }
    }

    @Test("a pattern matches its host and port, and nothing beside")
    func patterns() throws {
        func matches(_ pattern: String, _ url: String) throws -> Bool {
            let url = try FetchURL(url)
            return try HostPattern(pattern).matches(url.host, port: url.port, defaultPort: url.scheme.defaultPort)
        }
        #expect(try matches("example.org", "https://EXAMPLE.org/"))
        #expect(try matches("Example.org:8443", "https://example.org:8443/"))
        #expect(try matches("*.example.org", "https://a.b.example.org/"))
        #expect(try matches("*", "https://anything.example/"))
        #expect(try matches("[::1]:8080", "http://[0:0::1]:8080/"))
        for (pattern, url) in [
            ("example.org", "https://www.example.org/"), ("example.org", "https://example.org.evil.example/"),
            ("example.org", "https://example.org:22/"), ("*.example.org", "https://example.org/"),
            ("*.example.org", "https://badexample.org/"), ("*", "https://example.org:22/"),
            ("example.org:8443", "https://example.org/"),
        ] {
            #expect(try !matches(pattern, url), "\(pattern) must not match \(url)")
        }
        for text in ["", "*.org", "a*", "*a.example", "example.org:", "example.org:99999", "https://a.example", "a/b"] {
            #expect(throws: HostNameError.self) { try HostPattern(text) }
        }
    }
}

@Suite("A fetch's hops")
struct FetchHopTests {
    private func hop(_ method: String, _ url: String = "https://a.example/x") throws -> FetchHop {
        FetchHop(
            url: try FetchURL(url), method: method,
            headers: [
                HTTPHeader(name: "authorization", value: "secret"),
                HTTPHeader(name: "content-type", value: "text/plain"),
                HTTPHeader(name: "accept", value: "*/*"),
            ], body: [1])
    }

    @Test("methods change as RFC 9110 §15.4 says, and the body with them")
    func methods() throws {
        for (status, method, next) in [
            (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (303, "PUT", "GET"),
            (303, "HEAD", "HEAD"),
            (307, "POST", "POST"), (308, "PUT", "PUT"), (301, "PUT", "PUT"), (302, "GET", "GET"),
        ] {
            let following = try #require(try hop(method).following(status: status, location: "/y"))
            #expect(following.method == next)
            #expect(following.body.isEmpty == (next != method))
            #expect(following.headers.contains { $0.name == "authorization" })
            #expect(following.url.description == "https://a.example/y")
        }
        for status in [200, 204, 300, 304, 305, 404] {
            #expect(try hop("GET").following(status: status, location: "/y") == nil)
        }
        #expect(try hop("GET").following(status: 302, location: nil) == nil)
    }

    @Test("credentials stay with the host they were for; another port or scheme is another host")
    func credentials() throws {
        for location in ["https://b.example/", "https://a.example:8443/", "//sub.a.example/"] {
            let next = try #require(try hop("GET").following(status: 302, location: location))
            #expect(next.headers.map(\.name) == ["content-type", "accept"])
        }
    }

    @Test("from https to http, and a sixth redirect, are refused")
    func refused() throws {
        let downgrade = try #require(throws: Failure.self) {
            try hop("GET").following(status: 302, location: "http://a.example/")
        }
        #expect(downgrade.status == .denied)
        var current = try hop("GET")
        for _ in 0..<5 { current = try #require(try current.following(status: 302, location: "/again")) }
        #expect(throws: Failure.self) { try current.following(status: 302, location: "/again") }
    }

    @Test("a name that leads anywhere inside is refused as a whole; the operator may except what is private, no more")
    func addresses() throws {
        let pattern = try HostPattern("a.example")
        let url = try FetchURL("https://a.example/")
        let plain = FetchPolicy(asked: [pattern], granted: [pattern])
        let excepted = FetchPolicy(asked: [pattern], granted: [pattern], privateHosts: [pattern])
        let outside = try #require(IPAddress("8.8.8.8")), loopback = try #require(IPAddress("127.0.0.1"))
        let metadata = try #require(IPAddress("169.254.169.254"))
        #expect(try plain.vetted([outside], for: url) == [outside])
        #expect(try excepted.vetted([outside, loopback], for: url) == [outside, loopback])
        let refusal = try #require(throws: Failure.self) { try plain.vetted([outside, loopback], for: url) }
        #expect(refusal.status == .denied && refusal.message.contains("--allow-private-host a.example:443"))
        #expect(throws: Failure.self) { try excepted.vetted([metadata], for: url) }
        #expect(throws: Failure.self) { try plain.vetted([], for: url) }
    }

    @Test(
        "headers that frame, route or inject are refused",
        arguments: [
            #"{"Host":"evil.example"}"#, #"{"Content-Length":"5"}"#, #"{"Transfer-Encoding":"chunked"}"#,
            #"{"Connection":"close"}"#, #"{"Proxy-Authorization":"x"}"#, #"{"TE":"trailers"}"#, #"{"Upgrade":"h2c"}"#,
            #"{"a":"b\r\nHost: evil"}"#, #"{"a":"b\nc"}"#, #"{"a":"b\u0000"}"#, #"{"a b":"c"}"#, #"{"a:":"c"}"#,
            #"{"a\r\nb":"c"}"#, #"{"":"c"}"#, #"{"a":""}"#, #"{"a":1}"#, #"{"a":"1","A":"2"}"#, "[]", "{",
            #"{":path":"/"}"#,
        ])
    func headers(json: String) {
        let request = HTTPRequest(
            method: "GET", url: "https://a.example/", headers: Array(json.utf8), body: [], timeoutMilliseconds: nil,
            maximumResponseBytes: nil)
        #expect(throws: Failure.self) { try request.firstHop() }
    }

    @Test("methods that tunnel or echo are refused, and a GET has no body")
    func oddMethods() {
        for (method, body) in [
            ("CONNECT", []), ("TRACE", []), ("get", []), ("", []), ("GET\r\n", []), ("GET", [1]), ("HEAD", [1]),
        ] as [(String, [UInt8])] {
            let request = HTTPRequest(
                method: method, url: "https://a.example/", headers: [], body: body, timeoutMilliseconds: nil,
                maximumResponseBytes: nil)
            #expect(throws: Failure.self) { try request.firstHop() }
        }
    }
}
