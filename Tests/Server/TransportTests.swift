import Kernel
import Server
import Testing

@Suite("Addresses, proxies and pages")
struct TransportTests {
    @Test(
        "a network contains what it says",
        arguments: [
            ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.1", false), ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.0/25", "192.0.2.127", true), ("192.0.2.0/25", "192.0.2.128", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "::1", false),
        ])
    func blocks(block: String, address: String, isIn: Bool) throws {
        #expect(try #require(AddressBlock(block)).contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(
        "what is no network is none",
        arguments: ["", "10.0.0.0/33", "10.0.0.1/8", "10/8", "::1/129", "a/8", "10.0.0.0/08"])
    func noBlocks(text: String) { #expect(AddressBlock(text) == nil) }

    @Test("limits see one customer as one: an IPv6 /64, and an IPv4 address however it is written")
    func keys() {
        #expect(ClientAddress("2001:db8::1").limitKey == ClientAddress("2001:db8::ffff:1").limitKey)
        #expect(ClientAddress("2001:db8::1").limitKey != ClientAddress("2001:db8:0:1::1").limitKey)
        #expect(ClientAddress("::ffff:192.0.2.1").limitKey == ClientAddress("192.0.2.1").limitKey)
        #expect(ClientAddress("::ffff:127.0.0.1").isLoopback && ClientAddress("::1").isLoopback)
        #expect(!ClientAddress("192.0.2.1").isLoopback && !ClientAddress(nil).isLoopback)
    }

    private func trust(_ blocks: String..., field: ProxyTrust.Field = .xForwardedFor) -> ProxyTrust {
        ProxyTrust(proxies: blocks.compactMap { AddressBlock($0) }, field: field)
    }

    @Test("what a client says of its own way counts nothing")
    func untrusted() {
        for trust in [ProxyTrust(), trust("10.0.0.0/8")] {
            let origin = trust.origin(peer: "192.0.2.1", fields: ["127.0.0.1"], proto: "https")
            #expect(origin.address.text == "192.0.2.1" && !origin.cameByProxy && origin.scheme == nil)
        }
    }

    @Test(
        "the nearest address that is no proxy of ours is the client",
        arguments: [
            (["198.51.100.7"], "198.51.100.7"),
            // The client wrote the first itself.
            (["127.0.0.1, 198.51.100.7"], "198.51.100.7"), (["10.0.0.9", "198.51.100.7, 10.0.0.8"], "198.51.100.7"),
            (["2001:db8::1"], "2001:db8::1"), (["[2001:db8::1]:443"], "2001:db8::1"),
            (["198.51.100.7:81"], "198.51.100.7"),
            (["198.51.100.7, rubbish"], "10.0.0.1"), ([], "10.0.0.1"), (["unknown"], "10.0.0.1"),
        ])
    func chain(fields: [String], client: String) {
        let origin = trust("10.0.0.0/8").origin(peer: "10.0.0.1", fields: fields, proto: "https")
        #expect(origin.address.text == client && origin.cameByProxy && origin.scheme == "https")
    }

    @Test("RFC 7239's field is read where it is the trusted one")
    func forwarded() {
        let origin = trust("10.0.0.0/8", field: .forwarded).origin(
            peer: "10.0.0.1", fields: [#"for=192.0.2.60;proto=http, For="[2001:db8:cafe::17]:4711";Proto=HTTPS"#],
            proto: "http")
        #expect(origin.address.text == "2001:db8:cafe::17" && origin.scheme == "https")
    }

    @Test("pages: the host's own and the listed ones, and never null")
    func pages() {
        let rules = OriginRules(allowed: ["https://app.example.org"])
        #expect(rules.allows("https://app.example.org") && rules.allows("HTTPS://APP.example.org:443"))
        for evil in [
            "null", "https://app.example.org.evil.test", "http://app.example.org", "https://evil.test", "*", "",
        ] {
            #expect(!rules.allows(evil), "\(evil)")
            #expect(!rules.admits(evil, host: "bureau.test:8080", scheme: "http"), "\(evil)")
        }
        #expect(rules.admits("http://bureau.test:8080", host: "bureau.test:8080", scheme: "http"))
        #expect(!rules.admits("http://bureau.test:8081", host: "bureau.test:8080", scheme: "http"))
        #expect(!rules.admits("http://bureau.test", host: nil, scheme: "http"))
        #expect(OriginRules(allowed: ["*"]).allows("https://any.test") && !OriginRules(allowed: ["*"]).allows("null"))
        for wrong in ["app.example.org", "https://a/b", "ftp://a", "https://", "https://a b"] {
            #expect(OriginRules.origin(wrong) == nil, "\(wrong)")
        }
    }
}

@Suite("How long a connection may take")
struct ConnectionRuleTests {
    private func at(_ seconds: Double) -> Tick { Tick(milliseconds: Int64(seconds * 1_000)) }
    private func rules() -> ConnectionRules { ConnectionRules(.init(), at: at(0)) }

    @Test("a head has ten seconds from the connection's start, however it drips")
    func head() {
        var rules = rules()
        for second in 1..<10 { rules.bytesCame(at: at(Double(second))) }
        #expect(rules.check(at: at(9.9)) == .keep(until: at(10)))
        #expect(rules.check(at: at(10)) == .timeout)
    }

    @Test("between requests there is a minute, and the next head has its own ten seconds")
    func idle() {
        var rules = rules()
        rules.headCame(at: at(1))
        rules.requestEnded(at: at(1))
        rules.answered(at: at(2))
        #expect(rules.isIdle && rules.check(at: at(61.9)) == .keep(until: at(62)))
        #expect(rules.check(at: at(62)) == .close)
        rules.bytesCame(at: at(50))
        #expect(!rules.isIdle && rules.check(at: at(59)) == .keep(until: at(60)))
        #expect(rules.check(at: at(60)) == .timeout)
    }

    @Test("a body must come at 1 KiB a second on the average, of the time in which the host asked for it")
    func body() {
        var slow = rules()
        slow.headCame(at: at(0))
        slow.waits(true, at: at(0))
        slow.bodyCame(bytes: 1_024)
        #expect(slow.check(at: at(5)) != .timeout)
        #expect(slow.check(at: at(6.5)) == .timeout)
        var busy = rules()
        busy.headCame(at: at(0))
        // The host's own slowness is not the client's.
        #expect(busy.check(at: at(60)) != .timeout)
        #expect(busy.check(at: at(120)) == .timeout)
    }

    @Test("who takes nothing of an answer is cut off, and who takes it is not")
    func stalled() {
        var rules = rules()
        rules.headCame(at: at(0))
        rules.requestEnded(at: at(0))
        rules.stalled(true, at: at(1))
        #expect(rules.check(at: at(30.9)) == .keep(until: at(31)))
        rules.stalled(false, at: at(30.9))
        rules.stalled(true, at: at(31))
        #expect(rules.check(at: at(60)) == .keep(until: at(61)))
        #expect(rules.check(at: at(61)) == .close)
    }

    @Test("who takes a part now and then is not cut off")
    func progress() {
        var rules = rules()
        rules.headCame(at: at(0))
        rules.requestEnded(at: at(0))
        rules.stalled(true, at: at(1))
        rules.progressed(at: at(25))
        #expect(rules.check(at: at(54)) == .keep(until: at(55)))
        #expect(rules.check(at: at(55)) == .close)
        // Nothing waits: there is nothing to take.
        rules.stalled(false, at: at(56))
        rules.progressed(at: at(57))
        #expect(rules.check(at: at(58)) == .keep(until: at(118)))
    }

    @Test("a slow answer is the host's own affair, and after the last one the client has two seconds to go")
    func ending() {
        var rules = rules()
        rules.headCame(at: at(0))
        rules.requestEnded(at: at(0))
        guard case .keep = rules.check(at: at(1_000)) else {
            Issue.record("cut off while the host was working")
            return
        }
        rules.answered(at: at(1_000))
        rules.ended(at: at(1_000))
        #expect(rules.check(at: at(1_002)) == .close)
    }
}
