import Kernel
import Testing

@Suite("Effect shape")
struct EffectShapeTests {
    /// Requests that all ask for something different; some are made to look alike when fields are run together.
    static let different: [EffectRequest] = [
        .step(shape: []), .step(shape: [1]), .step(shape: [1, 0]),
        .model(ModelRequest(model: "m", messages: [1])), .model(ModelRequest(model: "n", messages: [1])),
        .model(ModelRequest(model: "m", messages: [1], options: [2])),
        .model(ModelRequest(model: "m", messages: [1, 2])),
        .model(ModelRequest(model: "m", messages: [1], maximumOutputTokens: 0)),
        .model(ModelRequest(model: "m", messages: [1], maximumOutputTokens: 1)),
        .model(ModelRequest(model: "m", messages: [1], maximumCost: Nanodollars(1))),
        .tool(name: "ab", arguments: Array("c".utf8), timeoutMilliseconds: 1),
        .tool(name: "a", arguments: Array("bc".utf8), timeoutMilliseconds: 1),
        .http(http(method: "GET", body: [])), .http(http(method: "POST", body: [])),
        .http(http(method: "POST", body: [1])),
        .stateGet(key: "k"), .stateList(prefix: "k"), .artifactGet(digest: "k"),
        .statePut(key: "k", value: [], expectedRevision: nil), .statePut(key: "k", value: [], expectedRevision: 0),
        .statePut(key: "k", value: [0], expectedRevision: nil),
        .stateRemove(key: "k", expectedRevision: nil), .stateRemove(key: "k", expectedRevision: 2),
        .artifactPut(name: "n", mediaType: "t", bytes: []), .artifactPut(name: "", mediaType: "nt", bytes: []),
        .child(TaskReference(department: "a", task: "b"), input: []),
        .child(TaskReference(department: "b", task: "a"), input: []), .plan([]), .plan([1]),
        .message(department: "d", type: "t", payload: []), .message(department: "d", type: "", payload: [116]),
        .approval(ApprovalRequest(title: "t", body: "", content: [], expiresMilliseconds: nil)),
        .approval(ApprovalRequest(title: "", body: "t", content: [], expiresMilliseconds: nil)),
        .approval(ApprovalRequest(title: "t", body: "", content: [], expiresMilliseconds: 5)),
        .sleep(milliseconds: 1), .sleep(milliseconds: 2), .now, .random(count: 1), .random(count: 2),
        .budgetRemaining, .budgetReserve(Nanodollars(1)), .budgetReserve(Nanodollars(2)), .budgetRelease(ticket: 1),
        .auditNote(type: "a", json: []), .auditNote(type: "", json: [97]),
    ]

    static func http(method: String, body: [UInt8], timeout: UInt64? = nil) -> HTTPRequest {
        HTTPRequest(
            method: method, url: "https://example.org", headers: [], body: body, timeoutMilliseconds: timeout,
            maximumResponseBytes: nil)
    }

    @Test("different requests have different shapes, and every kind occurs")
    func distinct() {
        #expect(Set(Self.different.map(\.shape)).count == Self.different.count)
        #expect(Set(Self.different.map(\.kind)) == Set(EffectKind.allCases))
    }

    @Test("timeouts and chunk credit do not change the shape")
    func excluded() {
        let call = ModelRequest(model: "m", messages: [1])
        let hurried = ModelRequest(model: "m", messages: [1], timeoutMilliseconds: 5, chunkCredit: 9)
        #expect(EffectRequest.model(call).shape == EffectRequest.model(hurried).shape)
        #expect(
            EffectRequest.http(Self.http(method: "GET", body: [])).shape
                == EffectRequest.http(Self.http(method: "GET", body: [], timeout: 7)).shape)
        #expect(
            EffectRequest.tool(name: "t", arguments: [], timeoutMilliseconds: 1).shape
                == EffectRequest.tool(name: "t", arguments: [], timeoutMilliseconds: 2).shape)
    }

    /// Journals hold these digests: a change here would stop every open run at its next replay. The expected values
    /// are SHA-256 of the encodings written out by hand.
    @Test("the encoding is the documented one")
    func stable() {
        #expect(EffectRequest.now.shape == Digest.sha256(Array("bureau/shape/1/15\n".utf8)))
        let eight: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 1]
        #expect(
            EffectRequest.stateGet(key: "k").shape == Digest.sha256(Array("bureau/shape/1/4\n".utf8) + eight + [107]))
        #expect(
            EffectRequest.stateRemove(key: "k", expectedRevision: 1).shape
                == Digest.sha256(Array("bureau/shape/1/6\n".utf8) + eight + [107, 1] + eight))
    }
}
