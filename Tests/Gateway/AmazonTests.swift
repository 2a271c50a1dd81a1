import Gateway
import Kernel
import Testing

@Suite("Amazon's signature and event stream")
struct AmazonTests {
    private static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

    private func signature(_ headers: [(name: String, value: String)]) -> String? {
        headers.first { $0.name == "Authorization" }?.value.split(separator: "=").last.map(String.init)
    }

    /// `get-vanilla` and `get-vanilla-query-order-key-case` of AWS's test suite for Signature Version 4.
    @Test("requests of the published test suite have the published signatures")
    func published() {
        let signer = AmazonSignature(
            credentials: .init(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Self.secret), region: "us-east-1",
            service: "service")
        let time = Instant(unixMilliseconds: 1_440_938_160_000)
        let plain = signer.headers(method: "GET", host: "example.amazonaws.com", path: "/", body: [], at: time)
        #expect(signature(plain) == "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")
        let query = signer.headers(
            method: "GET", host: "example.amazonaws.com", path: "/", query: "Param1=value1&Param2=value2", body: [],
            at: time)
        #expect(signature(query) == "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500")
    }

    /// Signatures by botocore 1.43.11.
    @Test("a model id with a colon is encoded twice before it is signed, and a session token is signed too")
    func colon() {
        for (token, expected) in [
            (nil, "8ba3cdbd39a81d5b5400cbe7afa6e8d7ace8fd6570f2bb60be771f08756756a5"),
            ("TOKEN/1+2==", "1cfdca26e3a82619f1a0a634e9ee977ea0afeaa2b1380a5cae20c521ae37025e"),
        ] {
            let signer = AmazonSignature(
                credentials: .init(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Self.secret, sessionToken: token),
                region: "eu-central-1", service: "bedrock")
            let headers = signer.headers(
                method: "POST", host: "bedrock-runtime.eu-central-1.amazonaws.com",
                path: "/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream",
                headers: [("Content-Type", "application/json")], body: Array(#"{"messages":[]}"#.utf8),
                at: Instant(unixMilliseconds: 1_795_253_405_000))
            #expect(headers.first { $0.name == "x-amz-date" }?.value == "20261121T093005Z")
            #expect(headers.contains { $0.name == "x-amz-security-token" } == (token != nil))
            #expect(signature(headers) == expected)
        }
    }

    /// `{"foo":"bar"}` with one header, from the test vectors of `eventstream_rpc` (`payload_one_str_header`).
    private static let message = Hex.decode(
        "0000003d0000002007fd83960c636f6e74656e742d74797065070010617070"
            + "6c69636174696f6e2f6a736f6e7b27666f6f273a27626172277d8d9c08b1")

    @Test("a published message is read, however it is cut, and any changed byte is noticed")
    func frames() throws {
        let bytes = try #require(Self.message)
        let payload = Array("{'foo':'bar'}".utf8)
        for cut in bytes.indices {
            var parser = EventFrameParser()
            let frames = try parser.push(Array(bytes[..<cut])) + parser.push(Array(bytes[cut...]))
            #expect(frames.map(\.payload) == [payload], "cut at \(cut)")
        }
        for index in bytes.indices {
            var parser = EventFrameParser()
            var changed = bytes
            changed[index] ^= 1
            // A longer message than there is: it waits. Anything else is an error.
            let frames = try? parser.push(changed)
            #expect(frames == nil, "byte \(index)")
        }
    }
}
