import HTTPTypes
import Hummingbird
import Kernel

/// `"7-0f3a…"`: the revision of a thing, which changes are conditional on, and a digest of how it looks now, which also
/// moves with what the clock does to it.
enum EntityTag {
    private static func tag(_ revision: Int64, _ document: JSONValue) -> String {
        "\"\(revision)-\(Digest.sha256(document.bytes).hex.prefix(16))\""
    }

    /// 304 where the caller has it like this already.
    static func answer(
        _ document: JSONValue, revision: Int64, to call: APICall, status: HTTPResponse.Status = .ok
    ) -> Response {
        let tag = tag(revision, document)
        if call.request.method != .post, call.request.method != .put,
            list(call.request.headers[.ifNoneMatch]).contains(where: { $0 == tag || $0 == "*" || $0 == "W/\(tag)" })
        {
            return Response(status: .notModified, headers: [.eTag: tag, .cacheControl: "private, no-cache"])
        }
        var response = Response.json(document, status: status)
        response.headers[.eTag] = tag
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }

    /// The revision that a change was made for; nil: whatever it is.
    ///
    /// - Throws: 400 for what is no tag of this host.
    static func expected(_ call: APICall) throws -> Int64? {
        let tags = list(call.request.headers[.ifMatch])
        guard let first = tags.first, first != "*" else { return nil }
        let revision = first.dropFirst().split(separator: "-").first.flatMap { Int64($0) }
        guard tags.count == 1, first.hasPrefix("\""), let revision else {
            throw Problem(.badRequest, "invalid", "If-Match: give the one ETag that GET answered with")
        }
        return revision
    }

    /// 412 where a change failed because of the revision that the header named.
    static func mismatch(_ error: any Error, _ call: APICall) -> any Error {
        let problem = Problem(anything: error) { _ in }
        guard problem.status == .conflict, call.request.headers[.ifMatch] != nil else { return error }
        return Problem(.preconditionFailed, "precondition_failed", problem.detail)
    }

    private static func list(_ header: String?) -> [String] {
        header?.split(separator: ",").map { String($0.filter { $0 != " " }) } ?? []
    }
}
